"""Real host Pythons in every form that they come in, each built for, and asked on the machine that it is of."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.build_python.discovery import BuildPython
from crossbuild.errors import HostError
from crossbuild.host.reading.sysconfigdata import read_variables_file
from tests.commands import PROJECTS
from tests.cross.wheelfiles import WheelFile
from tests.host.test_samples import facts_on
from tests.testbed import cpython
from tests.testbed.debian import debian_root, machine_architecture
from tests.testbed.debian_python import NEWEST, debian_python

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

OF_DEBIAN = (
    *("usr/bin/python3.11", "usr/include", "usr/lib/python3.11/_sysconfigdata*"),
    *("usr/lib/aarch64-linux-gnu/libc.so.6", "usr/lib/ld-linux-aarch64.so.1"),
)
"""As much of Debian's root as a build for its Python needs."""
DEBIAN_WHEEL = "setuptools_c-1.0-cp311-cp311-linux_aarch64.whl"
OF_MUSL = ("bin/python3.13", "include", "lib/python3.13/_sysconfigdata*", "lib/python3.13/lib-dynload")


@pytest.fixture
def asked(crossbuild: Crossbuild, tmp_path: Path) -> Callable[..., str]:
    """A function that builds a wheel for the host at a path, lets ``on`` import it, and returns the wheel's name.

    Its facts have to be those of ``on``: the sizes of its types, its byte order, its version.
    """

    def build(path: Path, *options: str | Path, on: HostRoot, build_python: Path | None = None) -> str:
        build_with = build_python or cpython.build_python(crossbuild.bed, on.version).executable
        common = ("--toolchain", "zig", "--build-python", build_with, "-w", tmp_path / "wheels")
        done = crossbuild("wheel", PROJECTS / "setuptools-c", *common, *options, host=str(path))
        assert done.returncode == 0, done.stderr
        (wheel,) = (tmp_path / "wheels").iterdir()
        assert list(WheelFile.from_path(wheel).machines.values()) == ["AARCH64 64 little"]
        told = facts_on(on, wheel, tmp_path)
        assert told["PY_VERSION"] == told["version"]
        return wheel.name

    return build


def partial_copy(root: Path, into: Path, patterns: tuple[str, ...]) -> Path:
    """Copy what is in ``root`` under the names of ``patterns``."""
    for source in (path for pattern in patterns for path in root.glob(pattern)):
        target = into / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target, follow_symlinks=False)
    return into


@pytest.mark.parametrize("name", [".", "python"])
def test_a_build_directory(name: str, bed: Bed, musl_aarch64: HostRoot, asked: Callable[..., str]) -> None:
    wheel = asked(cpython.musl_build_directory(bed) / name, "--sysroot", musl_aarch64.root, on=musl_aarch64)
    assert wheel.endswith("-cp313-cp313-musllinux_1_2_aarch64.whl")


def test_a_python_that_was_moved(musl_aarch64: HostRoot, tmp_path: Path, asked: Callable[..., str]) -> None:
    moved = partial_copy(musl_aarch64.root / "usr/local", tmp_path / "moved", OF_MUSL)
    assert asked(moved, on=musl_aarch64).endswith("-cp313-cp313-linux_aarch64.whl")


def test_a_store_that_is_linked_into_a_profile(
    musl_aarch64: HostRoot, tmp_path: Path, asked: Callable[..., str]
) -> None:
    root = tmp_path / "root"
    store, profile = root / "store/a1b2-python", root / "usr/local"
    partial_copy(musl_aarch64.root / "usr/local", store, OF_MUSL)
    partial_copy(musl_aarch64.root, root, ("lib",))
    headers = (str(file.relative_to(store)) for file in store.glob("include/python3.13/*"))
    for name in ("bin/python3.13", "lib/python3.13", *headers):
        (profile / name).parent.mkdir(parents=True, exist_ok=True)
        (profile / name).symlink_to(f"/store/a1b2-python/{name}")
    assert asked(profile, on=musl_aarch64).endswith("-cp313-cp313-musllinux_1_2_aarch64.whl")


COMPILE = "import py_compile, sys; py_compile.compile(sys.argv[1], sys.argv[1] + 'c', doraise=True)"


def test_bytecode_only(
    debian_arm64: HostRoot,
    build_python: Callable[[tuple[int, int]], BuildPython],
    tmp_path: Path,
    asked: Callable[..., str],
) -> None:
    root = partial_copy(debian_arm64.root, tmp_path / "root", OF_DEBIAN)
    for source in root.glob("usr/lib/python3.11/_sysconfigdata*.py"):
        subprocess.run([build_python((3, 11)).executable, "-c", COMPILE, source], check=True)
        source.unlink()
    assert asked(root / "usr/bin/python3.11", on=debian_arm64) == DEBIAN_WHEEL


def test_bytecode_of_the_newest_python(bed: Bed, tmp_path: Path) -> None:
    python = BuildPython.from_executable(debian_python(bed, NEWEST))
    own = python.stdlib / f"{python.sysconfigdata_name}.py"
    source = Path(shutil.copy(own, tmp_path))
    subprocess.run([python.executable, "-c", COMPILE, source], check=True)
    assert read_variables_file(source.with_suffix(".pyc")) == read_variables_file(own)


def test_one_of_several_sysconfigdata(
    debian_arm64: HostRoot, crossbuild: Crossbuild, tmp_path: Path, asked: Callable[..., str]
) -> None:
    root = partial_copy(debian_arm64.root, tmp_path / "root", OF_DEBIAN)
    own, link = sorted(root.glob("usr/lib/python3.11/_sysconfigdata*.py"), key=Path.is_symlink)
    link.unlink()
    other = own.with_name("_sysconfigdata_aarch64_conda_cos7_linux_gnu.py")
    other.write_text(own.read_text().replace("aarch64-linux-gnu-gcc", "aarch64-conda_cos7-linux-gnu-cc"))
    own = own.rename(own.with_name("_sysconfigdata_x86_64_conda_cos6_linux_gnu.py"))
    failed = crossbuild("host", "show", root / "usr")
    assert failed.returncode == HostError.exit_code
    assert all(said in failed.stderr for said in (str(own), str(other), "--sysconfigdata FILE"))
    assert asked(root / "usr", "--sysconfigdata", own, on=debian_arm64) == DEBIAN_WHEEL


@pytest.mark.matrix
def test_a_debug_python(bed: Bed, debian_arm64_debug: HostRoot, asked: Callable[..., str]) -> None:
    release = debian_arm64_debug
    debug = replace(release, python=release.python.with_name("python3.11d"))
    packages = ["python3.11-dbg", "libpython3.11-dev"]
    native = debian_root(bed, release.suite, machine_architecture(bed), packages) / "usr/bin/python3.11d"
    wheel = asked(release.python.with_name("python3.11-dbg"), on=debug, build_python=native)
    assert wheel == DEBIAN_WHEEL.replace("-cp311-cp311-", "-cp311-cp311d-")


@pytest.mark.matrix
def test_a_free_threaded_python(bed: Bed, asked: Callable[..., str]) -> None:
    host = cpython.musl_host(bed, "t")
    wheel = asked(host.python, on=host, build_python=cpython.native_python(bed, "t"))
    assert wheel.endswith("-cp313-cp313t-musllinux_1_2_aarch64.whl")
