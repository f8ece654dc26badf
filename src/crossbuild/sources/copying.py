"""Copies of files: a large one keeps its holes, and shares its blocks with the original if the file system can."""

from __future__ import annotations

import errno
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SMALL = 1 << 20
"""Bytes. With fewer there is nothing to gain."""
_NOT_HERE = frozenset((errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM))
"""What the kernel answers where it cannot copy between two files by itself."""


def copy_file(path: Path, place: Path) -> None:
    """Copy ``path`` to ``place``, with its times and permissions."""
    size = path.stat().st_size
    if size < _SMALL:
        shutil.copy2(path, place)
        return
    with path.open("rb") as original, place.open("wb") as copy:
        for start, end in _parts(original.fileno(), size):
            done = start
            while done < end and (count := _copy_some(original.fileno(), copy.fileno(), done, end - done)):
                done += count
        copy.truncate(size)
    shutil.copystat(path, place)


def _parts(file: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield where each part of ``file`` that is not a hole starts and ends."""
    end = 0
    while end < size:
        try:
            start = os.lseek(file, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # the rest is a hole
                return
            raise
        end = os.lseek(file, start, os.SEEK_HOLE)
        yield start, end


def _copy_some(original: int, copy: int, start: int, count: int) -> int:
    """Copy up to ``count`` bytes to the same place in the other file; return how many."""
    try:
        return os.copy_file_range(original, copy, count, start, start)
    except OSError as error:
        if error.errno not in _NOT_HERE:
            raise
    os.lseek(copy, start, os.SEEK_SET)
    return os.sendfile(copy, original, start, count)
