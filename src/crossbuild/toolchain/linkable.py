"""Libraries of a sysroot that a linker which knows no sysroot cannot follow, made so that it can.

Two kinds: linker scripts, such as glibc's ``libc.so`` or ncurses' ``libncurses.so``, whose absolute paths start from
the host's ``/``, and links to such paths. A linker that is told the sysroot puts it before the paths of the former (see
"INPUT" and "sysroot" in ld's manual); zig's is not, since zig brings its own libc.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from crossbuild.platforms.system_directories import library_directories
from crossbuild.system.rooted_paths import directories_in, follow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.platforms.platform import Platform

LIBRARIES_VARIABLE = "CROSSBUILD_LIBRARIES"
"""The environment variable that tells the compiler files (compiler.sh) the directory of such libraries."""

_LONGEST_SCRIPT = 1 << 16
"""Bytes; scripts have a few lines."""
_NOT_SCRIPTS = (b"\x7fELF", b"!<arch>", b"!<thin>")
_COMMAND = re.compile(r"\b(?:GROUP|INPUT)\s*\(")
# An `=` before a path stands for the sysroot (ld's manual, "INPUT").
_PATH = re.compile(r"(?<=[\s(,])=?(/[^\s(),;]+)")


def write_linkable_libraries(directory: Path, *, sysroot: Path, platform: Platform) -> None:
    """Put into ``directory`` a followable copy of, or link to, each library in ``sysroot`` that is not followable."""
    for place in directories_in(sysroot, library_directories(platform)):
        for library in _libraries(place):
            # A linker takes the first that it finds.
            file = directory / library.name
            if not os.path.lexists(file):
                _make_linkable(file, library, sysroot)


def _make_linkable(file: Path, library: Path, sysroot: Path) -> None:
    goal = _followed(library, sysroot)
    if goal is None or not goal.is_file():
        return
    if script := _script(goal):
        file.write_text(_with_sysroot(script, sysroot), encoding="utf-8")
    elif not (library.exists() and library.samefile(goal)):
        file.symlink_to(goal)


def _followed(path: Path, sysroot: Path) -> Path | None:
    """Return what ``path`` of ``sysroot`` leads to; None if that does not exist."""
    try:
        goal = follow(path, root=sysroot)
    except OSError:
        return None
    return goal if goal.exists() else None


def _libraries(directory: Path) -> Iterator[Path]:
    for pattern in ("lib*.so", "lib*.a"):
        yield from sorted(directory.glob(pattern))


def _script(library: Path) -> str:
    """Return the text of a linker script, or nothing for any other library."""
    with library.open("rb") as file:
        start = file.read(8)
        if start.startswith(_NOT_SCRIPTS):
            return ""
        text = (start + file.read(_LONGEST_SCRIPT)).decode("utf-8", "replace")
    return text if _COMMAND.search(text) else ""


def _with_sysroot(script: str, sysroot: Path) -> str:
    def replaced(match: re.Match[str]) -> str:
        return str(_followed(sysroot / match[1].lstrip("/"), sysroot) or match[0])

    return _PATH.sub(replaced, script)
