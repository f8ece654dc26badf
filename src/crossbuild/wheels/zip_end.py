"""The end of a zip archive: where its directory is, and how many members it lists.

Source: PKWARE's APPNOTE 6.3.10: 4.3.14 and 4.3.15 (the end of large archives), 4.3.16, 4.4.1.4 (which numbers the wider
ones replace).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile

_END = struct.Struct("<4s4H2IH")
_ENTRY = struct.Struct("<28x3H12x")
"""The lengths of an entry's name, extra fields and comment, which follow it."""
_LOCATOR = struct.Struct("<4sIQI")
_WIDE_END = struct.Struct("<4sQ2H2I4Q")
_END_MAGIC, _LOCATOR_MAGIC, _WIDE_MAGIC = b"PK\5\6", b"PK\6\7", b"PK\6\6"
_WIDE_SIZE = _WIDE_END.size - 12
"""Bytes of the wide record that its size counts; more of them would be extensions, which nobody uses."""
_LONGEST_COMMENT = 0xFFFF
_LIMITS = (*(0xFFFF,) * 4, *(0xFFFFFFFF,) * 2)
"""What stands in place of a number that only the wide record has room for."""


@dataclass(frozen=True, kw_only=True)
class ArchiveEnd:
    """The end of an archive."""

    place: int
    """Where its first record is."""
    numbers: tuple[int, ...]
    """Which disk it is on, and which the directory begins on; how many members are on this disk, and on all; how many
    bytes the directory has, and where it begins."""
    comment: bytes
    """All that follows."""
    comment_size: int
    """Bytes, as it says."""
    is_whole: bool = True
    """Whether there is a wide record where one is said to be, with the same numbers."""

    @classmethod
    def from_file(cls, file: IO[bytes]) -> Self | None:
        """Find it as zipfile does; None if there is none."""
        start = max(0, file.seek(0, 2) - _END.size - _LONGEST_COMMENT)
        file.seek(start)
        tail = file.read()
        found = len(tail) - _END.size if tail[-_END.size :].startswith(_END_MAGIC) else tail.rfind(_END_MAGIC)
        if found < 0 or len(tail) < found + _END.size:
            return None
        _, *numbers, comment_size = _END.unpack_from(tail, found)
        comment = tail[found + _END.size :]
        end = cls(place=start + found, numbers=tuple(numbers), comment=comment, comment_size=comment_size)
        return end._widened(file)

    def _widened(self, file: IO[bytes]) -> Self:
        """Return it with the numbers of the wide record, if there is one."""
        place = self.place - _LOCATOR.size
        if place < 0:
            return self
        magic, disk, offset, disks = _unpack(_LOCATOR, file, place)
        if magic != _LOCATOR_MAGIC:
            return self
        magic, size, _, _, *wide = _unpack(_WIDE_END, file, min(offset, place))
        told = zip(self.numbers, wide, _LIMITS, strict=True)
        same = all(narrow in {number, limit} for narrow, number, limit in told)
        right = (magic, size, offset, disk, disks) == (_WIDE_MAGIC, _WIDE_SIZE, place - _WIDE_END.size, 0, 1)
        return replace(self, place=offset, numbers=tuple(wide), is_whole=same and right)

    def faults(self, archive: ZipFile, file: IO[bytes]) -> Iterator[str]:
        """Yield where it differs from what zipfile made of ``archive``, which is in ``file``.

        These are clauses that follow the archive's name.
        """
        disk, first, here, all_, size, offset = self.numbers
        members = len(archive.infolist())
        if not self.is_whole:
            yield "its two ends have different numbers"
        elif disk or first or any(info.volume for info in archive.infolist()):
            yield "it is one of several parts"
        elif here != members or all_ != members:
            yield f"it says that it has {all_ if all_ != members else here} members, and has {members}"
        elif (offset, offset + size) != (archive.start_dir, self.place):
            yield "its directory is not where it says"
        elif not _fills(_directory(file, offset, size)):
            yield "the last entry of its directory is cut off"
        if len(self.comment) != self.comment_size:
            yield "it has bytes behind its end" if len(self.comment) > self.comment_size else "its comment is cut off"


def _unpack(form: struct.Struct, file: IO[bytes], place: int) -> tuple[Any, ...]:
    file.seek(place)
    return form.unpack(file.read(form.size).ljust(form.size, b"\0"))


def _directory(file: IO[bytes], offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def _fills(directory: bytes) -> bool:
    """Whether the entries of ``directory`` end where it does; zipfile takes what is there of the last one."""
    place = 0
    while place + _ENTRY.size <= len(directory):
        place += _ENTRY.size + sum(_ENTRY.unpack_from(directory, place))
    return place == len(directory)
