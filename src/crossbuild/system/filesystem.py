"""Files of this machine: written as a whole or not at all, written as programs, and identified by their content."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of what ``file`` holds, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_script(file: Path, body: str) -> Path:
    """Write the shell script ``body`` to ``file``, executable for every user under any umask. Return ``file``."""
    # Scripts name paths of this machine, and these are bytes in any encoding.
    file.write_text(f"#!/bin/sh\n{body}", encoding="utf-8", errors="surrogateescape")
    file.chmod(0o755)
    return file


def write_text(file: Path, text: str) -> None:
    """Write ``text`` to ``file``, never half of it unless that is a device or a pipe. Raises OSError for ``file``."""
    try:
        if _is_stream(file):
            file.write_text(text, encoding="utf-8")
            return
        with replaced(file) as beside:
            beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from None


def check_writable(file: Path) -> None:
    """Raise OSError if :func:`write_text` could not write to ``file``; nothing changes."""
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    if not _is_stream(file):
        beside = _beside(file)
        beside.touch()
        beside.unlink()


def check_fillable(directory: Path) -> None:
    """Raise OSError if nothing could be put into ``directory``, which need not be there; nothing changes."""
    there = next(filter(_is_there, (directory.absolute(), *directory.absolute().parents)))
    with tempfile.TemporaryFile(dir=there):
        pass


def _is_there(place: Path) -> bool:
    # os.path.lexists would take a directory that may not be read for one that is not there.
    try:
        place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _is_stream(file: Path) -> bool:
    return file.exists() and not (file.is_file() or file.is_dir())


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.{os.getpid()}.tmp")


@contextmanager
def replaced(file: Path) -> Iterator[Path]:
    """Give a path beside ``file`` to write what replaces it then; if that fails or is killed, it is as it was.

    What processes left that were killed before is removed. Raises OSError.
    """
    for left_over in file.parent.glob(f".{escape(file.name)}.*.tmp"):
        if not Path("/proc", left_over.name.split(".")[-2]).exists():
            left_over.unlink(missing_ok=True)
    beside = _beside(file)
    try:
        yield beside
        # On the disk before it takes the name: a crash must not leave an empty file in place of the old one.
        with beside.open("rb") as stream:
            os.fsync(stream.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
