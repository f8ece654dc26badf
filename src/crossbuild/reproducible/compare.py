"""In what two builds of one wheel differ: which file, which section of it, and which bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.platforms.elf import ELF_MAGIC
from crossbuild.wheels.archive import open_wheel

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator
    from pathlib import Path

_CONTEXT = 4096
"""Bytes before and after the first that differs, in which its cause is looked for."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Where two wheels differ."""

    member: str
    """The file in them; empty for what is about the archive as a whole."""
    part: str = ""
    """The section of an ELF file, the line of a text, or the byte of anything else."""
    what: str = "differs"
    first: bytes = b""
    """What is there in the first wheel, or the beginning of it."""
    second: bytes = b""

    @property
    def is_text(self) -> bool:
        """Whether both are text."""
        return self.part.startswith("line ")

    def __str__(self) -> str:
        """Return ``probe/native.so differs in .rodata``."""
        return f"{self.member or 'The archive'} {self.what}{f' in {self.part}' if self.part else ''}"


def compare_wheels(first: Path, second: Path) -> list[Difference]:
    """Return in what two wheels differ; nothing only if they are the same, byte for byte. Raises AuditError.

    RECORD is left out if it only tells of the others.
    """
    if first.read_bytes() == second.read_bytes():
        return []
    with open_wheel(first) as one, open_wheel(second) as other:
        record = f"{one.dist_info}/RECORD"
        members = [{info.filename: info for info in archive.members} for archive in (one, other)]
        found = list(_by_member(one.zip, other.zip, *members))
    own = [difference for difference in found if difference.member != record]
    named = (
        [Difference(member="", what=f"is named {first.name}, then {second.name}")] if first.name != second.name else []
    )
    return named + (own or found) or [Difference(member="", what="is put together differently")]


def _by_member(
    one: zipfile.ZipFile, other: zipfile.ZipFile, mine: dict[str, zipfile.ZipInfo], theirs: dict[str, zipfile.ZipInfo]
) -> Iterator[Difference]:
    for name in sorted({*mine, *theirs}):
        if name not in theirs:
            yield Difference(member=name, what="is only in the first wheel", first=one.read(name)[:_CONTEXT])
        elif name not in mine:
            yield Difference(member=name, what="is only in the second wheel", second=other.read(name)[:_CONTEXT])
        elif mine[name].CRC != theirs[name].CRC or (one.read(name) != other.read(name)):
            yield from compare_contents(name, one.read(name), other.read(name))
        elif mine[name].external_attr != theirs[name].external_attr:
            modes = (f"{entry[name].external_attr >> 16 & 0o7777:o}" for entry in (mine, theirs))
            yield Difference(member=name, what=f"has the permissions {', then '.join(modes)}")
        elif mine[name].date_time != theirs[name].date_time:
            times = ("{}-{:02}-{:02} {:02}:{:02}:{:02}".format(*entry[name].date_time) for entry in (mine, theirs))
            yield Difference(member=name, what=f"has the time {', then '.join(times)}")


def compare_contents(name: str, first: bytes, second: bytes) -> Iterator[Difference]:
    """Yield where two contents of the file ``name`` differ: each section of an ELF file, else the first place."""
    if first.startswith(ELF_MAGIC) and second.startswith(ELF_MAGIC):
        parts = [dict(_sections(content)) for content in (first, second)]
        if all(parts) and (differing := list(_by_section(name, *parts))):
            yield from differing
            return
    place = _first_differing(first, second)
    start = max(place - _CONTEXT, 0)
    line = first.count(b"\n", 0, place) + 1
    yield Difference(
        member=name,
        part=f"line {line}" if _is_text(first) and _is_text(second) else f"byte {place}",
        first=first[start : place + _CONTEXT],
        second=second[start : place + _CONTEXT],
    )


def _by_section(name: str, mine: dict[str, bytes], theirs: dict[str, bytes]) -> Iterator[Difference]:
    for section in {**mine, **theirs}:
        own, other = mine.get(section, b""), theirs.get(section, b"")
        if own != other:
            what = "differs" if section in mine and section in theirs else "is only in one of them"
            yield Difference(member=name, part=section, what=what, first=own, second=other)


def _sections(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the sections of an ELF file that have names, unpacked; none if it is damaged."""
    from elftools.common.exceptions import ELFError
    from elftools.construct import ConstructError
    from elftools.elf.elffile import ELFFile

    try:
        for section in ELFFile(io.BytesIO(content)).iter_sections():
            if section.name and section["sh_type"] != "SHT_NOBITS":
                yield section.name, section.data()
    except (ELFError, ConstructError, ValueError, LookupError, OverflowError):
        return


def _first_differing(first: bytes, second: bytes) -> int:
    low, high = 0, min(len(first), len(second))
    # By halves: a loop over the bytes of a large file would take minutes.
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if first[low : middle + 1] == second[low : middle + 1] else (low, middle)
    return low


def _is_text(content: bytes) -> bool:
    try:
        return b"\0" not in content and bool(content.decode())
    except UnicodeDecodeError:
        return False
