"""Unpack sdists without trusting them."""

from __future__ import annotations

import lzma
import os
import shutil
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from crossbuild.errors import MACHINE_FAILURES, SourceError, system_failure
from crossbuild.index.files import IndexFile
from crossbuild.sources.placeholders import CHECK_OUT, PULL, is_pointer, missing_submodule
from crossbuild.system.core_metadata import read_core_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BROKEN = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError),
    *(OSError, RuntimeError, ValueError, LookupError, ArithmeticError),
)
"""What the standard library raises for an archive that is damaged, encrypted or none at all."""


def unpack_sdist(path: Path, into: Path, *, subdirectory: str = "") -> Path:
    """Unpack the archive at ``path`` below ``into`` and return its one top directory.

    Raises SourceError for an archive that cannot be read, that holds members which could write or point outside of
    it or are neither files, directories nor links, that has not one top directory, or no project in it or in the
    ``subdirectory`` there; CrossbuildError if this machine has no space for it, say. Then nothing of it is left.
    """
    into.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".unpack-", dir=into))
    try:
        _extract(path, scratch)
        top = _only_directory(scratch, path)
        # The names of members were checked before. Only the unpacked files show where chains of links lead.
        _refuse(path, _escapes(top))
        _refuse(path, [f"{subdirectory} leads outside"] if leads_outside(subdirectory) else [])
        check_project(top / subdirectory, f"{path.name} {subdirectory}".strip())
        return top.rename(into / top.name)
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno in MACHINE_FAILURES:
            raise system_failure(error, into) from None
        why, fix = str(error) or type(error).__name__, "Download the sdist again."
        if is_pointer(path):
            why, fix = "It is a pointer of Git LFS: its content is missing.", PULL
        raise SourceError(f"{path} cannot be unpacked.", why=why, fix=fix) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def check_project(directory: Path, called: str) -> None:
    """Raise SourceError, naming it as ``called``, if there is nothing to build in ``directory`` (PEP 517)."""
    if not any((directory / name).is_file() for name in ("pyproject.toml", "setup.py")):
        why, fix = "It has neither pyproject.toml nor setup.py.", "Give the directory, or the sdist, of a project."
        if submodule := missing_submodule(directory.absolute()):
            why, fix = f"{submodule} is a submodule that is not checked out.", CHECK_OUT
        raise SourceError(f"{called} is not a Python project.", why=why, fix=fix)


def identity(directory: Path, sdist: Path) -> tuple[str | None, str | None]:
    """Return name and version as the unpacked ``PKG-INFO`` has them, else as the file name has."""
    info = directory / "PKG-INFO"
    if info.is_file():
        fields = read_core_metadata(info.read_bytes())
        if fields.get("name") and fields.get("version"):
            return fields["name"], fields["version"]
    # Names of older sdists have hyphens (PEP 625 escapes them), so the version shows where the name ends.
    version = IndexFile.from_filename(sdist.name, url="", hashes={}).version
    return (sdist.name.rpartition(f"-{version}")[0] or None, str(version)) if version is not None else (None, None)


def _only_directory(scratch: Path, path: Path) -> Path:
    entries = sorted(scratch.iterdir())
    if len(entries) == 1 and entries[0].is_dir() and not entries[0].is_symlink():
        return entries[0]
    names = ", ".join(entry.name for entry in entries) or "nothing"
    raise SourceError(f"{path.name} is not an sdist.", why=f"An sdist has one directory at its top; this has {names}.")


def _extract(path: Path, scratch: Path) -> None:
    if path.name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            _extract_zip(archive, scratch, path)
        return
    # By default, names are read in the encoding of the locale.
    with tarfile.open(path, encoding="utf-8") as tar:
        _extract_tar(tar, scratch, path)


def _extract_zip(archive: zipfile.ZipFile, scratch: Path, path: Path) -> None:
    members = archive.infolist()
    _refuse(path, (f"{member.filename} leads outside" for member in members if leads_outside(member.filename)))
    for member in members:
        written = Path(archive.extract(member, scratch))
        # zipfile drops the mode; a configure script has to stay executable.
        if not member.is_dir() and member.external_attr >> 16 & stat.S_IXUSR:
            written.chmod(written.stat().st_mode | 0o111)


