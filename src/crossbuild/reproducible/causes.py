"""Why two builds of one wheel differ: what of the circumstances of each is found where the bytes differ."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crossbuild.reproducible.compare import Difference

_WORD = re.compile(rb"[\x20-\x7e]{4,}")
"""A text in binary data, as strings(1) finds it."""
_DATE = re.compile(
    rb"\b\d{4}-\d\d-\d\d\b"
    rb"|\b20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\b"
    rb"|\b\d\d:\d\d(?::\d\d)?\b"
    rb"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w* [ \d]?\d\b"
)
_SECONDS = re.compile(rb"\b1[6-9]\d{8}\b|\b2\d{9}\b")
"""The present time in seconds since 1970, from 2020 to 2065."""
_CLOSE = 604_800
_BUILD = re.compile(rb"/crossbuild-[0-9a-f]{12}(?:/in-another-place)?")
"""A directory that crossbuild builds in."""


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """Where and how a project was built, twice."""

    names: Mapping[str, tuple[str, str]]
    """What differed, by what it is called in a message: as it was in the first build, and in the second."""


def cause(difference: Difference, circumstances: Circumstances) -> str:
    """Return the likely cause of ``difference`` in a few words; nothing if it is not known."""
    first, second = difference.first, difference.second
    if _differ(_BUILD, first, second):
        return "the build directory"
    for called, values in circumstances.names.items():
        # A number means something in a text only.
        if difference.is_text or not values[0].isdigit():
            mine, theirs = (re.compile(rb"(?<!\w)" + re.escape(value.encode()) + rb"(?!\w)") for value in values)
            if _has_more(mine, first, second) and _has_more(theirs, second, first):
                return called
    return next(_by_pattern(first, second), "") if first and second else ""


def _by_pattern(first: bytes, second: bytes) -> Iterator[str]:
    if _differ(_DATE, first, second) or _are_close(first, second):
        yield "the time of the build"
    mine, theirs = (Counter(_WORD.findall(content)) for content in (first, second))
    if len(mine) > 1 and mine == theirs and len(first) == len(second):
        yield "the order of what is in it"


def _differ(pattern: re.Pattern[bytes], first: bytes, second: bytes) -> bool:
    mine, theirs = Counter(pattern.findall(first)), Counter(pattern.findall(second))
    return bool(mine - theirs and theirs - mine)


def _has_more(pattern: re.Pattern[bytes], first: bytes, second: bytes) -> bool:
    return len(pattern.findall(first)) > len(pattern.findall(second))


def _are_close(first: bytes, second: bytes) -> bool:
    """Return whether each names a time that the other does not, and that is not far from it."""
    mine, theirs = ({*map(int, _SECONDS.findall(content))} for content in (first, second))
    return any(abs(one - other) < _CLOSE for one in mine - theirs for other in theirs - mine)
