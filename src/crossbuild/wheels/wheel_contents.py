"""A wheel, read once: its names, its machine code, and what its files say of this machine."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING

from packaging.tags import parse_tag

from crossbuild.platforms.content import StoredContent
from crossbuild.platforms.elf import ELF_MAGIC, read_elf
from crossbuild.platforms.static_library import ARCHIVE_MAGIC, THIN_ARCHIVE_MAGIC, archive_members
from crossbuild.system.core_metadata import read_core_metadata
from crossbuild.wheels.archive import malformed, open_wheel
from crossbuild.wheels.bytecode import HEADER, Bytecode
from crossbuild.wheels.file_kinds import describe_content, is_linker_script
from crossbuild.wheels.file_parts import READ_WHOLE
from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.loading import Loading
from crossbuild.wheels.machine_code import is_for_cpu
from crossbuild.wheels.metadata_file import metadata_problems
from crossbuild.wheels.metadata_standard import standard_warnings
from crossbuild.wheels.paths import OVERLAP
from crossbuild.wheels.placement import collision_problems
from crossbuild.wheels.record_file import Digest, record_problems, without_repeated
from crossbuild.wheels.scripts import SCRIPT_STARTS
from crossbuild.wheels.zip_layout import layout_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import Message
    from pathlib import Path
    from typing import IO
    from zipfile import ZipInfo

    from packaging.tags import Tag

    from crossbuild.platforms.content import Content
    from crossbuild.platforms.elf import ElfFile
    from crossbuild.wheels.archive import WheelArchive
    from crossbuild.wheels.paths import PathSearch
    from crossbuild.wheels.record_file import Measured, RecordRow

_LIBRARY = re.compile(r"[^/]\.so(\.\d+)*$")
_FIRST = 4096
_CHUNK = 1 << 20
_MOST_TAGS = 10_000
"""In one line of WHEEL."""
_IN_MEMORY = 1 << 23
"""Bytes of a file that is kept in memory as a whole."""


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
    requires_python: str = ""
    """What METADATA says of the Pythons that it is for."""
    files: tuple[str, ...]
    elf_files: tuple[ElfFile, ...]
    archive_objects: tuple[ElfFile, ...]
    """The ELF members of static libraries; of those in one library that are for the same machine, the first."""
    impostors: tuple[Impostor, ...] = ()
    """The files that have the name of a shared library and are not one."""
    scripts: tuple[Script, ...] = ()
    """The scripts that are installed as commands."""
    bytecode: tuple[Bytecode, ...] = ()
    thin_archives: tuple[str, ...] = ()
    """The static libraries that only name other files."""
    named_paths: tuple[NamedPath, ...] = ()
    """The paths of this machine, each once per file."""
    repeated: tuple[str, ...] = ()
    """The names that the archive has more than once, each time with the same content."""
    repeated_rows: tuple[str, ...] = ()
    """The other names that RECORD has more than once, each time with the same hash."""
    problems: tuple[WheelFinding, ...]
    """What could not be read, and what RECORD and METADATA say otherwise."""
    oddities: tuple[WheelFinding, ...] = ()
    """What is against the standards, and hinders no installer."""
    loading: Loading = field(default_factory=Loading)
    """Which of its own libraries the host's loader finds."""

    @property
    def machine_code(self) -> tuple[ElfFile, ...]:
        """The ELF files, also in static libraries, that are for a machine."""
        return tuple(filter(is_for_cpu, (*self.elf_files, *self.archive_objects)))


@dataclass(frozen=True, kw_only=True)
class Impostor:
    """A file that has the name of a shared library and is not one."""

    file: str
    kind: str
    """What it is: what follows "is"."""


@dataclass(frozen=True, kw_only=True)
class Script:
    """A command that is a text for an interpreter."""

    file: str
    first_line: bytes
    """Without the line feed."""


@dataclass(frozen=True, kw_only=True)
class NamedPath:
    """A path of this machine in a file of a wheel."""

    file: str
    path: str
    is_run: bool
    """Whether the file is a script, and the system or its interpreter would look for the path."""


def read_wheel(wheel: Path, search: PathSearch | None = None) -> WheelContents:
    """Read ``wheel``, and ``search`` it for paths of this machine.

    Raises AuditError if it is not a well-formed wheel; what is wrong inside is in ``problems``.
    """
    with open_wheel(wheel) as archive:
        return _read(archive, search)


def _read(archive: WheelArchive, search: PathSearch | None) -> WheelContents:
    rows, repeated_rows = without_repeated(archive.record)
    by_path = {row.path: row for row in rows}
    fields = read_core_metadata(archive.metadata("METADATA"))
    found = _Found(search=search)
    measured = {info.filename: found.take(info, archive, by_path.get(info.filename)) for info in archive.members}
    return WheelContents(
        path=archive.path,
        name=archive.name,
        version=str(archive.version),
        tags=archive.tags,
        stated_tags=_stated_tags(archive.wheel_file),
        requires_python=fields.get("requires_python", ""),
        files=tuple(measured),
        elf_files=tuple(found.elf_files),
        archive_objects=tuple(found.objects),
        impostors=tuple(found.impostors),
        scripts=tuple(found.scripts),
        bytecode=tuple(found.bytecode),
        thin_archives=tuple(found.thin_archives),
        named_paths=tuple(found.named_paths.values()),
        repeated=archive.repeated,
        repeated_rows=tuple(name for name in repeated_rows if name not in archive.repeated),
        problems=(
            *record_problems(rows, measured, archive.dist_info),
            *metadata_problems(archive, fields),
            *layout_problems(archive),
            *collision_problems(archive),
            *found.problems,
        ),
        oddities=tuple(standard_warnings(archive)),
    )


