"""A wheel, read once: its names, its machine code and its scripts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from packaging.tags import parse_tag
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from crossbuild.elf import ARCHIVE_MAGIC, ELF_MAGIC, archive_members, read_elf
from crossbuild.wheels.archive import malformed, open_wheel
from crossbuild.wheels.problems import Problem
from crossbuild.wheels.record import Digest, record_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import Message
    from pathlib import Path
    from zipfile import ZipInfo

    from packaging.tags import Tag

    from crossbuild.elf import ElfFile
    from crossbuild.wheels.archive import WheelArchive
    from crossbuild.wheels.record import Measured, RecordRow

_FIRST_LINE = 4096
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class WheelContents:
    """What the checks look at."""

    path: Path
    name: str
    """The project's normalised name."""
    version: str
    tags: frozenset[Tag]
    """What the file name claims."""
    stated_tags: frozenset[Tag]
    """What the ``Tag`` lines of the WHEEL file claim."""
    files: tuple[str, ...]
    elf_files: tuple[ElfFile, ...]
    archive_objects: tuple[ElfFile, ...]
    """The ELF members of static libraries."""
    texts: Mapping[str, str]
    """Scripts to be installed, in full, and the first line of every other file that begins with ``#!``."""
    problems: tuple[Problem, ...]
    """What could not be read, and what RECORD and METADATA say otherwise."""

    @property
    def has_machine_code(self) -> bool:
        """Whether any file is for a machine."""
        return bool(self.elf_files or self.archive_objects)

    @property
    def provided_libraries(self) -> frozenset[str]:
        """The sonames and file names that a NEEDED entry can find inside the wheel."""
        return frozenset(name for elf in self.elf_files for name in (elf.soname, elf.base_name) if name)


def read_wheel(wheel: Path) -> WheelContents:
    """Read ``wheel``. Raises AuditError if it is not a well-formed wheel; what is wrong inside is in ``problems``."""
    with open_wheel(wheel) as archive:
        return _read(archive)


def _read(archive: WheelArchive) -> WheelContents:
    rows = archive.record
    by_path = {row.path: row for row in rows}
    found = _Found()
    measured = {info.filename: found.take(info, archive, by_path.get(info.filename)) for info in archive.members}
    return WheelContents(
        path=archive.path,
        name=archive.name,
        version=str(archive.version),
        tags=archive.tags,
        stated_tags=_stated_tags(archive.wheel_file),
        files=tuple(measured),
        elf_files=tuple(found.elf_files),
        archive_objects=tuple(found.objects),
        texts=found.texts,
        problems=(
            *record_problems(rows, measured, archive.dist_info),
            *_identity_problems(archive),
            *found.problems,
        ),
    )


@dataclass(kw_only=True)
class _Found:
    """What the members of a wheel are, each read once."""

    elf_files: list[ElfFile] = field(default_factory=list)
    objects: list[ElfFile] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def take(self, info: ZipInfo, archive: WheelArchive, row: RecordRow | None) -> Measured:
        """Read a member, keep what the checks look at, and return its size and its hash."""
        name, digest = info.filename, Digest(row)
        with archive.open(name) as stream:
            start = stream.read(_FIRST_LINE)
            digest.update(start)
            if start.startswith((ELF_MAGIC, ARCHIVE_MAGIC)) or ".data/scripts/" in name:
                rest = stream.read()
                digest.update(rest)
                self._keep(name, start + rest)
            else:
                while content := stream.read(_CHUNK):
                    digest.update(content)
                if start.startswith(b"#!"):
                    self.texts[name] = start.partition(b"\n")[0].decode(errors="replace")
        measured = digest.measured
        if measured.size != info.file_size:
            raise malformed(archive.path, [f"{name} has {measured.size} bytes, and the archive says {info.file_size}"])
        return measured

    def _keep(self, name: str, content: bytes) -> None:
        try:
            if content.startswith(ELF_MAGIC):
                self.elf_files.append(read_elf(name, content))
            elif content.startswith(ARCHIVE_MAGIC):
                members = archive_members(content)
                self.objects += [read_elf(f"{name}({one})", code) for one, code in members if _is_elf(code)]
            else:
                self.texts[name] = content.decode(errors="replace")
        except ValueError as error:
            self.problems.append(Problem(kind="broken", file=name, text=f"cannot be read ({error})"))


def _is_elf(content: bytes) -> bool:
    return content.startswith(ELF_MAGIC)


def _stated_tags(wheel_file: Message) -> frozenset[Tag]:
    stated: set[Tag] = set()
    for line in wheel_file.get_all("Tag", []):
        with suppress(ValueError):
            stated |= parse_tag(line.strip())
    return frozenset(stated)


def _identity_problems(archive: WheelArchive) -> Iterator[Problem]:
    """Yield where METADATA says another name or version than the file name, or none."""
    headers = HeaderParser().parsestr(archive.metadata("METADATA").decode())
    name, version = headers.get("Name", ""), headers.get("Version", "")
    try:
        same = canonicalize_name(name) == archive.name and Version(version) == archive.version
    except InvalidVersion:
        same = False
    if not same:
        text = f"its METADATA is of {name or 'no name'} {version or 'without a version'}, unlike its file name"
        yield Problem(kind="broken", file=archive.path.name, text=text)
