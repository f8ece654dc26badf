"""An ELF file without what no loader reads: debugging data, and the symbols that only linkers and debuggers use.

As ``strip --strip-all`` does it, but for all machines alike: GNU's knows those that it was made for, zig has none, and
no two of them write the same file. Only the end of a file is laid out again: what is loaded keeps its place.

Sources: the System V gABI (section headers), the manual of GNU strip.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from crossbuild.platforms.elf_image import PT_LOAD, ElfImage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_HEADERS = {64: "IIQQQQIIQQ", 32: "IIIIIIIIII"}
_SEGMENTS = {64: (32, 8, "Q"), 32: (28, 4, "I")}
"""Where the header says where the segments are, where each of these says where it is, and how both say it."""
_TABLE = {64: (40, "Q"), 32: (32, "I")}
"""Where the header says where the section headers are, and how."""
_SIZES = {64: 58, 32: 46}
"""Where it says how large one is, how many there are, and which has the names."""
_SEGMENT_SIZE = {64: 56, 32: 32}
_LINKED = frozenset((2, 3))
"""``ET_EXEC`` and ``ET_DYN``."""
_SYMTAB, _STRTAB, _RELA, _NOBITS, _REL, _GROUP, _INDEXES = 2, 3, 4, 8, 9, 17, 18
_OF_LINKERS = frozenset((_SYMTAB, _STRTAB, _RELA, _REL, _GROUP, _INDEXES))
_ALLOC, _INFO_LINK = 0x2, 0x40
_DEBUGGING = re.compile(
    rb"\.z?debug.*|\.gdb_index|\.gnu_debug(?:link|altlink|data)|\.stab.*|\.line|\.gnu\.(?:debug)?lto_.*"
)
_ALIGNED = 8


@dataclass(frozen=True, kw_only=True)
class _Section:
    name: bytes
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    """Bytes."""
    link: int
    info: int
    alignment: int
    entry: int

    @property
    def end(self) -> int:
        """Where it ends in the file."""
        return self.offset + (self.size if self.kind != _NOBITS else 0)

    @property
    def is_loaded(self) -> bool:
        return bool(self.flags & _ALLOC)

    @property
    def is_for_loaders(self) -> bool:
        """Whether it stays: it is loaded, or tells of the file as a whole."""
        useless = self.kind in _OF_LINKERS or _DEBUGGING.fullmatch(self.name)
        return self.is_loaded or not useless


def stripped(content: bytes) -> bytes:
    """Return the library or program ``content`` without debugging data and static symbols.

    What has none is returned as it is; so are object files, files with data behind their end, and those that are laid
    out as no linker does it. Raises ValueError for damage.
    """
    image = ElfImage.from_content(content)
    sections = _read_sections(image, content) if image.kind in _LINKED else ()
    kept = [number for number, section in enumerate(sections) if section.is_for_loaders]
    # Symbols refer to sections by their numbers, so those that are loaded must keep theirs.
    loaded = [number for number in kept if sections[number].is_loaded]
    first = next((number for number, section in enumerate(sections) if not section.is_for_loaders), 0)
    if not first or max(loaded, default=0) > first or _has_more(image, content, sections):
        return content
    new = _Layout.of(image, content, sections).written([sections[number] for number in kept], kept)
    return new if len(new) < len(content) else content


def _read_sections(image: ElfImage, content: bytes) -> tuple[_Section, ...]:
    place, form = _TABLE[image.bits]
    (start,) = struct.unpack_from(image.order + form, content, place)
    size, count, named = struct.unpack_from(f"{image.order}HHH", content, _SIZES[image.bits])
    header = struct.Struct(image.order + _HEADERS[image.bits])
    if not start or not count:
        return ()
    table = content[start : start + count * header.size]
    if size != header.size or len(table) < count * header.size or named >= count:
        raise ValueError("its section headers are damaged")
    rows = list(header.iter_unpack(table))
    names = content[rows[named][4] : rows[named][4] + rows[named][5]]
    return tuple(
        _Section(
            name=names[row[0] : names.find(b"\0", row[0])],
            **dict(zip(("kind", "flags", "address", "offset", "size", "link", "info"), row[1:8], strict=True)),
            alignment=row[8],
            entry=row[9],
        )
        for row in rows
    )


def _has_more(image: ElfImage, content: bytes, sections: Sequence[_Section]) -> bool:
    """Whether something follows that no header knows, such as the data of a program that reads its own file."""
    place, form = _TABLE[image.bits]
    (start,) = struct.unpack_from(image.order + form, content, place)
    table = start + len(sections) * struct.calcsize(image.order + _HEADERS[image.bits])
    ends = (segment.offset + segment.size for segment in image.segments)
    return bool(content[max(table, *ends, *(section.end for section in sections)) :].strip(b"\0"))


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """What stays where it is, and the forms of what follows."""

    image: ElfImage
    content: bytes
    end: int
    """Where what is loaded ends."""

    @classmethod
    def of(cls, image: ElfImage, content: bytes, sections: Sequence[_Section]) -> Self:
        apart = {(one.offset, one.size) for one in sections if not one.is_loaded}
        (segments,) = struct.unpack_from(image.order + _SEGMENTS[image.bits][2], content, _SEGMENTS[image.bits][0])
        ends = [
            segments + len(image.segments) * _SEGMENT_SIZE[image.bits],
            *(one.end for one in sections if one.is_loaded),
            # RISC-V has a segment for a section that is not loaded.
            *(
                one.offset + one.size
                for one in image.segments
                if one.kind == PT_LOAD or (one.offset, one.size) not in apart
            ),
        ]
        return cls(image=image, content=content, end=max(ends))

    def written(self, kept: Sequence[_Section], numbers: Sequence[int]) -> bytes:
        """Return the file with the sections ``kept``, which had these ``numbers``."""
        new = bytearray(self.content[: self.end])
        moved = list(self._moved(kept, new))
        self._move_segments(new, dict(zip(kept, moved, strict=True)))
        names = _Names.of([*(one.name for one in moved), b".shstrtab"])
        start = len(new)
        new += names.table
        new += bytes(-len(new) % _ALIGNED)
        table = len(new)
        renumbered = {old: number for number, old in enumerate(numbers)}
        for section in moved:
            new += self._header(section, names, renumbered)
        new += self._header(_names_section(start, len(names.table)), names, {})
        place, form = _TABLE[self.image.bits]
        struct.pack_into(self.image.order + form, new, place, table)
        struct.pack_into(f"{self.image.order}HH", new, _SIZES[self.image.bits] + 2, len(moved) + 1, len(moved))
        return bytes(new)

    def _moved(self, kept: Sequence[_Section], new: bytearray) -> Iterator[_Section]:
        """Yield the sections ``kept`` where they are then, and add to ``new`` those that were behind its end."""
        for section in kept:
            if section.is_loaded or section.end <= self.end:
                yield section
                continue
            new += bytes(-len(new) % max(section.alignment, 1))
            yield replace(section, offset=len(new))
            new += self.content[section.offset : section.end]

    def _move_segments(self, new: bytearray, moved: Mapping[_Section, _Section]) -> None:
        places = {(old.offset, old.size): now.offset for old, now in moved.items() if old.offset != now.offset}
        table, field, form = _SEGMENTS[self.image.bits]
        (start,) = struct.unpack_from(self.image.order + form, new, table)
        for number, segment in enumerate(self.image.segments):
            if (segment.offset, segment.size) in places:
                place = start + number * _SEGMENT_SIZE[self.image.bits] + field
                struct.pack_into(self.image.order + form, new, place, places[segment.offset, segment.size])

    def _header(self, section: _Section, names: _Names, renumbered: Mapping[int, int]) -> bytes:
        refers = section.flags & _INFO_LINK or section.kind in {_REL, _RELA}
        return struct.pack(
            self.image.order + _HEADERS[self.image.bits],
            names.places[section.name],
            section.kind,
            section.flags,
            section.address,
            section.offset,
            section.size,
            renumbered.get(section.link, 0),
            renumbered.get(section.info, 0) if refers else section.info,
            section.alignment,
            section.entry,
        )


@dataclass(frozen=True, kw_only=True)
class _Names:
    """The table with the names of sections."""

    table: bytes
    places: Mapping[bytes, int]

    @classmethod
    def of(cls, names: Sequence[bytes]) -> Self:
        table, places = bytearray(b"\0"), {b"": 0}
        for name in names:
            if name not in places:
                places[name] = len(table)
                table += name + b"\0"
        return cls(table=bytes(table), places=places)


def _names_section(offset: int, size: int) -> _Section:
    return _Section(
        name=b".shstrtab",
        kind=_STRTAB,
        flags=0,
        address=0,
        offset=offset,
        size=size,
        link=0,
        info=0,
        alignment=1,
        entry=0,
    )
