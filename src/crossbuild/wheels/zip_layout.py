"""Is a zip archive the same for every reader?

Some read it from its end, by the central directory; others from its beginning, by the header before each member. Where
the two differ, one installs what the other never saw. uv and PyPI refuse such archives.

Source: PKWARE's APPNOTE 6.3.10: 4.3.7 (local header), 4.3.9 (data descriptor), 4.4.3 (version).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Self

from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.zip_end import ArchiveEnd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile, ZipInfo

    from crossbuild.wheels.archive import WheelArchive

_LOCAL = struct.Struct("<4s5H3I2H")
_MAGIC = b"PK\3\4"
_NEWEST = 63
"""The version of the format that readers know, times ten."""
_FULL = {0xFFFF, 0xFFFFFFFF}
"""What stands in place of numbers that only fit into the wider fields."""
_DESCRIBED = 0x8
"""The flag of members whose sizes follow them."""
_DESCRIPTORS = (12, 16, 20, 24)
"""Bytes: with or without a signature, with sizes of 32 or 64 bits."""


def layout_problems(wheel: WheelArchive) -> Iterator[WheelFinding]:
    """Yield a problem for each way in which readers of ``wheel`` would differ."""
    with wheel.path.open("rb") as file:
        for fault in _faults(wheel.zip, file):
            yield WheelFinding(id="ambiguous-archive", file=wheel.path.name, text=fault)


def _faults(archive: ZipFile, file: IO[bytes]) -> Iterator[str]:
    if end := ArchiveEnd.from_file(file):
        yield from end.faults(archive, file)
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


@dataclass(frozen=True)
class _Local:
    """The header before a member."""

    magic: bytes
    version: int
    """Which version of the format a reader needs, times ten."""
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
        magic, version, flags, method, _, _, crc, compressed, uncompressed, name, extra = found
        return cls(magic, version, flags, method, crc, compressed, uncompressed, _LOCAL.size + name + extra)

    def difference(self, info: ZipInfo) -> str:
        """Return in what the directory's entry differs; zipfile itself compares the names."""
        if self.magic != _MAGIC:
            return "something else"
        if self.version > _NEWEST:
            return "a newer format"
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
