"""Where crossbuild writes: the cache and the place of build directories."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.diagnosis.finding import Finding
from crossbuild.errors import CrossbuildError
from crossbuild.system.cache import Cache
from crossbuild.system.kept_places import KEPT_BUILDS
from crossbuild.system.scratch import temporary_place
from crossbuild.terminal.quantities import size_text
from crossbuild.upkeep.survey import cache_info

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crossbuild.diagnosis.finding import State

_LITTLE = 2e9
"""Bytes: zig and what it compiles of its libraries for a host take about one thousand million."""


def check_cache(directory: Path, limit: int | None = None) -> Finding:
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
    info = cache_info(Cache(root=directory.absolute()), limit)
    kept = [f"including {size_text(one.size)} of kept builds" for one in info.kinds if one.name == KEPT_BUILDS]
    most = [f"limit {size_text(limit)}"] if limit else []
    return Finding(subject="cache", state="ok", detail=", ".join([str(directory), size_text(info.size), *kept, *most]))


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
        yield Finding(subject=subject, state=state, detail=f"{size_text(free)} free ({place})", remedy=remedy)
