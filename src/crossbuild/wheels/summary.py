"""The metadata of a wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.wheels.archive import open_wheel

if TYPE_CHECKING:
    from pathlib import Path


def metadata_of(wheel: Path) -> bytes:
    """Return the METADATA of ``wheel``. Raises AuditError if it is not a well-formed wheel, and OSError."""
    with open_wheel(wheel) as archive:
        return archive.metadata("METADATA")
