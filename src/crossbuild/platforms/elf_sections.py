"""What only the sections of an ELF file tell: no loader looks at them, and they may be stripped.

Sources: the System V gABI (section headers), and Arm's "Addenda to, and Errata in, the ABI for the Arm Architecture"
(build attributes).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.platforms.content import part_of
from crossbuild.platforms.elf_image import ElfImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crossbuild.platforms.content import Content

_WIDE = 64
_TABLE = {64: (40, "Q"), 32: (32, "I")}
"""Where the header says where the section headers are, and how."""
_COUNT = {64: 58, 32: 46}
"""Where it says how large one is, and how many there are."""
_SECTION = {64: "4xIQQQQ24x", 32: "4xIIIII16x"}
"""Type, flags, address, offset and size."""
_MOST_SECTIONS = 1 << 18
"""A large object file that was compiled with a section for each function has some ten thousand."""
_PROGBITS, _ARM_ATTRIBUTES = 1, 0x70000003
_ALLOC = 0x2
"""``SHF_ALLOC``: the section is in memory at run time."""
_LARGEST_ATTRIBUTES = 1 << 16
_OF_FILE = 1
"""``Tag_File``: the attributes are of all of the file."""
_COMPATIBILITY = 32
"""``Tag_compatibility``, which has a number and a text."""
_NAMES = frozenset((4, 5))
"""``Tag_CPU_raw_name`` and ``Tag_CPU_name``, which have texts; after 32, tags with odd numbers do."""
_LAST_OF_NUMBER = 0x7F


@dataclass(frozen=True, slots=True)
class Section:
    """A section header."""

    kind: int
    flags: int
    offset: int
    size: int
    """Bytes."""


def read_sections(image: ElfImage) -> Iterator[Section]:
    """Yield the section headers of ``image``; none if they were stripped. Raises ValueError for damage."""
    place, form = _TABLE[image.bits]
    (start,) = _unpack(image, form, place)
    size, count = _unpack(image, "HH", _COUNT[image.bits])
    section = struct.Struct(f"{image.order}{_SECTION[image.bits]}")
    if not start:
        return
    if size != section.size:
        raise ValueError("its section headers have another size than they must")
    # What is too large for the field is in the first header.
    count = count or section.unpack(image.content[start : start + size].ljust(size, b"\0"))[-1]
    if count > _MOST_SECTIONS:
        raise ValueError(f"it says that it has {count} sections")
    table = image.content[start : start + count * size]
    if len(table) < count * size:
        raise ValueError("its section headers are cut off")
    for kind, flags, _, offset, length in section.iter_unpack(table):
        yield Section(kind, flags, offset, length)


def loaded_data(content: Content) -> Iterator[Content]:
    """Yield the code and constants of the ELF file ``content``: neither symbols nor debug information.

    If its sections were stripped, all that is loaded. Raises ValueError if it is damaged.
    """
    image = ElfImage.from_content(content)
    sections = list(read_sections(image))
    places = ((one.offset, one.size) for one in sections if one.kind == _PROGBITS and one.flags & _ALLOC)
    loads = ((one.offset, one.size) for one in image.loads)
    for start, end in _merged(places if sections else loads):
        yield part_of(content, start, end - start)


def _merged(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what ``places``, offsets and sizes, cover: as starts and ends that do not overlap."""
    merged: list[tuple[int, int]] = []
    for start, size in sorted(places):
        first, end = merged.pop() if merged and start <= merged[-1][1] else (start, start)
        merged.append((first, max(end, start + size)))
    return merged


def arm_attributes(image: ElfImage) -> dict[int, int]:
    """Return the numbers among the build attributes of a file for 32-bit Arm, by tag. Raises ValueError for damage."""
    section = next((one for one in read_sections(image) if one.kind == _ARM_ATTRIBUTES), None)
    if section is None:
        return {}
    if section.size > _LARGEST_ATTRIBUTES:
        raise ValueError(f"its attributes have {section.size} bytes")
    content = image.content[section.offset : section.offset + section.size]
    found: dict[int, int] = {}
    # The first byte is the version of the format, A.
    for part in _parts(content[1:], image.order, head=0):
        vendor, _, scopes = part.partition(b"\0")
        for scope in _parts(scopes, image.order, head=1) if vendor == b"aeabi" else ():
            if scope[0] == _OF_FILE:
                found |= _Attributes(scope[5:]).numbers()
    return found


def _parts(content: bytes, order: str, *, head: int) -> Iterator[bytes]:
    """Yield the parts of ``content``, which begin with ``head`` bytes and their size; without ``head``, less that."""
    while content:
        (size,) = struct.unpack(f"{order}I", content[head : head + 4].ljust(4, b"\0"))
        if not head + 4 <= size <= len(content):
            raise ValueError("its attributes are damaged")
        yield content[:size] if head else content[4:size]
        content = content[size:]


class _Attributes:
    """A sequence of tags and values."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = 0

    def numbers(self) -> dict[int, int]:
        found: dict[int, int] = {}
        while self._place < len(self._content):
            tag = self._number()
            has_text = tag in _NAMES or (tag > _COMPATIBILITY and tag % 2 == 1)
            if not has_text:
                found[tag] = self._number()
            if has_text or tag == _COMPATIBILITY:
                self._pass_text()
        return found

    def _number(self) -> int:
        """Read a number in LEB128: seven bits a byte, the lowest first."""
        value = shift = 0
        while self._place < len(self._content):
            byte = self._content[self._place]
            self._place += 1
            value |= (byte & _LAST_OF_NUMBER) << shift
            shift += 7
            if byte <= _LAST_OF_NUMBER:
                return value
        raise ValueError("its attributes are cut off")

    def _pass_text(self) -> None:
        end = self._content.find(b"\0", self._place)
        if end < 0:
            raise ValueError("its attributes are cut off")
        self._place = end + 1


def _unpack(image: ElfImage, form: str, place: int) -> tuple[int, ...]:
    full = f"{image.order}{form}"
    content = image.content[place : place + struct.calcsize(full)]
    if len(content) < struct.calcsize(full):
        raise ValueError("its header is cut off")
    return struct.unpack(full, content)
