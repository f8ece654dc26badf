"""Extensions for hosts that a single file describes, run on them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.host.test_samples import facts_on

if TYPE_CHECKING:
    from tests.commands import BuiltWheels
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

DETAILS = "build-details..aarch64-linux-gnu.json"
VARIABLES = "_sysconfig_vars__linux_aarch64-linux-gnu.json"


def build(host: HostRoot, file: Path, wheels: BuiltWheels, compilers: Path) -> Path:
    """Build the sample extension for the host that ``file`` describes."""
    options = ("--toolchain", "gnu", *wheels.crossbuild.build_python_for(host.version))
    return wheels.sample("setuptools-c", *options, host=str(file), compilers=compilers)


def check(host: HostRoot, wheel: Path, directory: Path) -> None:
    """Let ``wheel`` tell ``host`` what it was compiled with."""
    tag = "cp{}{}".format(*host.version)
    assert wheel.stem.endswith(f"-{tag}-{tag}-linux_{host.architecture}")
    assert facts_on(host, wheel, directory)["PY_VERSION"].startswith("{}.{}.".format(*host.version))


@pytest.mark.parametrize("name", ["", DETAILS, VARIABLES])
def test_an_installed_python_by_any_of_its_files(
    name: str, forky_arm64: HostRoot, built_wheels: BuiltWheels, gnu_aarch64: Path, tmp_path: Path
) -> None:
    file = forky_arm64.root / "usr/lib/python3.14" / name if name else forky_arm64.python
    check(forky_arm64, build(forky_arm64, file, built_wheels, gnu_aarch64), tmp_path)


@pytest.mark.parametrize("name", [DETAILS, VARIABLES])
def test_a_file_of_python_3_14_alone(
    name: str, forky_arm64: HostRoot, built_wheels: BuiltWheels, gnu_aarch64: Path, tmp_path: Path
) -> None:
    file = Path(shutil.copy(forky_arm64.root / "usr/lib/python3.14" / name, tmp_path))
    check(forky_arm64, build(forky_arm64, file, built_wheels, gnu_aarch64), tmp_path / "site")


def test_build_variables_of_32_bits_alone(
    debian_armhf: HostRoot, built_wheels: BuiltWheels, gnu_armhf: Path, tmp_path: Path
) -> None:
    file = lone_sysconfigdata(debian_armhf, tmp_path)
    check(debian_armhf, build(debian_armhf, file, built_wheels, gnu_armhf), tmp_path / "site")


def test_build_variables_with_headers_beside_them(
    debian_armhf: HostRoot, built_wheels: BuiltWheels, gnu_armhf: Path, tmp_path: Path
) -> None:
    file = lone_sysconfigdata(debian_armhf, tmp_path)
    for name in ("python3.11", "arm-linux-gnueabihf/python3.11"):
        shutil.copytree(debian_armhf.root / "usr/include" / name, tmp_path / "include" / name)
    check(debian_armhf, build(debian_armhf, file, built_wheels, gnu_armhf), tmp_path / "site")


def test_a_build_python_of_another_patch_level(
    trixie_arm64: HostRoot, built_wheels: BuiltWheels, gnu_aarch64: Path, tmp_path: Path
) -> None:
    file = lone_sysconfigdata(trixie_arm64, tmp_path)
    check(trixie_arm64, build(trixie_arm64, file, built_wheels, gnu_aarch64), tmp_path / "site")


def lone_sysconfigdata(host: HostRoot, directory: Path) -> Path:
    """Copy the build variables of ``host``, and nothing else of it."""
    found = next((host.root / "usr/lib" / host.python.name).glob("_sysconfigdata__linux_*.py"))
    return Path(shutil.copy(found, directory))
