"""What stands for a part of a project that is not there: empty directories of submodules, and pointers of Git LFS.

Sources: gitmodules(5); the specification of Git LFS (pointer files).
"""

from __future__ import annotations

import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHECK_OUT = "Type: git submodule update --init --recursive"
PULL = "Type: git lfs pull"
"""What the user can do."""
_SUBMODULE = re.compile(r"^\s*path\s*=\s*\"?(?P<path>.+?)\"?\s*$", re.MULTILINE)
_POINTER = b"version https://git-lfs.github.com/spec/"
_POINTER_SIZE = 1024
"""Bytes that a pointer file is smaller than."""


def missing_submodules(top: Path) -> Iterator[str]:
    """Yield the paths of the submodules of the repository, or a copy of it, at ``top`` that are not checked out."""
    with suppress(OSError):
        text = (top / ".gitmodules").read_text(encoding="utf-8", errors="replace")
        for match in _SUBMODULE.finditer(text):
            directory = top / match["path"]
            if not (directory.is_dir() and any(directory.iterdir())):
                yield match["path"]


def missing_submodule(directory: Path) -> str:
    """Return the path of the submodule that ``directory`` is in if that is not checked out, else nothing."""
    places = (directory, *directory.parents)
    return next((path for top in places for path in missing_submodules(top) if top / path in places), "")


def is_pointer(file: Path) -> bool:
    """Return whether ``file`` holds no content, but where Git LFS has it."""
    with suppress(OSError):
        status = file.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_size < _POINTER_SIZE:
            with file.open("rb") as content:
                return content.read(len(_POINTER)) == _POINTER
    return False
