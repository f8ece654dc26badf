"""Copies of files: they keep holes, and share blocks with the originals if the file system can do that."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SMALL = 1 << 20
"""Bytes. In fewer nobody leaves a hole that matters."""
_NOT_HERE = frozenset((errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM))
"""What the kernel answers where it cannot copy between two files by itself."""


def copy_file(path: Path, place: Path) -> None:
    """Copy ``path`` to ``place``, where nothing may be, with its times and permissions. Raises OSError."""
    with _opened(path, os.O_RDONLY) as original, _opened(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as copy:
        status = os.fstat(original)
        for start, end in _parts(original, status.st_size):
            done = start
            while done < end and (count := _copy_some(original, copy, done, end - done)):
                done += count
        os.ftruncate(copy, status.st_size)  # there may be a hole at the end
        os.fchmod(copy, stat.S_IMODE(status.st_mode))
        os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    file = os.open(path, flags, 0o600)
    try:
        yield file
    finally:
        os.close(file)


def _parts(file: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield where each part of ``file`` that is not a hole starts and ends."""
    if size < _SMALL:
        yield 0, size
        return
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
        # On some virtual file systems, Linux 5.3 to 5.18 copies nothing and reports success.
        if copied := os.copy_file_range(original, copy, count, start, start):
            return copied
    except OSError as error:
        if error.errno not in _NOT_HERE:
            raise
    os.lseek(copy, start, os.SEEK_SET)
    return os.sendfile(copy, original, start, count)
