"""Wheels unpacked into a staging directory: every file as it is to be on the host, and where it goes there.

Sources: PEP 427 and PyPA's "Binary distribution format" (``.data``, ``#!python``), "Recording installed projects"
(RECORD, INSTALLER, REQUESTED, direct_url.json), PEP 710 (provenance_url.json, a draft).
"""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import shutil
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from installer.destinations import WheelDestination
from installer.records import RecordEntry
from installer.scripts import Script

from crossbuild.errors import InstallError
from crossbuild.system.filesystem import sha256_of
from crossbuild.wheels.wheel_installer import project_of, put_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from installer.scripts import ScriptSection
    from installer.utils import Scheme

    from crossbuild.image.wheel_layout import Layout
    from crossbuild.wheels.distribution import Distribution

WAIVED = "crossbuild-check.json"
"""The file in the ``.dist-info`` directory that lists the waived faults."""
_PLACEHOLDER = b"#!python"


@dataclass(frozen=True, kw_only=True)
class StagedFile:
    """A file that is to be on the host."""

    path: PurePosixPath
    """As the host calls it."""
    source: Path
    """In the staging directory."""
    verified: bool = True
    """Whether RECORD says its hash and size. It does not of itself, and not of bytecode, which may be made anew."""

    @property
    def digest(self) -> str:
        """Its SHA-256, in hexadecimal digits."""
        return sha256_of(self.source)


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A distribution's files."""

    distribution: Distribution
    files: tuple[StagedFile, ...]
    record: StagedFile
    """Its RECORD: empty until :func:`write_record`."""

    def with_files(self, more: Iterable[StagedFile]) -> Staged:
        """Return it with ``more`` files."""
        return replace(self, files=(*self.files, *more))


def stage(distribution: Distribution, layout: Layout, directory: Path) -> Staged:
    """Unpack the wheel of ``distribution`` into the empty ``directory``.

    Raises InstallError for a wheel that would write outside of the directories of ``layout``, and OSError.
    """
    destination = _Destination(layout=layout, project=project_of(distribution.wheel), directory=directory)
    directory.mkdir()
    put_wheel(distribution.wheel, destination, metadata=_metadata(distribution), error=InstallError)
    # What the wheel holds and an installer writes, such as INSTALLER, is there twice.
    files = {file.path: file for file in destination.files}
    # installer writes RECORD last (finalize_installation).
    record = files.pop(destination.files[-1].path)
    return Staged(distribution=distribution, files=tuple(files.values()), record=replace(record, verified=False))


def write_record(staged: Staged) -> None:
    """Write RECORD, of the files as they are now."""
    # RECORD is in the *.dist-info directory, and its paths start from the directory that holds that.
    library = staged.record.path.parent.parent
    text = io.StringIO()
    rows = sorted(_row(file, library) for file in (*staged.files, staged.record))
    csv.writer(text, lineterminator="\n").writerows(rows)
    staged.record.source.write_text(text.getvalue(), encoding="utf-8")


def _row(file: StagedFile, library: PurePosixPath) -> tuple[str, str, str]:
    inside = file.path.is_relative_to(library)
    path = str(file.path.relative_to(library)) if inside else os.path.relpath(file.path, library)
    if not file.verified:
        return path, "", ""
    encoded = base64.urlsafe_b64encode(bytes.fromhex(file.digest)).rstrip(b"=").decode()
    return path, f"sha256={encoded}", str(file.source.stat().st_size)


def _metadata(distribution: Distribution) -> dict[str, bytes]:
    found = {"REQUESTED": b""} if distribution.requested else {}
    told = {
        "direct_url.json": direct.to_dict() if (direct := distribution.origin.direct) else None,
        "provenance_url.json": distribution.origin.provenance,
        WAIVED: {"waived": list(distribution.waived)} if distribution.waived else None,
    }
    texts = {name: json.dumps(dict(facts), sort_keys=True) for name, facts in told.items() if facts is not None}
    return found | {name: text.encode() for name, text in texts.items()}


@dataclass(kw_only=True)
class _Destination(WheelDestination):
    """What installer writes through: numbered files in a directory, and the list of them."""

    layout: Layout
    project: str
    directory: Path
    files: list[StagedFile] = field(default_factory=list)

    def write_script(self, name: str, module: str, attr: str, section: ScriptSection) -> RecordEntry:
        _, content = Script(name, module, attr, section).generate(self.layout.interpreter, "posix")
        return self._write("scripts", name, io.BytesIO(content), executable=True)

    def write_file(
        self, scheme: Scheme, path: str | os.PathLike[str], stream: BinaryIO, is_executable: object
    ) -> RecordEntry:
        if scheme == "scripts":
            stream = io.BytesIO(b"".join(self._script(stream)))
        return self._write(scheme, os.fspath(path), stream, executable=bool(is_executable))

    def finalize_installation(
        self, scheme: Scheme, record_file_path: str, records: Iterable[tuple[Scheme, RecordEntry]]
    ) -> None:
        self._write(scheme, record_file_path, io.BytesIO(), executable=False)

    def _script(self, stream: BinaryIO) -> Iterator[bytes]:
        """Yield a script, with the host's Python where it asks for the one that it is installed for."""
        first = stream.readline()
        if first.startswith(_PLACEHOLDER):
            # All lines of it: if the path is too long for #! or has blanks, installer has sh start the interpreter.
            generated = Script("", "", "", "console").generate(self.layout.interpreter, "posix")[1]
            yield generated.partition(b"\n# -*- coding")[0] + b"\n"
        else:
            yield first
        yield stream.read()

    def _write(self, kind: str, path: str, stream: BinaryIO, *, executable: bool) -> RecordEntry:
        directory = self.layout.directory(kind, self.project)
        final = PurePosixPath(os.path.normpath(directory / path))
        if final == directory or not final.is_relative_to(directory) or ".." in PurePosixPath(path).parts:
            raise ValueError(f"It holds {path}, which would be outside of {directory}.")
        source = self.directory / str(len(self.files))
        with source.open("wb") as file:
            shutil.copyfileobj(stream, file)
        source.chmod(0o755 if executable else 0o644)
        self.files.append(StagedFile(path=final, source=source))
        return RecordEntry(path, None, None)
