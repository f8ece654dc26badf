"""The date of a project: that of its newest file, or of its last commit."""

from __future__ import annotations

import calendar
import tarfile
import zipfile
from typing import TYPE_CHECKING

from crossbuild.sources.checkouts import commit_time
from crossbuild.system.source_date import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crossbuild.sources.project import Source

_EARLIEST = 315_619_200
"""2 January 1980. ZIP archives begin the day before, and some tools write local times."""


def source_date(source: Source, environ: Mapping[str, str]) -> int | None:
    """Return the seconds since 1970 of the newest file in the sdist of ``source``, or of the last commit.

    None if neither tells: there are tools that write no date, and directories that are in no repository.
    """
    if source.sdist:
        return max(filter(_is_date, _member_times(source.sdist)), default=None)
    date = commit_time(source.top, environ) if source.top else None
    return date if date and _is_date(date) else None


def _is_date(seconds: int) -> bool:
    return _EARLIEST <= seconds <= LATEST


def _member_times(sdist: Path) -> Iterable[int]:
    if sdist.name.endswith(".zip"):
        with zipfile.ZipFile(sdist) as archive:
            # It does not say in which time zone. What matters is that it is the same for everybody.
            return [calendar.timegm((*info.date_time, 0, 0, 0)) for info in archive.infolist() if not info.is_dir()]
    with tarfile.open(sdist, encoding="utf-8") as tar:
        return [int(member.mtime) for member in tar if not member.isdir()]
