"""The files that Meson and CMake read, and programs; their effect is tested with real builds."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
from pathlib import Path

import pytest

from crossbuild.native.cmake import toolchain_file, write_standard_libraries
from crossbuild.native.meson import cross_file, long_double_format
from crossbuild.native.pip_program import write_pip
from crossbuild.toolchain.compilers import Compilers
from tests.unit.wheel_samples import make_host


@pytest.mark.parametrize(
    ("digits", "size", "endian", "name"),
    [
        (113, 16, "little", "IEEE_QUAD_LE"),
        (113, 16, "big", "IEEE_QUAD_BE"),
        (53, 8, "little", "IEEE_DOUBLE_LE"),
        (64, 16, "little", "INTEL_EXTENDED_16_BYTES_LE"),
        (64, 12, "little", "INTEL_EXTENDED_12_BYTES_LE"),
        (106, 16, "little", "IBM_DOUBLE_DOUBLE_LE"),
    ],
)
def test_the_long_double_format_follows_the_compilers_macros(digits: int, size: int, endian: str, name: str) -> None:
    macros = {"__LDBL_MANT_DIG__": str(digits), "__SIZEOF_LONG_DOUBLE__": str(size)}
    assert long_double_format(macros, endian) == name


@pytest.mark.parametrize(
    "macros",
    [
        {},
        {"__SIZEOF_LONG_DOUBLE__": "16"},
        {"__LDBL_MANT_DIG__": "113"},
        {"__LDBL_MANT_DIG__": "24", "__SIZEOF_LONG_DOUBLE__": "4"},
        {"__LDBL_MANT_DIG__": "", "__SIZEOF_LONG_DOUBLE__": "(8 * 2)"},
    ],
)
def test_an_unknown_long_double_has_no_format(macros: dict[str, str]) -> None:
    assert long_double_format(macros, "little") == ""


def test_what_a_build_fetches_is_fetched_as_if_nothing_were_cross_compiled(tmp_path: Path) -> None:
    program = ["sh", "-c", 'echo "$@" CC="$CC" CFLAGS="${CFLAGS-unset}"', "pip"]
    native = {"PATH": os.environ["PATH"], "CC": "my cc"}
    hooks = {"CC": "/cross/gcc", "CFLAGS": "-march=armv7-a", "PATH": "/cross"}
    pip = write_pip(tmp_path, program, version="3.11", hooks=hooks, native=native)
    done = subprocess.run([pip, "wheel", "some thing"], env=hooks, capture_output=True, text=True, check=True)
    assert done.stdout == "wheel some thing CC=my cc CFLAGS=unset\n"
    assert {file.name for file in tmp_path.iterdir()} == {"pip", "pip3", "pip3.11"}


class Files:
    """The facts that the files are written from."""

    def __init__(self, directory: Path) -> None:
        cc = directory / "cc"
        cc.write_text("#!/bin/sh\necho '#define __LDBL_MANT_DIG__ 113'\necho '#define __SIZEOF_LONG_DOUBLE__ 16'\n")
        cc.chmod(0o755)
        self.compilers = Compilers(directory=directory, cc=cc, cxx=cc, ar=cc, ranlib=cc, strip=cc)
        self.host = make_host("linux_aarch64", sysroot=directory / "root")


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_meson_is_told_what_answers_for_the_host(files: Files) -> None:
    text = cross_file(
        files.host,
        files.compilers,
        python=Path("/python"),
        pkg_config=Path("/own/pkg-config"),
        libdirs=[Path("/root/pkgconfig")],
        cmake_toolchain=Path("/own/toolchain.cmake"),
        config_scripts=[Path("/own/pg_config")],
    )
    parsed = configparser.ConfigParser()
    parsed.read_string(text)
    assert parsed["binaries"]["pkg-config"] == "'/own/pkg-config'"
    assert parsed["binaries"]["pg_config"] == "'/own/pg_config'"
    assert parsed["binaries"]["cmake"] == "'cmake'"
    assert parsed["properties"]["pkg_config_libdir"] == "['/root/pkgconfig']"
    assert parsed["properties"]["cmake_toolchain_file"] == "'/own/toolchain.cmake'"
    assert parsed["cmake"]["CMAKE_SYSROOT"] == "''"


def test_cmake_finds_nothing_outside_the_roots(files: Files) -> None:
    text = toolchain_file(
        files.host,
        files.compilers,
        find_roots=(Path("/prefix"), Path("/root")),
        provider=Path("/provider.cmake"),
        pkg_config=Path("/own/pkg-config"),
    )
    settings = dict(re.findall(r'^set\((\w+) "(.*)"\)$', text, re.MULTILINE))
    modes = {settings[f"CMAKE_FIND_ROOT_PATH_MODE_{what}"] for what in ("LIBRARY", "INCLUDE", "PACKAGE")}
    assert modes == {"ONLY"}
    assert settings["CMAKE_FIND_ROOT_PATH"] == "/prefix;/root;${CMAKE_SOURCE_DIR};${CMAKE_BINARY_DIR}"
    assert settings["PKG_CONFIG_EXECUTABLE"] == "/own/pkg-config"


@pytest.mark.parametrize(("supplied", "start"), [(True, "!<arch>"), (False, "INPUT ( -lm )")])
def test_cmake_is_shown_files_for_the_parts_of_libc(*, supplied: bool, start: str, tmp_path: Path) -> None:
    root = write_standard_libraries(tmp_path / "libc", supplied=supplied)
    assert (root / "lib/libm.a").read_text() == f"{start}\n"
    assert {file.name for file in root.rglob("*") if file.is_file()} >= {"libdl.a", "libpthread.a"}


@pytest.mark.parametrize("runner", [None, Path("/own/run-on-host")])
def test_meson_and_cmake_start_the_hosts_programs_only_by_what_can(files: Files, runner: Path | None) -> None:
    text = toolchain_file(
        files.host,
        files.compilers,
        find_roots=(Path("/prefix"),),
        provider=Path("/provider.cmake"),
        pkg_config=Path("/own/pkg-config"),
        runner=runner,
    )
    emulators = re.findall(r'^set\(CMAKE_CROSSCOMPILING_EMULATOR "(.*)"\)$', text, re.MULTILINE)
    parsed = configparser.ConfigParser()
    parsed.read_string(
        cross_file(
            files.host,
            files.compilers,
            python=Path("/python"),
            pkg_config=Path("/own/pkg-config"),
            libdirs=[],
            cmake_toolchain=Path("/own/toolchain.cmake"),
            config_scripts=[],
            runner=runner,
        )
    )
    assert emulators == ([str(runner)] if runner else [])
    assert parsed["binaries"].get("exe_wrapper") == (f"'{runner}'" if runner else None)
