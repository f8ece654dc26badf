"""What is installed in a root, as its own ``*.dist-info`` directories say (PEP 376, PEP 427, PEP 610).

Of a distribution that only has an ``*.egg-info``, as Debian's older packages do, the files are not known.
"""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from crossbuild.errors import HostError
from crossbuild.host.reading.files import read_text
from crossbuild.image.places import EscapeError, Places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.image.layout import Layout

_LARGEST = 1 << 28
"""Bytes of a RECORD or a METADATA; the largest real ones have some megabytes."""


@dataclass(frozen=True, kw_only=True)
class Installed:
    """A distribution that is installed in a root."""

    name: str
    """The project's normalised name."""
    version: str
    directory: PurePosixPath
    """Its ``*.dist-info``, or its ``*.egg-info`` (a directory or a file), as the host calls it."""
    files: tuple[PurePosixPath, ...] = ()
    """What RECORD lists, as the host calls it."""
    has_record: bool = False
    installer: str = ""
    requested: bool = False
    requires: tuple[str, ...] = ()
    """Its ``Requires-Dist`` fields, as they are."""
    direct: Any = None
    """What its ``direct_url.json`` says; None if it has none, or a broken one."""

    @property
    def title(self) -> str:
        """``numpy 2.0.1``."""
        return f"{self.name} {self.version}".rstrip()


def installed_in(layout: Layout) -> list[Installed]:
    """Return what is installed in the directories of ``layout`` that packages are imported from, sorted by name.

    What is broken is returned as far as it can be read.
    """
    places = Places(root=layout.root)
    found = [one for library in layout.libraries for one in _installed_below(library, places)]
    return sorted(found, key=lambda one: (one.name, str(one.directory)))


def _installed_below(library: PurePosixPath, places: Places) -> Iterator[Installed]:
    try:
        entries = sorted(entry.name for entry in places.find(library / "x").parent.iterdir())
    except (EscapeError, OSError):
        return
    for entry in entries:
        stem, dot, kind = entry.rpartition(".")
        if dot and stem and kind in {"dist-info", "egg-info"}:
            yield _read(library / entry, places.find(library / entry))


def _read(directory: PurePosixPath, real: Path) -> Installed:
    metadata = _metadata(real)
    name, _, version = directory.stem.partition("-")
    record = _text(real / "RECORD") if directory.suffix == ".dist-info" else None
    return Installed(
        name=canonicalize_name(next(iter(metadata.get("name", ())), name)),
        version=next(iter(metadata.get("version", ())), version.partition("-py")[0]),
        directory=directory,
        files=tuple(_recorded(record or "", directory.parent)),
        has_record=record is not None,
        installer=(_text(real / "INSTALLER") or "").strip(),
        requested=(real / "REQUESTED").is_file(),
        requires=tuple(metadata.get("requires-dist", ())),
        direct=_json(_text(real / "direct_url.json")),
    )


def _metadata(real: Path) -> dict[str, list[str]]:
    """Return the header fields of the metadata, by their names in lower case; a broken file has some of them."""
    texts = (_text(real / name) for name in ("METADATA", "PKG-INFO"))
    text = next((text for text in texts if text is not None), None) or _text(real) or ""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line:
            break
        key, colon, value = line.partition(":")
        if colon and not line[0].isspace():
            found.setdefault(key.lower(), []).append(value.strip())
    return found


def _recorded(record: str, library: PurePosixPath) -> Iterator[PurePosixPath]:
    try:
        for row in csv.reader(record.splitlines()):
            if row and row[0]:
                yield PurePosixPath(os.path.normpath(library / row[0]))
    except csv.Error:
        return


def _text(path: Path) -> str | None:
    try:
        return read_text(path, limit=_LARGEST) if path.is_file() else None
    except (HostError, OSError):
        return None


def _json(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return None