@dataclass(kw_only=True)
class _Found:
    """What the members of a wheel are, each read once."""

    search: PathSearch | None
    elf_files: list[ElfFile] = field(default_factory=list)
    objects: list[ElfFile] = field(default_factory=list)
    impostors: list[Impostor] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    bytecode: list[Bytecode] = field(default_factory=list)
    thin_archives: list[str] = field(default_factory=list)
    named_paths: dict[tuple[str, str], NamedPath] = field(default_factory=dict)
    """By file and known path."""
    problems: list[WheelFinding] = field(default_factory=list)

    def take(self, info: ZipInfo, archive: WheelArchive, row: RecordRow | None) -> Measured:
        """Read a member, keep what the checks look at, and return its size and its hash."""
        name, digest = info.filename, Digest(row)
        with archive.open(name) as stream:
            first = stream.read(_FIRST)
            digest.update(first)
            if first.startswith(READ_WHOLE) or _is_command(name):
                with _whole(first, stream, digest) as content:
                    self._keep(name, first, content)
                    self._note_paths(name, first, content)
            else:
                self._keep(name, first, first)
                self._note_paths(name, first, first)
                self._take_parts(name, first, stream, digest)
        measured = digest.measured
        if measured.size != info.file_size:
            raise malformed(archive.path, [f"{name} has {measured.size} bytes, and the archive says {info.file_size}"])
        return measured

    def _take_parts(self, name: str, content: bytes, stream: IO[bytes], digest: Digest) -> None:
        """Look at the rest of a file in parts, each with the end of the one before."""
        while more := stream.read(_CHUNK):
            digest.update(more)
            content = content[-OVERLAP:] + more
            self._note(name, self.search.in_part(content) if self.search else {})

    def _note_paths(self, name: str, first: bytes, content: Content) -> None:
        if self.search:
            if _is_command(name) and not first.startswith(READ_WHOLE):
                self._note(name, self.search.in_file(content), is_run=True)
            elif first.startswith(b"#!"):
                self._note(name, self.search.in_part(first.partition(b"\n")[0]), is_run=True)
            self._note(name, self.search.in_file(content))

    def _note(self, name: str, named: Mapping[str, str], *, is_run: bool = False) -> None:
        # A bill of materials tells of what the wheel was built from, and where that was (PEP 770).
        for known, path in named.items() if ".dist-info/sboms/" not in name else ():
            self.named_paths.setdefault((name, known), NamedPath(file=name, path=path, is_run=is_run))

    def _keep(self, name: str, first: bytes, content: Content) -> None:
        try:
            if first.startswith(ELF_MAGIC):
                self.elf_files.append(read_elf(name, content))
            elif first.startswith(ARCHIVE_MAGIC):
                self._take_objects(name, content)
            elif first.startswith(THIN_ARCHIVE_MAGIC):
                self.thin_archives.append(name)
            if _LIBRARY.search(name) and not first.startswith(ELF_MAGIC) and not is_linker_script(first):
                self.impostors.append(Impostor(file=name, kind=describe_content(first)))
            if name.endswith(".pyc"):
                self.bytecode.append(Bytecode(file=name, start=first[: HEADER + 1]))
            if _is_command(name) and first.startswith(SCRIPT_STARTS):
                self.scripts.append(Script(file=name, first_line=first.partition(b"\n")[0]))
        except ValueError as error:
            self.problems.append(WheelFinding(id="damaged-binary", file=name, text=f"cannot be read ({error})"))

    def _take_objects(self, library: str, content: Content) -> None:
        # What is asked of objects is only which machine they are for, and a library may have a hundred thousand.
        first: dict[tuple[object, ...], ElfFile] = {}
        for name, code in archive_members(content):
            # Archives hold other members, too: tables, and objects of compilers' own formats.
            if code[: len(ELF_MAGIC)] == ELF_MAGIC:
                elf = read_elf(f"{library}({name})", code, symbols=False)
                machine = (elf.machine, elf.bits, elf.little_endian, elf.float_abi, elf.arm_version)
                first.setdefault(machine, elf)
        self.objects += first.values()


@contextmanager
def _whole(first: bytes, stream: IO[bytes], digest: Digest) -> Iterator[Content]:
    """Give ``first`` and all that follows in ``stream``. Of what is large, only what is looked at is in memory."""
    more = stream.read(_IN_MEMORY)
    digest.update(more)
    if len(more) < _IN_MEMORY:
        yield first + more
        return
    with tempfile.TemporaryFile(prefix="crossbuild-") as file:
        file.write(first)
        while more:
            file.write(more)
            more = stream.read(_CHUNK)
            digest.update(more)
        file.flush()
        yield StoredContent.from_file(file)


def _is_command(name: str) -> bool:
    return ".data/scripts/" in name


def _stated_tags(wheel_file: Message) -> frozenset[Tag]:
    stated: set[Tag] = set()
    for line in wheel_file.get_all("Tag", []):
        # Each of the three parts may be a set, and a few hundred of each would be a hundred million tags.
        if prod(part.count(".") + 1 for part in line.split("-")) <= _MOST_TAGS:
            with suppress(ValueError):
                stated |= parse_tag(line.strip())
    return frozenset(stated)
