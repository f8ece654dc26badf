"""The content of a file: in memory, or in an open file of which only what is looked at is read."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from _typeshed import WriteableBuffer

_PIECE = 1 << 23
"""Bytes that are in memory at once."""


@dataclass(frozen=True, kw_only=True)
class StoredContent:
    """A part of an open file; a slice of it reads that from the file."""

    descriptor: int
    start: int
    size: int
    """Bytes."""

    @classmethod
    def from_file(cls, file: IO[bytes]) -> Self:
        """Return all that ``file`` holds, for as long as it is open."""
        return cls(descriptor=file.fileno(), start=0, size=os.fstat(file.fileno()).st_size)

    def __len__(self) -> int:
        """Return the size in bytes."""
        return self.size

    def __getitem__(self, part: slice) -> bytes:
        """Return the bytes of ``part``, whose step is 1."""
        start, stop, _ = part.indices(self.size)
        return os.pread(self.descriptor, max(stop - start, 0), self.start + start)


Content = bytes | StoredContent


def part_of(content: Content, start: int, size: int) -> Content:
    """Return ``size`` bytes of ``content``, or as many as there are; what is stored stays there."""
    if isinstance(content, bytes):
        return content[start : start + size]
    first = min(start, content.size)
    return StoredContent(
        descriptor=content.descriptor, start=content.start + first, size=min(size, content.size - first)
    )


def pieces(content: Content, *, overlap: int) -> Iterator[bytes]:
    """Yield ``content`` in pieces of a bounded size, each with the last ``overlap`` bytes of the one before."""
    for start in range(0, len(content), _PIECE):
        yield content[max(start - overlap, 0) : start + _PIECE]


def stream_of(content: Content) -> IO[bytes]:
    """Return ``content`` as a file that can be read."""
    return io.BytesIO(content) if isinstance(content, bytes) else io.BufferedReader(_Reader(content))


class _Reader(io.RawIOBase):
    """Reads stored content as a file, and leaves the place of the file alone."""

    def __init__(self, content: StoredContent) -> None:
        super().__init__()
        self._content = content
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: len(self._content)}[whence]
        if start + offset < 0:
            raise ValueError(f"negative seek position {start + offset}")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        read = self._content[self._place : self._place + len(view)]
        view[: len(read)] = read
        self._place += len(read)
        return len(read)
