"""The files that Meson and CMake read; their effect is tested with real builds."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from crossbuild.native.cmake import toolchain_file
from crossbuild.native.meson import cross_file, is_meson_python, long_double_format, with_cross_files
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


def test_meson_python_is_recognised_behind_a_backend_in_the_tree() -> None:
    assert is_meson_python(["Cython", "meson_python >= 0.17"])
    assert not is_meson_python(["setuptools", "meson"])


def test_what_the_user_says_to_meson_comes_last_and_wins() -> None:
    settings = with_cross_files({"setup-args": "-Dblas=none", "x": "y"}, (Path("/cross.ini"), Path("/programs.ini")), 3)
    assert settings == {
        "setup-args": ["--cross-file=/cross.ini", "--cross-file=/programs.ini", "-Dblas=none"],
        "compile-args": ["-j3"],
        "x": "y",
    }


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
        config_scripts=[Path("/own/pg_config")],
    )
    parsed = configparser.ConfigParser()
    parsed.read_string(text)
    assert parsed["binaries"]["pkg-config"] == "'/own/pkg-config'"
    assert parsed["binaries"]["pg_config"] == "'/own/pg_config'"
    assert parsed["properties"]["pkg_config_libdir"] == "['/root/pkgconfig']"


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
    assert settings["CMAKE_FIND_ROOT_PATH"] == "/prefix;/root"
    assert settings["PKG_CONFIG_EXECUTABLE"] == "/own/pkg-config"
