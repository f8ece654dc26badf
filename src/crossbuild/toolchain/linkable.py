"""Libraries of a sysroot that a linker which knows no sysroot cannot follow, made so that it can.

Two kinds: linker scripts, such as glibc's ``libc.so`` or ncurses' ``libncurses.so``, whose absolute paths start from
the host's ``/``, and links to such paths. A linker that is told the sysroot puts it before the paths of the former (see
"INPUT" and "sysroot" in ld's manual); zig's is not, since zig brings its own libc.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIBRARIES_VARIABLE = "CROSSBUILD_LIBRARIES"
"""The environment variable that tells the compiler files (compiler.sh) the directory of such libraries."""

_LONGEST_SCRIPT = 1 << 16
"""Bytes; scripts have a few lines."""
_NOT_SCRIPTS = (b"\x7fELF", b"!<arch>", b"!<thin>")
_COMMAND = re.compile(r"\b(?:GROUP|INPUT)\s*\(")
_PATH = re.compile(r"(?<=[\s(,])=?(/[^\s(),;]+)")
_MOST_LINKS = 40
"""As many symbolic links in a row as Linux follows; path_resolution(7)."""


def write_linkable_libraries(directory: Path, *, sysroot: Path, multiarch: str) -> None:
    """Put into ``directory`` a followable copy of, or link to, each library in ``sysroot`` that is not followable."""
    for place in (f"usr/lib/{multiarch}", "usr/lib", "usr/lib64"):
        for library in _libraries(sysroot / place):
            goal = within_sysroot(sysroot, library)
            file = directory / library.name
            if file.is_symlink() or file.exists() or not goal.is_file():
                continue
            if script := _script(goal):
                file.write_text(_with_sysroot(script, sysroot), encoding="utf-8")
            elif not library.exists():
                file.symlink_to(goal)


def within_sysroot(sysroot: Path, path: Path) -> Path:
    """Return what ``path`` leads to if links to absolute paths lead to files below ``sysroot``."""
    for _ in range(_MOST_LINKS):
        if not path.is_symlink():
            break
        goal = path.readlink()
        path = sysroot / goal.relative_to("/") if goal.is_absolute() else path.parent / goal
    return path


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
        file = within_sysroot(sysroot, sysroot / match[1].lstrip("/"))
        return str(file) if file.exists() else match[0]

    return _PATH.sub(replaced, script)
