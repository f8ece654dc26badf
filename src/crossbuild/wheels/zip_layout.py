"""Is a zip archive the same for every reader?

Some read it from its end, by the central directory; others from its beginning, by the header before each member. Where
the two differ, one installs what the other never saw. uv and PyPI refuse such archives.

Source: PKWARE's APPNOTE 6.3.10: 4.3.7 (local header), 4.3.9 (data descriptor), 4.3.14 to 4.3.16 (the end records).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Self

from crossbuild.wheels.findings import WheelFinding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile, ZipInfo

    from crossbuild.wheels.archive import WheelArchive

_LOCAL = struct.Struct("<4s5H3I2H")
_END = struct.Struct("<4s4H2IH")
_LOCATOR = struct.Struct("<4sIQI")
_WIDE_END = struct.Struct("<4sQ2H2I4Q")
_LOCAL_MAGIC, _END_MAGIC, _LOCATOR_MAGIC, _WIDE_MAGIC = b"PK\3\4", b"PK\5\6", b"PK\6\7", b"PK\6\6"
_LONGEST_COMMENT = 0xFFFF
_FULL = {0xFFFF, 0xFFFFFFFF}
"""What stands in place of numbers that only fit into the wider fields."""
_DESCRIBED = 0x8
"""The flag of members whose sizes follow them."""
_DESCRIPTORS = (12, 16, 20, 24)
"""Bytes: with or without a signature, with sizes of 32 or 64 bits."""


@dataclass(frozen=True, kw_only=True)
class _End:
    """The end of the central directory."""

    place: int
    """Where its first record is."""
    disks: tuple[int, ...]
    """Which disks its records are on, and which the directory begins on."""
    entries: tuple[int, int]
    """How many entries of the directory are on this disk, and how many on all."""
    size: int
    offset: int
    comment: bytes
    comment_size: int
    is_whole: bool = True
    """Whether there is a zip64 record where one is said to be."""

    @classmethod
    def from_file(cls, file: IO[bytes]) -> Self | None:
        """Find it as zipfile does; None if there is none."""
        size = file.seek(0, 2)
        start = max(0, size - _END.size - _LONGEST_COMMENT)
        file.seek(start)
        tail = file.read()
        found = len(tail) - _END.size if tail[-_END.size :].startswith(_END_MAGIC) else tail.rfind(_END_MAGIC)
        if found < 0 or len(tail) < found + _END.size:
            return None
        _, disk, first, here, all_, length, offset, comment = _END.unpack_from(tail, found)
        end = cls(
            place=start + found,
            disks=(disk, first),
            entries=(here, all_),
            size=length,
            offset=offset,
            comment=tail[found + _END.size :],
            comment_size=comment,
        )
        return end._widened(file)

    def _widened(self, file: IO[bytes]) -> Self:
        """Return it with the numbers of the zip64 record, if there is one."""
        place = self.place - _LOCATOR.size
        file.seek(max(0, place))
        magic, disk, offset, _ = _LOCATOR.unpack(file.read(_LOCATOR.size).ljust(_LOCATOR.size))
        if magic != _LOCATOR_MAGIC or place < 0:
            return self
        file.seek(min(offset, self.place))
        record = _WIDE_END.unpack(file.read(_WIDE_END.size).ljust(_WIDE_END.size))
        magic, _, _, _, *disks, here, all_, length, start = record
        if magic != _WIDE_MAGIC or offset + _WIDE_END.size != place:
            return replace(self, is_whole=False)
        return replace(self, place=offset, disks=(disk, *disks), entries=(here, all_), size=length, offset=start)


def layout_problems(wheel: WheelArchive) -> Iterator[WheelFinding]:
    """Yield a problem for each way in which readers of ``wheel`` would differ."""
    with wheel.path.open("rb") as file:
        for fault in _faults(wheel.zip, file):
            yield WheelFinding(id="ambiguous-archive", file=wheel.path.name, text=fault)


def _faults(archive: ZipFile, file: IO[bytes]) -> Iterator[str]:
    end = _End.from_file(file)
    if end is None:
        yield "it has no end that other readers find"
        return
    yield from _end_faults(end, archive)
    position = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        place, last = info.header_offset, position
        if place != last:
            yield (
                "two of its members overlap" if place < last else f"it has {place - last} bytes outside of its members"
            )
            return
        header = _Local.from_file(file, place)
        if fault := header.difference(info):
            yield f"the header of {info.filename!r} says {fault} than the directory"
            return
        position = place + header.size + info.compress_size + _descriptor(info, file, place + header.size)
    if position != archive.start_dir:
        yield "it has bytes between its members and their directory"


def _end_faults(end: _End, archive: ZipFile) -> Iterator[str]:
    if not end.is_whole:
        yield "its zip64 record is not where it says"
    elif any(end.disks) or any(info.volume for info in archive.infolist()):
        yield "it is one of several parts"
    elif end.entries != (len(archive.infolist()),) * 2:
        yield f"it says that it has {end.entries[1]} members, and has {len(archive.infolist())}"
    elif (end.offset, end.offset + end.size) != (archive.start_dir, end.place):
        yield "its directory is not where it says"
    if len(end.comment) != end.comment_size:
        yield "it has bytes behind its end" if len(end.comment) > end.comment_size else "its comment is cut off"


@dataclass(frozen=True)
class _Local:
    """The header before a member."""

    magic: bytes
    flags: int
    method: int
    crc: int
    compressed: int
    uncompressed: int
    size: int
    """Bytes of the header with all that belongs to it."""

    @classmethod
    def from_file(cls, file: IO[bytes], place: int) -> Self:
        file.seek(place)
        found = _LOCAL.unpack(file.read(_LOCAL.size).ljust(_LOCAL.size, b"\0"))
        magic, _, flags, method, _, _, crc, compressed, uncompressed, name, extra = found
        return cls(magic, flags, method, crc, compressed, uncompressed, _LOCAL.size + name + extra)

    def difference(self, info: ZipInfo) -> str:
        """Return in what the directory's entry differs; zipfile itself compares the names."""
        if self.magic != _LOCAL_MAGIC:
            return "something else"
        if self.flags != info.flag_bits:
            return "other flags"
        if self.method != info.compress_type:
            return "another compression"
        if self.flags & _DESCRIBED:
            return ""
        told = ((self.crc, info.CRC), (self.compressed, info.compress_size), (self.uncompressed, info.file_size))
        same = all(mine == other or (mine in _FULL and place) for place, (mine, other) in enumerate(told))
        return "" if same else "another check sum or size"


def _descriptor(info: ZipInfo, file: IO[bytes], start: int) -> int:
    """Return how many bytes follow a member that tell its size."""
    if not info.flag_bits & _DESCRIBED:
        return 0
    file.seek(start + info.compress_size)
    found = file.read(max(_DESCRIPTORS))
    sizes = {12: "<3I", 16: "<4x3I", 20: "<I2Q", 24: "<4xI2Q"}
    wanted = (info.CRC, info.compress_size, info.file_size)
    return next((size for size, form in sizes.items() if len(found) >= size and _says(form, found, wanted)), 0)


def _says(form: str, found: bytes, wanted: tuple[int, ...]) -> bool:
    return struct.unpack_from(form, found) == wanted
