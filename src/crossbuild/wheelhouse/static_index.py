"""Wheels as a package index of plain files, which any web server or a ``file:`` URL gives to installers.

Sources: the simple repository API (PEP 503, and PEP 691 for the JSON form; PEP 629, its version), PEP 658 and PEP 714
(metadata beside a wheel). A server of files cannot choose a form by what is asked for: ``index.html`` is what it sends
for a directory, ``index.json`` is beside it for servers that are told to.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Self

from packaging.utils import parse_wheel_filename

from crossbuild.resolve.metadata import Metadata
from crossbuild.system.filesystem import replaced, sha256_of
from crossbuild.wheels.summary import metadata_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_API = "1.1"  # with the sizes and the list of versions (PEP 700)


@dataclass(frozen=True, kw_only=True)
class _File:
    """A wheel on a project's page."""

    filename: str
    size: int
    sha256: str
    metadata_sha256: str
    requires_python: str

    @classmethod
    def from_wheel(cls, wheel: Path) -> Self:
        metadata = metadata_of(wheel)
        return cls(
            filename=wheel.name,
            size=wheel.stat().st_size,
            sha256=sha256_of(wheel),
            metadata_sha256=hashlib.sha256(metadata).hexdigest(),
            requires_python=Metadata.from_bytes(metadata, label=wheel.name).requires_python,
        )

    @property
    def html(self) -> str:
        python = f' data-requires-python="{escape(self.requires_python)}"' if self.requires_python else ""
        # Installers that are older than PEP 714 know the second name only.
        told = " ".join(
            f'data-{name}="sha256={self.metadata_sha256}"' for name in ("core-metadata", "dist-info-metadata")
        )
        name = escape(self.filename)
        return f'<a href="{name}#sha256={self.sha256}"{python} {told}>{name}</a><br>'

    @property
    def json(self) -> dict[str, Any]:
        told = {"sha256": self.metadata_sha256}
        python = {"requires-python": self.requires_python} if self.requires_python else {}
        return {
            "filename": self.filename,
            "url": self.filename,
            "hashes": {"sha256": self.sha256},
            "size": self.size,
            "core-metadata": told,
            "dist-info-metadata": told,
            **python,
        }


def write_index(wheels: Iterable[Path], directory: Path) -> None:
    """Add ``wheels`` to the index in ``directory``; what is in it stays, but for files of the same names.

    Files come before the pages that list them, so that the index is right at any time. Raises OSError.
    """
    projects = {_add(wheel, directory) for wheel in wheels}
    for project in sorted(projects):
        _write_project(project, directory / project)
    names = sorted(place.name for place in directory.iterdir() if (place / "index.html").is_file())
    _write(directory / "index.html", _page("Packages", [f'<a href="{name}/">{name}</a><br>' for name in names]))
    _write(directory / "index.json", _document(projects=[{"name": name} for name in names]))


def _add(wheel: Path, directory: Path) -> str:
    name, *_ = parse_wheel_filename(wheel.name)
    place = directory / name
    place.mkdir(parents=True, exist_ok=True)
    _write(place / f"{wheel.name}.metadata", metadata_of(wheel))
    with replaced(place / wheel.name) as beside:
        shutil.copyfile(wheel, beside)
    return name


def _write_project(name: str, place: Path) -> None:
    files = [_File.from_wheel(wheel) for wheel in sorted(place.glob("*.whl"))]
    versions = sorted({str(parse_wheel_filename(file.filename)[1]) for file in files})
    _write(place / "index.html", _page(f"Links for {name}", [file.html for file in files]))
    _write(
        place / "index.json",
        _document(name=name, versions=versions, files=[file.json for file in files]),
    )


def _page(title: str, lines: Sequence[str]) -> bytes:
    head = f'<meta charset="utf-8"><meta name="pypi:repository-version" content="{_API}"><title>{title}</title>'
    return "\n".join(["<!DOCTYPE html>", f"<html><head>{head}</head><body>", *lines, "</body></html>", ""]).encode()


def _document(**facts: Any) -> bytes:
    return f"{json.dumps({'meta': {'api-version': _API}, **facts}, indent=1)}\n".encode()


def _write(file: Path, content: bytes) -> None:
    with replaced(file) as beside:
        beside.write_bytes(content)
