"""Fortran: compiled by a GNU cross compiler, since zig has none.

Sources: CMake's CMakeDetermineFortranCompiler and autoconf's AC_PROG_FC, for what such compilers are called; Debian's
cross-toolchain-base packages, for what they are in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.toolchain.debian_packages import cross_packages

if TYPE_CHECKING:
    from crossbuild.platforms.platform import Platform

FORTRAN_COMPILER = re.compile(
    r"(?:gfortran|g77|g95|f77|f90|f95|flang|flang-new|lfortran|ifort|ifx|nvfortran|pgf(?:77|90|95)|pgfortran)(?:-[\d.]+)?"
)
"""What Fortran compilers for the machine that they run on are called."""


def how_to_get_fortran(platform: Platform) -> str:
    """Return what the user can do to have a Fortran compiler for ``platform``."""
    packages = cross_packages(platform, "gfortran", "g++")
    if not packages:
        program = f"{platform.gnu_type}-gfortran"
        return f"Build with GNU compilers, {program} among them, or name one with --fc; zig has no Fortran."
    return (
        f"Install on this machine: apt install {packages} (Debian and Ubuntu), and build with --toolchain gnu, "
        "since zig has no Fortran; or name one with --fc."
    )
