"""A wheel from outside: what a closing line says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

from crossbuild.system.filesystem import sha256_of
from crossbuild.wheels.archive import open_wheel

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class WheelSummary:
    """Name, version, tags, size and hash of a wheel file."""

    name: str
    """The project's normalised name."""
    version: str
    tags: tuple[str, ...]
    """``cp311-cp311-linux_aarch64``, sorted."""
    size: int
    """Bytes."""
    sha256: str


def describe(wheel: Path) -> WheelSummary:
    """Describe ``wheel``, by its name and its bytes."""
    name, version, _, tags = parse_wheel_filename(wheel.name)
    return WheelSummary(
        name=name,
        version=str(version),
        tags=tuple(sorted(map(str, tags))),
        size=wheel.stat().st_size,
        sha256=sha256_of(wheel),
    )


def metadata_of(wheel: Path) -> bytes:
    """Return the METADATA of ``wheel``. Raises AuditError if it is not a well-formed wheel, and OSError."""
    with open_wheel(wheel) as archive:
        return archive.metadata("METADATA")
