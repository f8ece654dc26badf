"""Putting directories and links into place, and taking them away, so that nobody ever sees a part of one."""

from __future__ import annotations

import ctypes
import glob
import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crossbuild.errors import UsageError
from crossbuild.system.interruption import ALL
from crossbuild.system.scratch import beside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def check_free(directory: Path) -> None:
    """Raise UsageError if something is at ``directory``, an empty directory aside."""
    if directory.is_dir() and not any(directory.iterdir()):
        return
    if os.path.lexists(directory):
        raise UsageError(
            f"{directory} is there already.",
            fix=f"Name another directory, or use `crossbuild sysroot add {directory} PACKAGE…`.",
        )


def point(link: Path, target: str) -> None:
    """Let ``link`` lead to ``target``, in one step."""
    link.parent.mkdir(parents=True, exist_ok=True)
    with beside(link) as scratch:
        (scratch / "link").symlink_to(target)
        (scratch / "link").replace(link)


@contextmanager
def replacing(directory: Path) -> Iterator[Path]:
    """Give an empty directory beside ``directory`` that takes its place at the end, in one step."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with beside(directory) as scratch:
        scratch.chmod(0o755)  # mkdtemp makes directories for one user only
        yield scratch
        with ALL.finishing():
            _exchange(scratch, directory)


def _exchange(scratch: Path, directory: Path) -> None:
    """Rename ``scratch`` to ``directory``; what was there gets the name of ``scratch`` (renameat2(2))."""
    if not directory.is_dir() or not any(directory.iterdir()):
        scratch.rename(directory)
        return
    # os.replace() refuses a directory that holds something, and two renames would leave a moment with nothing there.
    # Python's os has no renameat2.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(_AT_FDCWD, os.fsencode(scratch), _AT_FDCWD, os.fsencode(directory), _RENAME_EXCHANGE):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(directory))


def remove_trees(parent: Path, name: str, *, beginning: bool = False) -> None:
    """Remove the directory ``name`` in ``parent``, or all whose name begins so, and what a kill left of earlier ones.

    Each gets another name first: what a kill leaves of it does not look whole.
    """
    pattern = glob.escape(name) + ("*" if beginning else "")
    for directory in parent.glob(pattern):
        if directory.is_dir():
            directory.rename(tempfile.mkdtemp(prefix=f".{directory.name}.removed-", dir=parent))
    for doomed in parent.glob(f".{pattern}.removed-*"):
        shutil.rmtree(doomed)
