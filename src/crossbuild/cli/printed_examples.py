"""Examples of help texts: a command a line, each on as many lines as the terminal is wide.

A line that ends in a colon says what the next one is for, and one may end in a remark in parentheses.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"""(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+""")
_REMARK = re.compile(r" {2,}(?=\()")
_CONTINUED = re.compile(r"\s*\\\n\s*")
_STEP = "  "


def example_lines(text: str, width: int) -> Iterator[str]:
    """Yield the lines of the examples in ``text`` for that many columns."""
    for line in _CONTINUED.sub(" ", inspect.cleandoc(text)).splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        if len(line) <= width:
            yield line
        elif line.endswith(":"):
            yield from textwrap.wrap(line, width, subsequent_indent=indent)
        else:
            command, *remarks = _REMARK.split(line.strip())
            yield from _folded(command, indent, width)
            yield from (f"{indent}{_STEP}{remark}" for remark in remarks)


def commands_in(text: str) -> list[str]:
    """Return the commands of the examples in ``text``, each on one line, with its remark."""
    lines = _CONTINUED.sub(" ", inspect.cleandoc(text)).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.endswith(":")]


def _folded(command: str, indent: str, width: int) -> Iterator[str]:
    """Yield the lines of ``command``, which a shell reads as one."""
    line = indent
    for part in _parts(command):
        if line.strip() and len(line) + len(part) + len(" \\") > width:
            yield f"{line} \\"
            line = f"{indent}{_STEP}{part}"
        else:
            line += f" {part}" if line.strip() else part
    yield line


def _parts(command: str) -> Iterator[str]:
    """Yield the words of ``command`` as they are written, options together with what follows them."""
    option = ""
    for word in _WORD.findall(command):
        if option:
            yield option if word.startswith("-") else f"{option} {word}"
            option = word if word.startswith("-") else ""
        elif word.startswith("-"):
            option = word
        else:
            yield word
    if option:
        yield option
