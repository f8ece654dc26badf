"""Lines that fit a terminal: broken between words, where it would break them anywhere, or cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"(?:\d+ min \d\d s\b|[\d.]+ (?:s|kB|MB|GB)\b|\S+)\S*\s*")
"""A word, or a number with its unit."""
_DEEPER = 2
_NARROW = 20
"""Columns that lines keep at least; deeper indentation is cut."""


def wrapped(text: Text, width: int) -> Iterator[Text]:
    """Yield ``text`` in lines of ``width`` columns, those that go on a line indented deeper than it.

    A word that is longer than a line stays whole.
    """
    for line in text.split("\n", allow_blank=True):
        indent = len(line.plain) - len(line.plain.lstrip(" "))
        hanging = " " * min(indent + _DEEPER, max(width - _NARROW, 0))
        first, *others = line.divide(_breaks(line.plain, indent, width, len(hanging)))
        yield from (_right_stripped(part) for part in (first, *(Text.assemble(hanging, part) for part in others)))


def cut(text: Text, width: int, *, ascii_only: bool, pad: bool = False) -> Text:
    """Return ``text``, at most ``width`` columns wide; with ``pad``, exactly."""
    text.truncate(width, overflow="crop" if ascii_only else "ellipsis", pad=pad)
    return text


def _breaks(text: str, indent: int, width: int, hanging: int) -> list[int]:
    """Return where in ``text`` new lines begin."""
    found: list[int] = []
    used = indent
    for word in _WORD.finditer(text, indent):
        if used + cell_len(word[0].rstrip()) > width and used > (hanging if found else indent):
            found.append(word.start())
            used = hanging
        used += cell_len(word[0])
    return found


def _right_stripped(line: Text) -> Text:
    line.rstrip()
    return line
