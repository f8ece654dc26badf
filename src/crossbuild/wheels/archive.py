"""A wheel's archive: opened only if it is well formed, so that whoever reads or unpacks it can trust its names.

Sources: PyPA's "Binary distribution format" (names, ``.dist-info``, ``.data``, RECORD) and "Entry points", PKWARE's
APPNOTE (flags and modes of members).
"""

from __future__ import annotations

import errno
import hashlib
import lzma
import re
import struct
import zipfile
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from crossbuild.wheels.entry_points import FILE as ENTRY_POINTS
from crossbuild.wheels.entry_points import entry_point_faults
from crossbuild.wheels.findings import RefusedWheelError, WheelFinding
from crossbuild.wheels.member_names import member_faults, shown
from crossbuild.wheels.record_file import read_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from email.message import Message
    from pathlib import Path
    from typing import IO

    from packaging.tags import Tag

    from crossbuild.wheels.record_file import RecordRow

_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError),
    *(ValueError, LookupError, OverflowError, RuntimeError, MemoryError),
)
"""What zipfile raises for damaged or malicious archives."""
_SCHEMES = frozenset(("purelib", "platlib", "headers", "scripts", "data"))
_REQUIRED = ("METADATA", "WHEEL", "RECORD")
_CHUNK = 1 << 20
_LARGEST = {"METADATA": 1 << 22, "RECORD": 1 << 24, "WHEEL": 1 << 18, ENTRY_POINTS: 1 << 18}
"""Bytes of the files that are read as a whole."""
_LONGEST_LINE = 1024
"""Bytes of WHEEL and the entry points; some patterns that these are read by take the square of it."""
_SPARE_LINES, _LINES_OF_MEMBER = 10_000, 4
"""RECORD may name files that are not there, or a file twice, but not millions of them."""
_SHOWN = 10
"""How many faults an error lists."""


@dataclass(frozen=True, kw_only=True)
class WheelArchive:
    """An open wheel whose members have plain names and are regular files, with the metadata that wheels must have."""

    path: Path
    name: str
    """The project's normalised name, as the file name has it."""
    version: Version
    tags: frozenset[Tag]
    """What the file name claims."""
    dist_info: str
    """The name of its ``.dist-info`` directory."""
    zip: zipfile.ZipFile

    @property
    def data_directory(self) -> str:
        """The name that its ``.data`` directory has, if it has one."""
        return f"{'-'.join(self.path.name.split('-')[:2])}.data"

    @property
    def members(self) -> tuple[zipfile.ZipInfo, ...]:
        """Its files, without directories, each once: of those that are there twice, the last, as for installers."""
        return tuple({info.filename: info for info in _files(self.zip)}.values())

    @property
    def repeated(self) -> tuple[str, ...]:
        """The names that are there more than once, each time with the same content."""
        return tuple(_repeated(self.zip))

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Give the content of a member. Raises AuditError if it is damaged."""
        with _reading(self.path, name), self.zip.open(name) as stream:
            yield stream

    def read(self, name: str) -> bytes:
        """Return the content of a member. Raises AuditError if it is damaged."""
        with self.open(name) as stream:
            return stream.read()

    def metadata(self, name: str) -> bytes:
        """Return a file of the ``.dist-info`` directory. Raises AuditError if it is damaged."""
        return self.read(f"{self.dist_info}/{name}")

    @property
    def wheel_file(self) -> Message:
        """The WHEEL file."""
        return HeaderParser().parsestr(self.metadata("WHEEL").decode())

    @property
    def record(self) -> list[RecordRow]:
        """The rows of RECORD."""
        return read_record(self.metadata("RECORD"))


@contextmanager
def open_wheel(wheel: Path) -> Iterator[WheelArchive]:
    """Give the archive of ``wheel``. Raises AuditError if it is not a well-formed wheel, and OSError."""
    try:
        name, version, _, tags = parse_wheel_filename(wheel.name)
    except InvalidWheelFilename as error:
        raise malformed(wheel, [str(error)]) from None
    with _reading(wheel):
        archive = zipfile.ZipFile(wheel)
    # In this order, since each check relies on the ones before it.
    with archive:
        _refuse(wheel, list(member_faults(archive)))
        _refuse(wheel, list(_repetition_faults(wheel, archive)))
        directories = _tops(archive, ".dist-info")
        _refuse(wheel, list(_directory_faults(directories, name, version)))
        opened = WheelArchive(path=wheel, name=name, version=version, tags=tags, dist_info=directories[0], zip=archive)
        _refuse(wheel, list(_data_faults(opened)) + list(_metadata_faults(opened)))
        yield opened


def malformed(wheel: Path, faults: Sequence[str]) -> RefusedWheelError:
    """Return the error for a ``wheel`` that no installer should take, with what is wrong with it."""
    more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
    findings = [WheelFinding(id="malformed-wheel", file=wheel.name, text=fault) for fault in faults]
    error = RefusedWheelError(
        f"{wheel.name} was refused: it is not a well-formed wheel.",
        # The line above names the wheel.
        why="\n".join([*(f"{one.text} [{one.id}]" for one in findings[:_SHOWN]), *more]),
        fix="Download or build it again. If the new file is the same, report it to the project that publishes it.",
        findings=findings,
    )
    error.waivable = False
    return error


def _refuse(wheel: Path, faults: Sequence[str]) -> None:
    if faults:
        raise malformed(wheel, faults)


@contextmanager
def _reading(wheel: Path, member: str = "") -> Iterator[None]:
    """Turn what is raised over a damaged archive into AuditError; what the system refuses stays OSError."""
    try:
        yield
    except _DAMAGED as error:
        what = f"{shown(member)} cannot be read" if member else "it cannot be read"
        raise malformed(wheel, [f"{what}: {str(error) or type(error).__name__}"]) from None
    except OSError as error:
        # zipfile seeks to where the archive says, and bz2 raises it without a number.
        if error.errno not in {None, errno.EINVAL}:
            raise
        raise malformed(wheel, [f"{shown(member) or 'it'} cannot be read: {error}"]) from None


def _tops(archive: zipfile.ZipFile, suffix: str) -> list[str]:
    tops = {name.partition("/")[0] for name in archive.namelist() if "/" in name}
    return sorted(top for top in tops if top.endswith(suffix))


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [info for info in archive.infolist() if not info.filename.endswith("/")]


def _repeated(archive: zipfile.ZipFile) -> dict[str, list[zipfile.ZipInfo]]:
    entries: dict[str, list[zipfile.ZipInfo]] = {}
    for info in _files(archive):
        entries.setdefault(info.filename, []).append(info)
    return {name: found for name, found in entries.items() if len(found) > 1}


def _repetition_faults(wheel: Path, archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield which names are there more than once, with different contents."""
    for name, entries in _repeated(archive).items():
        with _reading(wheel, name):
            kinds = {(_digest(archive, info), _is_executable(info)) for info in entries}
        if len(kinds) > 1:
            yield f"{shown(name)} is in it {len(entries)} times, with different contents or permissions"


