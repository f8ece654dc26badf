"""Text from outside, made fit for a terminal: what would steer the terminal, or reorder what it shows, is spelled out.

Sources: ECMA-48 (control characters and sequences) and Unicode's UAX #9 (characters that reorder text).
"""

from __future__ import annotations

import re

_STEERING = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
"""All control characters but tabs and ends of lines; what has no width, or reorders text; halves of characters."""
_ALL = re.compile(_STEERING)
_ALL_BUT_COLOURS = re.compile(rf"\x1b\[[0-9;:]*m|({_STEERING})")


def printable(text: str) -> str:
    r"""Return ``text`` with every character that steers a terminal as Python writes it: ``\x1b``."""
    return text if text.isprintable() else _ALL.sub(lambda found: _spelled(found[0]), text)


def coloured(text: str) -> str:
    """Return ``text`` likewise, but for the sequences that set colours and styles."""
    return _ALL_BUT_COLOURS.sub(lambda found: _spelled(found[1]) if found[1] else found[0], text)


def _spelled(character: str) -> str:
    return repr(character)[1:-1]
