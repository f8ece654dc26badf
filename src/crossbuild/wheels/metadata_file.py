"""METADATA and WHEEL as installers read them.

Sources: the core metadata specification, PEP 508 (requirements), PEP 440 (versions), and PyPA's "Binary distribution
format" (WHEEL).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import Version

from crossbuild.wheels.findings import WheelFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.metadata import RawMetadata

    from crossbuild.host.model import Host
    from crossbuild.wheels.archive import WheelArchive
    from crossbuild.wheels.wheel_contents import WheelContents

# packaging's own errors are ValueErrors, and so is Python's over numbers of more than 4300 digits.
_KNOWN_METADATA = re.compile(r"[12]\.\d+", re.ASCII)
"""The versions that installers know."""

_LONGEST_SHOWN = 200


def metadata_problems(archive: WheelArchive, fields: RawMetadata) -> Iterator[WheelFinding]:
    """Yield what is wrong with WHEEL and the ``fields`` of METADATA, whatever the host."""
    wheel = archive.path.name
    if not _is_of(fields, archive):
        said = f"{_shown(fields.get('name') or 'no name')} {_shown(fields.get('version') or 'without a version')}"
        text = f"its METADATA is of {said}, unlike its file name"
        yield WheelFinding(id="metadata-mismatch", file=wheel, text=text)
    for fault in _faults(fields):
        yield WheelFinding(id="invalid-metadata", file=wheel, text=f"its METADATA {fault}")
    purelib = archive.wheel_file.get("Root-Is-Purelib", "").strip()
    if purelib.lower() not in {"true", "false"}:
        said = f"says Root-Is-Purelib: {_shown(purelib)}" if purelib else "has no Root-Is-Purelib"
        yield WheelFinding(id="invalid-metadata", file=wheel, text=f"its WHEEL {said}; it must be true or false")


def python_problems(contents: WheelContents, host: Host) -> Iterator[WheelFinding]:
    """Yield a problem if the wheel says that it is not for the Python of ``host``."""
    own = ".".join(map(str, host.python_version))
    try:
        fits = SpecifierSet(contents.requires_python).contains(own, prereleases=True)
    except ValueError:
        return
    if not fits:
        text = f"requires Python {_shown(contents.requires_python)}, and the host has {own}"
        yield WheelFinding(id="wrong-python", file=contents.path.name, text=text)


def _is_of(fields: RawMetadata, archive: WheelArchive) -> bool:
    try:
        version = Version(fields.get("version", ""))
    except ValueError:
        return False
    return canonicalize_name(fields.get("name", "")) == archive.name and version == archive.version


def _faults(fields: RawMetadata) -> Iterator[str]:
    version = fields.get("metadata_version", "")
    if not _KNOWN_METADATA.fullmatch(version):
        said = f"is of version {_shown(version)}" if version else "does not say its Metadata-Version"
        yield f"{said}; installers take 1.x and 2.x"
    try:
        canonicalize_name(fields.get("name", ""), validate=True)
    except InvalidName:
        yield f"has the name {_shown(fields.get('name', ''))!r}, which no project can have"
    try:
        SpecifierSet(fields.get("requires_python", "")).contains("3")
    except ValueError:
        yield f"requires a Python that cannot be read: {_shown(fields.get('requires_python', ''))}"
    for line in fields.get("requires_dist", []):
        try:
            Requirement(line)
        except ValueError:
            yield f"has a requirement that cannot be read: {_shown(line)}"


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
