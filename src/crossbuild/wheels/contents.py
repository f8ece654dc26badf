"""A wheel, read once: its names, its machine code and its scripts."""

from __future__ import annotations

import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from packaging.tags import parse_tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from crossbuild.elf import ARCHIVE_MAGIC, ELF_MAGIC, archive_members, read_elf
from crossbuild.errors import AuditError
from crossbuild.wheels.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.sources import WheelFile
    from packaging.tags import Tag

    from crossbuild.elf import ElfFile

_FIRST_LINE = 4096


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
    """What could not be read, and what RECORD says otherwise."""

    @property
    def has_machine_code(self) -> bool:
        """Whether any file is for a machine."""
        return bool(self.elf_files or self.archive_objects)

    @property
    def provided_libraries(self) -> frozenset[str]:
        """The sonames and file names that a NEEDED entry can find inside the wheel."""
        return frozenset(name for elf in self.elf_files for name in (elf.soname, elf.base_name) if name)


def read_wheel(wheel: Path) -> WheelContents:
    """Read ``wheel``. Raises AuditError if it is not a whole wheel; what is wrong inside is in ``problems``."""
    try:
        name, version, _, tags = parse_wheel_filename(wheel.name)
        with zipfile.ZipFile(wheel) as archive:
            return _read(wheel, archive, name=name, version=str(version), tags=tags)
    except (InvalidWheelFilename, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise AuditError(
            f"{wheel.name} was refused: it is not a whole wheel.",
            why=str(error) or type(error).__name__,
            fix="The backend wrote a damaged file: look for a full disk or an interrupted build, and build again.",
        ) from error


def _read(wheel: Path, archive: zipfile.ZipFile, *, name: str, version: str, tags: frozenset[Tag]) -> WheelContents:
    problems = list(_record_problems(wheel, archive))
    elf_files: list[ElfFile] = []
    objects: list[ElfFile] = []
    texts: dict[str, str] = {}
    for info in archive.infolist():
        if info.is_dir():
            continue
        try:
            _sort(info.filename, archive, elf_files, objects, texts)
        except ValueError as error:
            problems.append(Problem(kind="broken", file=info.filename, text=f"cannot be read ({error})"))
    return WheelContents(
        path=wheel,
        name=name,
        version=version,
        tags=tags,
        stated_tags=_stated_tags(archive),
        files=tuple(info.filename for info in archive.infolist() if not info.is_dir()),
        elf_files=tuple(elf_files),
        archive_objects=tuple(objects),
        texts=texts,
        problems=tuple(problems),
    )


def _sort(
    name: str, archive: zipfile.ZipFile, elf_files: list[ElfFile], objects: list[ElfFile], texts: dict[str, str]
) -> None:
    with archive.open(name) as stream:
        start = stream.read(_FIRST_LINE)
    is_script = ".data/scripts/" in name
    if start.startswith(ELF_MAGIC):
        elf_files.append(read_elf(name, archive.read(name)))
    elif start.startswith(ARCHIVE_MAGIC):
        for member, content in archive_members(archive.read(name)):
            if content.startswith(ELF_MAGIC):
                objects.append(read_elf(f"{name}({member})", content))
    elif is_script:
        texts[name] = archive.read(name).decode(errors="replace")
    elif start.startswith(b"#!"):
        texts[name] = start.partition(b"\n")[0].decode(errors="replace")


def _stated_tags(archive: zipfile.ZipFile) -> frozenset[Tag]:
    found = [name for name in archive.namelist() if name.count("/") == 1 and name.endswith(".dist-info/WHEEL")]
    if len(found) != 1:
        raise zipfile.BadZipFile(f"It holds {len(found)} files *.dist-info/WHEEL, and must hold one.")
    metadata = HeaderParser().parsestr(archive.read(found[0]).decode(errors="replace"))
    stated: set[Tag] = set()
    for line in metadata.get_all("Tag", []):
        with suppress(ValueError):
            stated |= parse_tag(line.strip())
    return frozenset(stated)


def _record_problems(wheel: Path, archive: zipfile.ZipFile) -> Iterator[Problem]:
    """Yield what installers would refuse: members that RECORD does not name, names without a member, wrong hashes."""
    from installer.exceptions import InstallerError
    from installer.records import InvalidRecordEntry, parse_record_file
    from installer.sources import WheelFile

    members = set(archive.namelist())
    try:
        source = WheelFile(archive)
        issues = _record_issues(source)
        recorded = {path for path, _, _ in parse_record_file(source.read_dist_info("RECORD").splitlines())}
    except (InstallerError, InvalidRecordEntry, ValueError, LookupError) as error:
        yield Problem(kind="broken", file=wheel.name, text=f"its RECORD cannot be read ({error})")
        return
    for issue in issues:
        yield Problem(kind="broken", file=wheel.name, text=issue)
    for path in sorted(recorded - members):
        yield Problem(kind="broken", file=path, text="is named in RECORD but is not in the wheel")
    for path in sorted(members):
        if path.startswith("/") or ".." in path.split("/"):
            yield Problem(kind="broken", file=path, text="would be installed outside of the installation")


def _record_issues(source: WheelFile) -> list[str]:
    try:
        source.validate_record(validate_contents=True)
    except source.validation_error as error:
        return [str(issue).partition(".whl, ")[2] or str(issue) for issue in getattr(error, "issues", [error])]
    return []
