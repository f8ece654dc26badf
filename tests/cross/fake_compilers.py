"""Compilers that run anywhere, and compile nothing, for builds of which something else is of interest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.wheel_samples import make_elf

if TYPE_CHECKING:
    from pathlib import Path

COMPILER = """#!/bin/sh
# A compiler that makes the same object of everything.
case "$*" in
*-dM*) printf '#define %s\\n' '__aarch64__ 1' '__LDBL_MANT_DIG__ 113' '__SIZEOF_LONG_DOUBLE__ 16' ;;
*-print-sysroot*) echo {none} ;;
*) echo gcc ;;
esac
while [ $# -gt 0 ]; do
    if [ "$1" = -o ]; then cp {object} "$2"; fi
    shift
done
"""
TOOLS = ("gcc", "g++", "ar", "ranlib", "strip", "nm", "ld")


def write_fake_compilers(directory: Path) -> str:
    """Write those for aarch64 into ``directory``, and return their prefix."""
    (directory / "none").mkdir(parents=True)
    (directory / "object").write_bytes(make_elf("aarch64"))
    for name in TOOLS:
        program = directory / f"aarch64-linux-gnu-{name}"
        program.write_text(COMPILER.format(none=directory / "none", object=directory / "object"))
        program.chmod(0o755)
    return str(directory / "aarch64-linux-gnu-")
