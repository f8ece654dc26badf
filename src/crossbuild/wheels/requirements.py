"""Requirements by ``file:`` URL, which backends write for path dependencies: made to name files that stay.

A project is built in a copy, which is gone when its requirements are installed. The originals are where the copy's
paths lead without the directory that the copy is in.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from pathlib import Path

from crossbuild.wheels.retag import rewrite_members


def localise_requirements(wheel: Path, sources: Path) -> None:
    """Let the METADATA of ``wheel`` name no file below ``sources``, but the original; leave a broken wheel alone."""
    try:
        changed = _changed(wheel, sources)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return
    if changed:
        with tempfile.TemporaryDirectory(dir=wheel.parent) as scratch:
            rewrite_members(wheel, Path(scratch, wheel.name), changed)
            Path(scratch, wheel.name).replace(wheel)


def with_originals(metadata: bytes, sources: Path) -> bytes:
    """Return ``metadata`` with the originals in place of their copies below ``sources``."""
    return re.sub(
        rb"^(Requires-Dist:.*?@\s*file://)" + re.escape(sources.as_uri().removeprefix("file://").encode()) + rb"(?=/)",
        rb"\1",
        metadata,
        flags=re.MULTILINE | re.IGNORECASE,
    )


def _changed(wheel: Path, sources: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        old = {name: archive.read(name) for name in archive.namelist() if name.endswith(".dist-info/METADATA")}
    new = {name: with_originals(content, sources) for name, content in old.items()}
    return {name: content for name, content in new.items() if content != old[name]}
