"""A wheel from outside: what a closing line says of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

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
    with wheel.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    return WheelSummary(
        name=name,
        version=str(version),
        tags=tuple(sorted(map(str, tags))),
        size=wheel.stat().st_size,
        sha256=digest.hexdigest(),
    )
