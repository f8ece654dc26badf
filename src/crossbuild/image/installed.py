"""What is installed in a root, as its own ``*.dist-info`` directories say (PEP 376, PEP 427, PEP 610, PEP 710).

Of a distribution that only has an ``*.egg-info``, as Debian's older packages do, the files are not known.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from crossbuild.errors import HostError
from crossbuild.host.markers import marker_environment
from crossbuild.host.reading.files import read_text
from crossbuild.image.places import EscapeError, Places
from crossbuild.image.staged import WAIVED
from crossbuild.resolve.metadata import Metadata
from crossbuild.system.core_metadata import read_core_metadata
from crossbuild.system.documents import parse_json
from crossbuild.system.requirement_text import read_requirement
from crossbuild.wheels.distribution import Origin

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from packaging.metadata import RawMetadata

    from crossbuild.host.model import Host
    from crossbuild.image.wheel_layout import Layout

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
    license: str = ""
    """What its metadata say of its licence: an SPDX expression, or anything."""
    requires: tuple[str, ...] = ()
    """Its ``Requires-Dist`` fields, as they are."""
    extras: tuple[str, ...] = ()
    """Its ``Provides-Extra`` fields, as they are."""
    origin: Origin | None = None
    """What its ``direct_url.json`` or its ``provenance_url.json`` says; None if it has neither, or a broken one."""
    waived: tuple[str, ...] = ()
    """The faults of its wheel that the user waived."""

    @property
    def title(self) -> str:
        """``numpy 2.0.1``."""
        return f"{self.name} {self.version}".rstrip()

    @property
    def metadata(self) -> Metadata | None:
        """What it requires; None if that cannot be read."""
        try:
            return Metadata(
                name=self.name,
                version=Version(self.version),
                requires=tuple(map(read_requirement, self.requires)),
                extras=frozenset(map(canonicalize_name, self.extras)),
            )
        except ValueError:
            return None


def installed_in(layout: Layout) -> list[Installed]:
    """Return what is installed in the directories of ``layout`` that packages are imported from, sorted by name.

    What is broken is returned as far as it can be read.
    """
    return _in_directories(layout.libraries, layout)


def importable_in(layout: Layout) -> list[Installed]:
    """Return what can be imported with ``layout``, by name: what is installed in it, and else in those below it."""
    found = [*_in_directories(layout.below, layout), *_in_directories(layout.libraries, layout)]
    # The last one wins: its directory comes first on sys.path.
    return list({one.name: one for one in found}.values())


def _in_directories(libraries: Iterable[PurePosixPath], layout: Layout) -> list[Installed]:
    places = Places(root=layout.root)
    found = [one for library in libraries for one in _installed_below(library, places)]
    return sorted(found, key=lambda one: (one.name, str(one.directory)))


def required_by(installed: Collection[Installed], host: Host) -> dict[str, tuple[str, ...]]:
    """Return for each name the names of those that require it on ``host``, be it for an extra."""
    environment = marker_environment(host)
    found: dict[str, set[str]] = {one.name: set() for one in installed}
    for one in installed:
        needs = one.metadata.required(environment, one.metadata.extras) if one.metadata else ()
        for name in {canonicalize_name(need.name) for need in needs} & found.keys() - {one.name}:
            found[name].add(one.name)
    return {name: tuple(sorted(names)) for name, names in found.items()}


def _installed_below(library: PurePosixPath, places: Places) -> Iterator[Installed]:
    try:
        # By a file in it, since only the directories above a path have their links followed.
        entries = sorted(entry.name for entry in places.find(library / "x").parent.iterdir())
    except (EscapeError, OSError):
        return
    for entry in entries:
        stem, dot, kind = entry.rpartition(".")
        if dot and stem and kind in {"dist-info", "egg-info"}:
            yield _read(library / entry, places)


def _read(directory: PurePosixPath, places: Places) -> Installed:
    metadata = _metadata(directory, places)
    name, _, version = directory.stem.partition("-")
    record = _text(directory / "RECORD", places) if directory.suffix == ".dist-info" else None
    return Installed(
        name=canonicalize_name(metadata.get("name", name)),
        # An *.egg-info is called NAME-VERSION-pyX.Y.
        version=metadata.get("version", version.partition("-py")[0]),
        directory=directory,
        files=tuple(_recorded(record or "", directory.parent)),
        has_record=record is not None,
        installer=(_text(directory / "INSTALLER", places) or "").strip(),
        requested=_text(directory / "REQUESTED", places) is not None,
        license=metadata.get("license_expression") or metadata.get("license", ""),
        requires=tuple(metadata.get("requires_dist", ())),
        extras=tuple(metadata.get("provides_extra", ())),
        origin=_origin(directory, places),
        waived=_waived(directory, places),
    )


def _metadata(directory: PurePosixPath, places: Places) -> RawMetadata:
    """Return the fields of the metadata; a broken file has some of them."""
    files = (directory / "METADATA", directory / "PKG-INFO", directory)
    return read_core_metadata(next((text for file in files if (text := _text(file, places)) is not None), ""))


def _recorded(record: str, library: PurePosixPath) -> Iterator[PurePosixPath]:
    try:
        for row in csv.reader(record.splitlines()):
            if row and row[0]:
                yield PurePosixPath(os.path.normpath(library / row[0]))
    except csv.Error:
        return


def _text(path: PurePosixPath, places: Places) -> str | None:
    try:
        file = places.content(path)
        return read_text(file, limit=_LARGEST) if file.is_file() else None
    except (EscapeError, HostError, OSError):
        return None


def _origin(directory: PurePosixPath, places: Places) -> Origin | None:
    readers = {"direct_url.json": Origin.from_direct, "provenance_url.json": Origin.from_provenance}
    for name, read in readers.items():
        try:
            return read(parse_json(_text(directory / name, places) or ""))
        except (LookupError, TypeError, ValueError, AttributeError):
            continue
    return None


def _waived(directory: PurePosixPath, places: Places) -> tuple[str, ...]:
    try:
        return tuple(map(str, parse_json(_text(directory / WAIVED, places) or "")["waived"]))
    except (LookupError, TypeError, ValueError):
        return ()
