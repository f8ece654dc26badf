"""The files that Meson and CMake read; their effect is tested with real builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossbuild.native.meson import is_meson_python, long_double_format, with_cross_file


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
    settings = with_cross_file({"setup-args": "-Dblas=none", "x": "y"}, Path("/cross.ini"), 3)
    assert settings == {
        "setup-args": ["--cross-file=/cross.ini", "-Dblas=none"],
        "compile-args": ["-j3"],
        "x": "y",
    }