def _is_executable(info: zipfile.ZipInfo) -> bool:
    return bool(info.external_attr >> 16 & 0o111)


def _digest(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    taken = hashlib.sha256()
    with archive.open(info) as stream:
        while part := stream.read(_CHUNK):
            taken.update(part)
    return taken.digest()


def _directory_faults(directories: Sequence[str], name: str, version: Version) -> Iterator[str]:
    if len(directories) != 1:
        found = f"several: {', '.join(map(shown, directories))}" if directories else "none"
        yield f"it must have one .dist-info directory, and has {found}"
        return
    own, _, number = directories[0].removesuffix(".dist-info").rpartition("-")
    if canonicalize_name(own) != name or not _is_version(number, version):
        yield f"{shown(directories[0])} does not match its file name, which says {name} {version}"


def _is_version(text: str, version: Version) -> bool:
    """Return whether ``text`` is ``version``, maybe escaped as in the names of older wheels."""
    for spelling in (text, text.replace("_", "-"), text.replace("_", "+", 1)):
        with suppress(InvalidVersion):
            if Version(spelling) == version:
                return True
    return False


def _data_faults(wheel: WheelArchive) -> Iterator[str]:
    # By another spelling, installers would not know the directory, and install it as a package.
    own = wheel.data_directory
    for directory in _tops(wheel.zip, ".data"):
        if canonicalize_name(directory.partition("-")[0]) != wheel.name:
            continue
        if directory != own:
            yield f"{shown(directory)} does not match its file name; it must be {own}"
        kinds = {name.split("/")[1] for name in wheel.zip.namelist() if name.startswith(f"{directory}/")} - {""}
        for kind in sorted(kinds - _SCHEMES):
            yield f"{directory}/{shown(kind)} is not one of {', '.join(sorted(_SCHEMES))}"
        for name in sorted({f"{directory}/{kind}" for kind in kinds & _SCHEMES}.intersection(wheel.zip.namelist())):
            yield f"{name} is a file, and must be a directory"


def _metadata_faults(wheel: WheelArchive) -> Iterator[str]:
    names = set(wheel.zip.namelist())
    missing = [name for name in _REQUIRED if f"{wheel.dist_info}/{name}" not in names]
    yield from (f"it has no {wheel.dist_info}/{name}" for name in missing)
    large = list(_size_faults(wheel))
    yield from large
    if not missing and not large:
        yield from _text_faults(wheel)
        if f"{wheel.dist_info}/{ENTRY_POINTS}" in names:
            yield from entry_point_faults(wheel.metadata(ENTRY_POINTS))


def _size_faults(wheel: WheelArchive) -> Iterator[str]:
    """Yield which of the files that are read as a whole are larger than they can be."""
    sizes = {info.filename: info.file_size for info in wheel.members}
    for name, most in _LARGEST.items():
        size = sizes.get(f"{wheel.dist_info}/{name}", 0)
        if size > most:
            yield f"its {name} has {size} bytes, more than any wheel needs"
        elif size and name in {"WHEEL", ENTRY_POINTS}:
            longest = max(map(len, wheel.metadata(name).splitlines()), default=0)
            if longest > _LONGEST_LINE:
                yield f"its {name} has a line of {longest} bytes, which is longer than any wheel needs"


def _text_faults(wheel: WheelArchive) -> Iterator[str]:
    for name in _REQUIRED:
        if not (content := wheel.metadata(name)).strip():
            yield f"its {name} is empty"
        elif not _is_utf8(content):
            yield f"its {name} is not UTF-8 text"
        elif name == "RECORD":
            yield from _record_faults(wheel, content)
        elif name == "WHEEL":
            # uv knows the field in this spelling only.
            fields = HeaderParser().parsestr(content.decode()).items()
            version = next((value for field, value in fields if field == "Wheel-Version"), "")
            if not re.fullmatch(r"1\.\d+", version.strip()):
                yield f"its Wheel-Version is {version or 'missing'}, and installers take 1.x"


def _record_faults(wheel: WheelArchive, content: bytes) -> Iterator[str]:
    lines, members = content.count(b"\n") + content.count(b"\r"), len(wheel.members)
    if lines > _SPARE_LINES + _LINES_OF_MEMBER * members:
        yield f"its RECORD has {lines} lines, and the wheel {members} files"
        return
    try:
        read_record(content)
    except ValueError as error:
        yield f"its RECORD cannot be read: {error}"


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
