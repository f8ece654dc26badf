"""Fortran: who compiles it for the host, who must not, and what a build says that had nobody for it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.advice.hints import compiler_lines
from crossbuild.advice.missing_files import Lack, lacks_in, program_lack
from crossbuild.errors import ToolchainError
from crossbuild.native.build_layout import BuildDirectory
from crossbuild.native.configscripts import read_absent_programs
from crossbuild.native.cross_path import write_host_programs
from crossbuild.platforms.platform import Platform
from crossbuild.toolchain.compile_record import RECORD_VARIABLE
from crossbuild.toolchain.find import find_toolchain
from crossbuild.toolchain.model import ToolchainRequest
from tests.no_zig import NO_ZIG
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.model import Toolchain

GNU = "aarch64-linux-gnu"
FORTRAN = Lack(kind="compiler", name="Fortran")

MESON = "../meson.build:1:0: ERROR: 'fortran' compiler binary not defined in cross file [binaries] section\n"
CMAKE = """\
-- The Fortran compiler identification is unknown
CMake Error at CMakeLists.txt:2 (project):
  No CMAKE_Fortran_COMPILER could be found.
"""
DISTUTILS = "error: library solve has Fortran sources but no Fortran compiler found\n"
SHELL = "/bin/sh: 1: gfortran: not found\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A directory with a GNU toolchain for the host and the build machine's own Fortran compilers."""
    directory = tmp_path / "machine"
    directory.mkdir()
    cross = [f"{GNU}-{tool}" for tool in ("gcc", "g++", "gfortran", "gfortran-12", "ar", "ranlib", "strip", "nm", "ld")]
    for name in (*cross, "gfortran", "f77", "gfortran-13"):
        program = directory / name
        program.write_text(f"#!/bin/sh\necho {name}\n")
        program.chmod(0o755)
    return directory


def find(path: Path, cache: Cache, tag: str = "linux_aarch64", **request: Any) -> Toolchain:
    return find_toolchain(
        Platform.from_tag(tag),
        request=ToolchainRequest(**request),
        recorded_cc="",
        sysroot=None,
        cache=cache,
        environ={"PATH": f"{path}:/usr/bin:/bin"},
        zig_source=NO_ZIG,
    )


def test_the_compiler_beside_the_others_is_taken(path: Path, cache: Cache) -> None:
    fc = find(path, cache).fc
    assert fc is not None
    assert fc[0] == str(path / f"{GNU}-gfortran")


@pytest.mark.parametrize(
    ("named", "name"),
    [({"fc": f"{GNU}-gfortran-12"}, f"{GNU}-gfortran-12"), ({"cc": f"{GNU}-gcc"}, f"{GNU}-gfortran")],
    ids=["fc", "cc"],
)
def test_a_named_compiler_makes_the_toolchain_a_gnu_one(
    named: dict[str, str], name: str, path: Path, cache: Cache
) -> None:
    toolchain = find(path, cache, "manylinux_2_28_aarch64", **named)
    assert toolchain.kind == "gnu"
    assert toolchain.fc is not None
    assert toolchain.fc[0] == str(path / name)


def test_a_toolchain_without_one_is_as_good_for_the_rest(path: Path, cache: Cache) -> None:
    (path / f"{GNU}-gfortran").unlink()
    toolchain = find(path, cache)
    assert (toolchain.kind, toolchain.fc) == ("gnu", None)


def test_a_named_compiler_that_is_not_there(path: Path, cache: Cache) -> None:
    with pytest.raises(ToolchainError) as caught:
        find(path, cache, fc="nosuch-gfortran")
    assert "nosuch-gfortran" in caught.value.what
    assert f"apt install gfortran-{GNU}" in caught.value.fix


def test_the_build_machines_own_are_not_asked(path: Path, tmp_path: Path) -> None:
    for name in ("host-bin", "record"):
        (tmp_path / name).mkdir()
    write_host_programs(
        BuildDirectory(path=tmp_path), make_host("linux_aarch64"), path=str(path), python=tmp_path / "python"
    )
    environ = {"PATH": f"{tmp_path / 'host-bin'}:{path}:/usr/bin:/bin", RECORD_VARIABLE: str(tmp_path / "record")}
    for name in ("gfortran", "f77", "gfortran-13"):
        command = ["/bin/sh", "-c", f"{name} --version"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (127, "")
        assert f"no {name} for the host" in done.stderr
    absent = read_absent_programs(tmp_path / "record")
    assert {program_lack(name, decisive=False) for name in absent} == {FORTRAN}


@pytest.mark.parametrize("said", [MESON, CMAKE, DISTUTILS, SHELL], ids=["Meson", "CMake", "distutils", "shell"])
def test_a_build_says_that_it_lacked_one(said: str) -> None:
    assert lacks_in(said) == (FORTRAN,)


@pytest.mark.parametrize(
    ("tag", "advice"),
    [
        ("linux_aarch64", "apt install gfortran-aarch64-linux-gnu g++-aarch64-linux-gnu"),
        ("linux_armv7l", "apt install gfortran-arm-linux-gnueabihf g++-arm-linux-gnueabihf"),
        ("manylinux_2_28_x86_64", "apt install gfortran-x86-64-linux-gnu g++-x86-64-linux-gnu"),
        ("musllinux_1_2_aarch64", "aarch64-linux-musl-gfortran"),
    ],
)
def test_what_to_install_depends_on_the_host(tag: str, advice: str) -> None:
    lacked, how = compiler_lines([FORTRAN], Platform.from_tag(tag))
    assert lacked == "Missing: a Fortran compiler for the host."
    assert advice in how
    assert "--fc" in how
