"""The time of what is made: ``SOURCE_DATE_EPOCH``, as reproducible-builds.org specifies it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = "SOURCE_DATE_EPOCH"
LATEST = 4_354_819_199
"""The last second of 2107, the latest time in a ZIP archive."""


def source_date_epoch(environ: Mapping[str, str]) -> int | None:
    """Return the seconds since 1970 that ``environ`` says; None if it says nothing. Raises UsageError."""
    text = environ.get(_NAME)
    if text is None:
        return None
    seconds = int(text) if re.fullmatch(r"\d{1,12}", text, re.ASCII) else -1
    if not 0 <= seconds <= LATEST:
        raise UsageError(
            f"{_NAME} is {text[:40]!r}, which is not a number of seconds since 1970 up to the year 2107.",
            fix="Unset it, or set it to such a number: $(git log -1 --format=%ct) is the time of the last commit.",
        )
    return seconds
