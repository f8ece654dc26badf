"""Requirements by ``file:`` URL, which backends write for path dependencies: made to name files that stay.

A project is built in a copy, which is gone when its requirements are installed. The originals are where the copy's
paths lead without the directory that the copy is in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.errors import AuditError
from crossbuild.wheels.archive import open_wheel
from crossbuild.wheels.retag import change_members

if TYPE_CHECKING:
    from pathlib import Path


def localise_requirements(wheel: Path, sources: Path) -> None:
    """Let the METADATA of ``wheel`` name no file below ``sources``, but the original; leave a broken wheel alone."""
    try:
        with open_wheel(wheel) as archive:
            name, old = f"{archive.dist_info}/METADATA", archive.metadata("METADATA")
    except AuditError:
        return
    new = with_originals(old, sources)
    change_members(wheel, {name: new} if new != old else {})


def with_originals(metadata: bytes, sources: Path) -> bytes:
    """Return ``metadata`` with the originals in place of their copies below ``sources``."""
    return re.sub(
        rb"^(Requires-Dist:.*?@\s*file://)" + re.escape(sources.as_uri().removeprefix("file://").encode()) + rb"(?=/)",
        rb"\1",
        metadata,
        flags=re.MULTILINE | re.IGNORECASE,
    )
