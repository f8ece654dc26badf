"""An ELF file as the host's loader sees it: by its program headers and dynamic section, whatever its sections say.

Sections may be stripped or have any name; the loader never looks at them. Every count and offset in the file is checked
against its size, so that no file, damaged or malicious, takes long or much memory.

Sources: the System V gABI (headers, dynamic section, hash table, symbols), the GNU symbol versioning extension, and
glibc's elf/dl-lookup.c for the GNU hash table, of which there is no specification.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.platforms.content import Content

_CLASSES: dict[bytes, Literal[32, 64]] = {b"\1": 32, b"\2": 64}
_ORDERS = {b"\1": "<", b"\2": ">"}
_HEADER = {64: "16xHHIQQQIHHH", 32: "16xHHIIIIIHHH"}
"""Type, machine, version, entry point, where the program headers and sections are, flags, the header's own size, the
size of a program header, and their number."""
_SEGMENT = {64: "IIQQQQQQ", 32: "IIIIIIII"}
_ENTRY = {64: "QQ", 32: "II"}
_SYMBOL = {64: "IBBHQQ", 32: "IIIBBH"}
_NEED, _NEED_VERSION = "HHIII", "IHHII"
_DEFINITION, _DEFINITION_NAME = "HHHHIII", "II"
_WIDE = 64
_S390 = 22
"""``EM_S390``, whose 64-bit hash tables have words of eight bytes."""

_MOST_SEGMENTS = 256
"""Of 92 published wheels, no library had more than 16."""
_MOST_VERSIONS = 1 << 15
_MOST_SYMBOLS = 1 << 20
_LARGEST_DYNAMIC, _LARGEST_STRINGS, _LONGEST_NAME = 1 << 20, 1 << 26, 1 << 12
"""Bytes. In the same wheels there were at most 36,027 symbols, and 2.7 MB of their names."""

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_GNU_STACK = 1, 2, 3, 0x6474E551
PF_X = 1
DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SONAME, DT_RPATH = 1, 4, 5, 6, 10, 14, 15
DT_TEXTREL, DT_RUNPATH, DT_FLAGS = 22, 29, 30
DT_GNU_HASH, DT_VERSYM, DT_FLAGS_1 = 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFB
DT_VERDEF, DT_VERNEED = 0x6FFFFFFC, 0x6FFFFFFE
DF_TEXTREL, DF_1_PIE = 0x4, 0x08000000

_UNDEFINED = 0
"""``SHN_UNDEF``."""
_VISIBLE_BINDINGS = frozenset((1, 2, 10))
"""``STB_GLOBAL``, ``STB_WEAK`` and ``STB_GNU_UNIQUE``."""
_WEAK = 2
_VISIBLE = frozenset((0, 3))
"""``STV_DEFAULT`` and ``STV_PROTECTED``."""


@dataclass(frozen=True)
class Segment:
    """A program header."""

    kind: int
    flags: int
    offset: int
    address: int
    size: int
    """How many bytes of the file it takes."""
    memory: int
    """How many bytes it takes when it is loaded."""
    alignment: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """An entry of the dynamic symbol table."""

    name: str
    defined: bool
    weak: bool
    visible: bool
    """Whether other files can use its definition."""


@dataclass(frozen=True)
class ImageVersion:
    """A symbol version that is needed of a library, or defined."""

    index: int
    """What symbols refer to it by."""
    name: str
    library: str = ""
    """The library that is to define it."""


@dataclass(frozen=True, kw_only=True)
class ElfImage:
    """The headers of an ELF file; the rest is read when it is asked for. Everything raises ValueError for damage."""

    content: Content
    bits: Literal[32, 64]
    order: str
    """``<`` or ``>``, as for :mod:`struct`."""
    kind: int
    """``e_type``."""
    machine: int
    version: int
    """``e_version``."""
    flags: int
    segments: tuple[Segment, ...]

    @classmethod
    def from_content(cls, content: Content) -> Self:
        """Read the headers of ``content``."""
        bits, order = _CLASSES.get(content[4:5]), _ORDERS.get(content[5:6])
        if content[:4] != b"\x7fELF" or not bits or not order:
            raise ValueError("it is no ELF file, or its header is damaged")
        form = f"{order}{_HEADER[bits]}"
        kind, machine, version, _, start, _, flags, _, size, count = _unpack(form, content)
        segment = struct.Struct(f"{order}{_SEGMENT[bits]}")
        if count and size != segment.size:
            raise ValueError("its program headers have another size than they must")
        if count > _MOST_SEGMENTS:
            raise ValueError(f"it has {count} program headers")
        table = content[start : start + count * size]
        if len(table) < count * size:
            raise ValueError("its program headers are cut off")
        segments = (_segment(values, bits) for values in segment.iter_unpack(table))
        return cls(
            content=content,
            bits=bits,
            order=order,
            kind=kind,
            machine=machine,
            version=version,
            flags=flags,
            segments=tuple(segments),
        )

    def first(self, kind: int) -> Segment | None:
        """Return the first segment of that kind."""
        return next((segment for segment in self.segments if segment.kind == kind), None)

    @cached_property
    def loads(self) -> tuple[Segment, ...]:
        """What the loader loads."""
        return tuple(segment for segment in self.segments if segment.kind == PT_LOAD)

    @property
    def is_whole(self) -> bool:
        """Whether the file has all that the loader is to load."""
        return all(segment.offset + segment.size <= len(self.content) for segment in self.loads)

    @cached_property
    def dynamic(self) -> tuple[tuple[int, int], ...]:
        """The tags and values of the dynamic section, up to its end."""
        segment = self.first(PT_DYNAMIC)
        if segment is None or not segment.size:
            return ()
        entry = struct.Struct(f"{self.order}{_ENTRY[self.bits]}")
        data = self._at(segment.address, min(segment.size, _LARGEST_DYNAMIC))
        found: list[tuple[int, int]] = []
        for tag, value in entry.iter_unpack(data[: len(data) // entry.size * entry.size]):
            if not tag:
                break
            found.append((tag, value))
        return tuple(found)

    def value(self, tag: int) -> int | None:
        """Return the value of a tag; the last counts, as for the loader."""
        return dict(self.dynamic).get(tag)

    def texts(self, tag: int) -> tuple[str, ...]:
        """Return what all entries with ``tag`` say, which are places in the table of strings."""
        return tuple(self._text(value) for found, value in self.dynamic if found == tag)

    @cached_property
    def interpreter(self) -> str:
        """The program interpreter; empty if there is none."""
        segment = self.first(PT_INTERP)
        if segment is None:
            return ""
        name = self._slice(segment.offset, min(segment.size, _LONGEST_NAME))
        return name.partition(b"\0")[0].decode(errors="replace")

    @property
    def stack_is_executable(self) -> bool:
        """Whether it asks for a stack whose contents can be executed."""
        segment = self.first(PT_GNU_STACK)
        return segment is not None and bool(segment.flags & PF_X)

    @property
    def is_program(self) -> bool:
        """Whether it is a program that can be loaded anywhere, which is no shared object for all its type says."""
        return bool((self.value(DT_FLAGS_1) or 0) & DF_1_PIE)

    @property
    def relocates_text(self) -> bool:
        """Whether the loader has to write into its code."""
        return self.value(DT_TEXTREL) is not None or bool((self.value(DT_FLAGS) or 0) & DF_TEXTREL)

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """The dynamic symbols."""
        start = self.value(DT_SYMTAB)
        if start is None:
            return ()
        form = struct.Struct(f"{self.order}{_SYMBOL[self.bits]}")
        count = self._symbol_count(start, form.size)
        if count > _MOST_SYMBOLS:
            raise ValueError(f"it says that it has {count} symbols")
        table = self._at(start, count * form.size)
        return tuple(self._symbol(values) for values in form.iter_unpack(table))

    @cached_property
    def version_indexes(self) -> tuple[int, ...]:
        """The index of the version of each symbol; nothing if no symbol has one."""
        start = self.value(DT_VERSYM)
        if start is None:
            return ()
        count = len(self.symbols)
        return struct.unpack(f"{self.order}{count}H", self._at(start, 2 * count))

    @cached_property
    def needed_versions(self) -> tuple[ImageVersion, ...]:
        """The versions that it needs of other libraries."""
        return tuple(_few(self._needed_versions()))

    @cached_property
    def defined_versions(self) -> tuple[ImageVersion, ...]:
        """The versions that it defines, each by its own name; what they inherit is left out."""
        return tuple(_few(self._defined_versions()))

    def _needed_versions(self) -> Iterator[ImageVersion]:
        for place, (_, _, library, first, _) in self._chain(self.value(DT_VERNEED), _NEED, following=4):
            name = self._text(library)
            for _, (_, _, index, version, _) in self._chain(place + first, _NEED_VERSION, following=4):
                yield ImageVersion(index, self._text(version), name)

    def _defined_versions(self) -> Iterator[ImageVersion]:
        for place, (_, _, index, _, _, first, _) in self._chain(self.value(DT_VERDEF), _DEFINITION, following=6):
            name, _ = self._read(_DEFINITION_NAME, place + first)
            yield ImageVersion(index, self._text(name))

    def _chain(self, place: int | None, form: str, *, following: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield the address and the values of entries, each of which says how far away the next one is.

        The loader follows them to the end, however many the file says that there are.
        """
        while place is not None:
            values = self._read(form, place)
            yield place, values
            place = place + values[following] if values[following] else None

    def _symbol_count(self, start: int, size: int) -> int:
        """Return how many dynamic symbols there are: only the tables that they are looked up by tell."""
        if (table := self.value(DT_GNU_HASH)) is not None:
            return self._gnu_count(table)
        if (table := self.value(DT_HASH)) is not None:
            word = "Q" if self.machine == _S390 and self.bits == _WIDE else "I"
            return self._read(f"{word}{word}", table)[1]
        # The loader would find none. Linkers put the strings behind the symbols.
        strings = self.value(DT_STRTAB) or 0
        return (strings - start) // size if strings > start else 0

    def _gnu_count(self, table: int) -> int:
        buckets, first, filters, _ = self._read("IIII", table)
        place = table + 16 + filters * self.bits // 8
        if buckets > _MOST_SYMBOLS:
            raise ValueError(f"its hash table says that it has {buckets} parts")
        last = max(struct.unpack(f"{self.order}{buckets}I", self._at(place, 4 * buckets)), default=0)
        if last < first:
            return first
        # The chain of the last bucket ends with the table.
        chain = self._rest(place + 4 * (buckets + last - first), 4 * _MOST_SYMBOLS)
        for (word,) in struct.iter_unpack(f"{self.order}I", chain[: len(chain) // 4 * 4]):
            last += 1
            if word & 1:
                return last
        raise ValueError("its hash table has no end")

    def _symbol(self, values: tuple[int, ...]) -> Symbol:
        if self.bits == _WIDE:
            name, information, other, section, _, _ = values
        else:
            name, _, _, information, other, section = values
        defined, binding = section != _UNDEFINED, information >> 4
        visible = defined and binding in _VISIBLE_BINDINGS and other & 3 in _VISIBLE
        return Symbol(self._text(name), defined, binding == _WEAK, visible)

    @cached_property
    def _strings(self) -> _Strings:
        start = self.value(DT_STRTAB)
        if start is None:
            raise ValueError("it has no table of strings")
        size = self.value(DT_STRSZ) or 0
        if size > _LARGEST_STRINGS:
            raise ValueError(f"it says that its names have {size} bytes")
        return _Strings(self._at(start, size))

    def _text(self, place: int) -> str:
        return self._strings.at(place)

    def _read(self, form: str, address: int) -> tuple[int, ...]:
        full = f"{self.order}{form}"
        return struct.unpack(full, self._at(address, struct.calcsize(full)))

    def offset_of(self, address: int) -> int:
        """Return where in the file is what the loader puts at ``address``."""
        segment = self._loaded_to(address)
        return segment.offset + address - segment.address

    def _at(self, address: int, size: int) -> bytes:
        """Return what the loader puts at ``address``."""
        segment = self._loaded_to(address)
        if address + size > segment.address + segment.size:
            raise ValueError(f"what is at {address:#x} is cut off")
        return self._slice(self.offset_of(address), size)

    def _rest(self, address: int, limit: int) -> bytes:
        """Return what the loader puts at ``address`` and after it, from the same segment, up to ``limit`` bytes."""
        segment = self._loaded_to(address)
        return self._at(address, min(segment.address + segment.size - address, limit))

    def _loaded_to(self, address: int) -> Segment:
        for segment in self.loads:
            if segment.address <= address <= segment.address + segment.size:
                return segment
        raise ValueError(f"nothing is loaded to {address:#x}")

    def _slice(self, offset: int, size: int) -> bytes:
        found = self.content[offset : offset + size]
        if len(found) < size:
            raise ValueError("it is cut off")
        return found


def _segment(values: tuple[int, ...], bits: int) -> Segment:
    if bits == _WIDE:
        kind, flags, offset, address, _, size, memory, alignment = values
    else:
        kind, offset, address, _, size, memory, flags, alignment = values
    return Segment(kind, flags, offset, address, size, memory, alignment)


def _few(versions: Iterator[ImageVersion]) -> Iterator[ImageVersion]:
    """Yield ``versions``; raise ValueError if there are more than indexes: chains may lead through one another."""
    for number, version in enumerate(versions):
        if number > _MOST_VERSIONS:
            raise ValueError("it has more symbol versions than there can be")
        yield version


class _Strings:
    """A table of strings, which may overlap, but not so that together they are larger than any table may be."""

    def __init__(self, table: bytes) -> None:
        self._table = table
        self._left = _LARGEST_STRINGS

    def at(self, place: int) -> str:
        """Return the string that begins at ``place``."""
        end = self._table.find(b"\0", place)
        if end < 0:
            raise ValueError("a name in it leads out of its table of strings")
        self._left -= end - place
        if self._left < 0:
            raise ValueError("the names in it overlap too much")
        return self._table[place:end].decode(errors="replace")


def _unpack(form: str, content: Content) -> tuple[int, ...]:
    try:
        return struct.unpack(form, content[: struct.calcsize(form)])
    except struct.error:
        raise ValueError("its header is cut off") from None
