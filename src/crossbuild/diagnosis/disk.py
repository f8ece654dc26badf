"""Where crossbuild writes: the cache and the place of build directories."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.diagnosis.finding import Finding
from crossbuild.errors import CrossbuildError
from crossbuild.system.scratch import temporary_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crossbuild.diagnosis.finding import State

_GIGA = 1e9
_LITTLE = 2e9
"""Bytes: zig and what it compiles of its libraries for a host take about one thousand million."""
_PATIENCE = 2.0
"""Seconds to count for."""


def check_cache(directory: Path) -> Finding:
    """Return whether the cache can be written to, and how large it is."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # By making a file: permissions say nothing of quotas, or of what a network file system allows.
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        return Finding(
            subject="cache",
            state="problem",
            detail=f"{directory} cannot be written to: {error.strerror}",
            remedy="Choose another directory with --cache-dir or CROSSBUILD_CACHE_DIR.",
            exit_code=CrossbuildError.exit_code,
        )
    size, whole = _size(directory, until=time.monotonic() + _PATIENCE)
    return Finding(subject="cache", state="ok", detail=f"{directory}, {'' if whole else 'more than '}{_giga(size)}")


def check_space(directory: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield how much room there is in the cache ``directory`` and for build directories."""
    temporary, wanted = temporary_place(), environ.get("TMPDIR")
    if wanted and Path(wanted).resolve() != temporary:
        yield Finding(
            subject="TMPDIR",
            state="warning",
            detail=f"{wanted} is no directory that can be written to; builds use {temporary}",
            remedy="Make that directory, or unset TMPDIR.",
        )
    places = (("space for the cache", directory, "--cache-dir"), ("space for builds", temporary, "TMPDIR"))
    for subject, place, setting in places:
        there = next((above for above in (place, *place.absolute().parents) if above.exists()), Path("/"))
        free = shutil.disk_usage(there).free
        state: State = "ok" if free >= _LITTLE else "warning"
        remedy = "" if free >= _LITTLE else f"Make room, or choose another place with {setting}."
        yield Finding(subject=subject, state=state, detail=f"{_giga(free)} free ({place})", remedy=remedy)


def _size(directory: Path, *, until: float) -> tuple[int, bool]:
    """Return the bytes below ``directory``, hard links counted once, and whether all was counted before ``until``."""
    counted: dict[int, int] = {}
    for place, _, names in os.walk(directory):
        if time.monotonic() > until:
            return sum(counted.values()), False
        for name in names:
            try:
                status = Path(place, name).lstat()
            except OSError:  # builds may go on
                continue
            counted[status.st_ino] = status.st_size
    return sum(counted.values()), True


def _giga(count: float) -> str:
    return f"{count / _GIGA:.1f} GB"