def _extract_tar(tar: tarfile.TarFile, scratch: Path, path: Path) -> None:
    """Extract what passes our checks, under the ``data`` filter of PEP 706 where Python has it (from 3.11.4 on)."""
    members = tar.getmembers()
    _refuse(path, _dangers(members))
    if hasattr(tarfile, "data_filter"):
        try:
            tar.extractall(scratch, members, filter="data")
        except tarfile.FilterError as error:
            _refuse(path, [str(error)])
        return
    # Modes as after the filter: nothing set-user-ID, nothing that others can write to.
    for member in members:
        member.mode = member.mode & 0o755 | (0o700 if member.isdir() else 0o600)
        tar.extract(member, scratch)


def _dangers(members: Iterable[tarfile.TarInfo]) -> Iterator[str]:
    """Name each member that is not plain, or could be written, or make another be written, outside.

    Nothing may be written through a symbolic link: where a link leads depends on other links, its own place does not.
    """
    members = list(members)
    names = Counter(_name(member.name) for member in members)
    links = {_name(member.name) for member in members if member.issym()}
    before: set[str] = set()
    for member in members:
        name = _name(member.name)
        if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
            yield f"{member.name} is a device or a pipe"
        elif leads_outside(member.name):
            yield f"{member.name} leads outside"
        elif member.issym() and leads_outside(member.linkname, str(PurePosixPath(name).parent)):
            yield f"{member.name} links to {member.linkname}, outside"
        elif member.issym() and _climbs_from_link(member.linkname, PurePosixPath(name).parent, links):
            yield f"{member.name} links to {member.linkname}, up from another link"
        elif member.islnk() and (leads_outside(member.linkname) or _goes_through(_name(member.linkname), links)):
            yield f"{member.name} links to {member.linkname}, outside or through another link"
        elif member.islnk() and _name(member.linkname) not in before:
            yield f"{member.name} is a hard link to {member.linkname}, which is not a file before it in the archive"
        elif _goes_through(str(PurePosixPath(name).parent), links) or (name in links and names[name] > 1):
            yield f"{member.name} is written through a link"
        if not member.isdir():
            before.add(name)


def _name(text: str) -> str:
    return os.path.normpath(text)


def _goes_through(name: str, links: set[str]) -> bool:
    return any(str(place) in links for place in (PurePosixPath(name), *PurePosixPath(name).parents))


def _climbs_from_link(name: str, start: PurePosixPath, links: set[str]) -> bool:
    """Return whether ``..`` follows a link in ``name``, seen from ``start``: it leads elsewhere than it reads."""
    place = start
    for part in PurePosixPath(name).parts:
        if part == ".." and _goes_through(str(place), links):
            return True
        place = PurePosixPath(_name(f"{place}/{part}"))
    return False


def leads_outside(name: str, start: str = ".") -> bool:
    """Return whether ``name``, seen from ``start`` in the archive, is absolute or climbs above the archive's top."""
    return name.startswith("/") or PurePosixPath(_name(f"{start}/{name}")).parts[:1] == ("..",)


def _escapes(top: Path) -> Iterator[str]:
    """Name each link that, all links being followed, leads out of ``top`` after all."""
    root = top.resolve()
    for directory, directories, files in os.walk(top):
        for place in (Path(directory, name) for name in (*directories, *files)):
            if place.is_symlink() and not place.resolve().is_relative_to(root):
                yield f"{place.relative_to(top.parent)} links to {place.readlink()}, outside"


def _refuse(path: Path, dangers: Iterable[str]) -> None:
    found = sorted(dangers)
    if found:
        raise SourceError(
            f"{path.name} is not unpacked: it is not safe.",
            why="\n".join(found[:5]),
            fix="Do not build it, or make a clean sdist from its source.",
        )
