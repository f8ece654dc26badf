"""Tools that a host's toolchain does not have: they fail by name, or the build machine's would be found next."""

from __future__ import annotations

import re
import shutil
from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.native.configscripts import write_refusal
from crossbuild.system.programs import directories_on, file_names
from crossbuild.toolchain.binutils import BINUTILS, how_to_get_binutils

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.toolchain.model import Toolchain

_RECORD = "missing-tools"
_COMPILER = re.compile(
    r"(?:gcc|g\+\+|c\+\+|cc|tcc|(?:(?:clang|gcc)-)?cpp|c89|c99|(?:c89|c99)-gcc|gcc-(?:ar|nm|ranlib))(?:-[\d.]+)?"
)
"""Matches what GCC's programs for the machine that they run on are called, with or without a version."""
_CLANG = re.compile(r"clang(?:\+\+)?(?:-[\d.]+)?")
_UNLESS_TOLD_ITS_TARGET = """\
case " $* " in
    *" -target "* | *" --target "* | *" --target="*) exec {real} "$@" ;;
    *" -"[cESo]*) ;;
    *) exec {real} "$@" ;;
esac
"""
"""Clang compiles for every machine, but has to be told for which. What compiles nothing is a question."""


def write_missing_tools(directory: Path, toolchain: Toolchain, compilers: Path, *, path: str) -> None:
    """Write into ``directory`` a program for each tool that the directory ``compilers`` of ``toolchain`` does not have.

    On the cross PATH, ``directory`` comes after ``compilers`` and before ``path``, the build machine's PATH. The
    programs say what is missing and how to get it, and record that.
    """
    there = set(file_names((compilers,)))
    missing = {name: how_to_get_binutils(toolchain) for name in BINUTILS}
    missing |= {f"{toolchain.platform.gnu_type}-{name}": why for name, why in missing.items()}
    for name in file_names(directories_on(path)):
        if _COMPILER.fullmatch(name) or _CLANG.fullmatch(name):
            missing[name] = "it compiles for the build machine. The host's compilers are called gcc and g++"
    # Without them, /usr/bin/objcopy would come next on PATH, which is for this machine's files.
    for name, why in missing.items():
        if name not in there:
            own = shutil.which(name, path=path)
            first = _UNLESS_TOLD_ITS_TARGET.format(real=quote(own)) if own and _CLANG.fullmatch(name) else ""
            write_refusal(directory / name, why, record=_RECORD, first=first)


def read_missing_tools(record: Path) -> tuple[str, ...]:
    """Return what builds were told of tools that the toolchain does not have, a sentence for each."""
    file = record / _RECORD
    return tuple(dict.fromkeys(file.read_text(encoding="utf-8").splitlines())) if file.exists() else ()
