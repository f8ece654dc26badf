"""NumPy, the package that everybody asks for: built without a host Python, with one, and put through its own tests."""

from __future__ import annotations

import shlex
import subprocess
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from packaging.utils import parse_wheel_filename

from tests.host.packages import PACKAGES
from tests.testbed.hosts import run_on_host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from tests.commands import BuiltWheels
    from tests.testbed.hosts import HostRoot

pytestmark = [pytest.mark.host, pytest.mark.matrix, pytest.mark.xdist_group("numpy")]

OWN_TESTS = ("numpy.linalg", "numpy.fft", "numpy.random")


@pytest.fixture
def by_tag(built_wheels: BuiltWheels, debian_arm64: HostRoot) -> Path:
    """What README's first command builds: for a tag, with zig."""
    return built_wheels.build("numpy", "--python", "{}.{}".format(*debian_arm64.version), host="manylinux_2_28_aarch64")


@pytest.fixture
def by_sysroot(built_wheels: BuiltWheels, debian_arm64: HostRoot, gnu_aarch64: Path) -> Path:
    """For Debian's Python, with the GNU compiler that it recorded."""
    return built_wheels.build("numpy", "--toolchain", "gnu", host=debian_arm64, compilers=gnu_aarch64)


@pytest.mark.parametrize("way", ["by_tag", "by_sysroot"])
def test_it_computes_on_the_host(
    way: str, request: pytest.FixtureRequest, built_wheels: BuiltWheels, debian_arm64: HostRoot, tmp_path: Path
) -> None:
    site = built_wheels.unpacked(request.getfixturevalue(way), tmp_path)
    done = run_on_host(debian_arm64, PACKAGES["numpy"].smoke, site)
    assert done.returncode == 0, done.stderr


def test_both_ways_make_the_same_files(by_tag: Path, by_sysroot: Path) -> None:
    assert files(by_tag) == files(by_sysroot)
    assert any(name.endswith(".cpython-311-aarch64-linux-gnu.so") for name in files(by_tag))


def test_the_tags_say_what_was_asked_for(by_tag: Path, by_sysroot: Path) -> None:
    tags = {str(tag) for wheel in (by_tag, by_sysroot) for tag in parse_wheel_filename(wheel.name)[3]}
    assert tags == {"cp311-cp311-manylinux_2_28_aarch64", "cp311-cp311-linux_aarch64"}


def files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("host_name", ["debian_armhf", "trixie_riscv64"])
def test_it_computes_on_other_hosts(
    host_name: str, request: pytest.FixtureRequest, built_wheels: BuiltWheels, tmp_path: Path
) -> None:
    host: HostRoot = request.getfixturevalue(host_name)
    site = built_wheels.unpacked(built_wheels.build("numpy", host=host), tmp_path)
    done = run_on_host(host, PACKAGES["numpy"].smoke, site)
    assert done.returncode == 0, done.stderr


def test_its_own_tests_go_as_they_do_natively(
    by_tag: Path,
    built_wheels: BuiltWheels,
    debian_arm64: HostRoot,
    build_python: Callable[[tuple[int, int]], BuildPython],
    installed: Callable[..., Path],
    tmp_path: Path,
) -> None:
    # Newer releases of hypothesis hold machine code, and the host has no wheel of them.
    runner = installed("pytest", "hypothesis<6.140")
    native = installed(f"numpy=={by_tag.name.split('-')[1]}")
    cross = built_wheels.unpacked(by_tag, tmp_path / "site")
    here = own_tests([str(build_python(debian_arm64.version).executable)], [native, runner], tmp_path / "native")
    there = own_tests(debian_arm64.command, [cross, runner], tmp_path / "host")
    assert len(here) > 1000
    assert there.keys() == here.keys()
    assert failures(there) == failures(here)


# The tests start children by sys.executable, and the kernel can start no program of the host: so it is a script here.
MAIN = "import sys; sys.executable = sys.argv.pop(1); import pytest; sys.exit(pytest.main(sys.argv[1:]))"


def own_tests(python: list[str], sites: list[Path], directory: Path) -> dict[str, str]:
    """Run NumPy's own tests with ``python`` and return how each of them went."""
    directory.mkdir()
    executable, report = directory / "python", directory / "report.xml"
    executable.write_text(f'#!/bin/sh\nexec {shlex.join(python)} "$@"\n')
    executable.chmod(0o755)
    options = ["-q", "-p", "no:cacheprovider", f"--rootdir={sites[0]}", f"--junitxml={report}", "--pyargs", *OWN_TESTS]
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(map(str, sites)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(executable), "-c", MAIN, str(executable), *options]
    subprocess.run(command, env=environ, cwd=directory, check=False, capture_output=True)
    cases = ET.parse(report).iter("testcase")
    return {f"{case.get('classname')}.{case.get('name')}": outcome(case) for case in cases}


def failures(outcomes: dict[str, str]) -> list[str]:
    return sorted(name for name, outcome in outcomes.items() if outcome in {"failure", "error"})


def outcome(case: ET.Element) -> str:
    return next((kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None), "passed")
