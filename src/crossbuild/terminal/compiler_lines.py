"""Lines that compilers and build tools printed into a pipe, with the colours that they have on a terminal."""

from __future__ import annotations

import re

from rich.text import Text

from crossbuild.terminal.printable import coloured

_STYLES = (
    (re.compile(r"^[^\s:][^:]*:\d+(?::\d+)?(?=:)"), "bold"),
    (re.compile(r"(?i:\b(?:fatal |internal compiler )?error(?:\[\w+\])?:)|^CMake Error\b"), "bold red"),
    (re.compile(r"\bwarning:"), "bold magenta"),
    (re.compile(r"\bnote:"), "bold cyan"),
    (re.compile(r"(?<=\|)\s+[~^][~^\s]*$|^\s*[~^][~^\s]*$"), "bold green"),
    (re.compile(r"^Failed command:"), "bold"),
    (re.compile(r"^\[\d+ .*\]$"), "dim"),
)
"""What stands out in them, and in what is said of them."""


def compiler_line(line: str) -> Text:
    """Return ``line`` in its own colours, else in those that its words usually have; it does not steer the terminal."""
    text = Text.from_ansi(coloured(line.expandtabs()))
    for words, style in () if text.spans else _STYLES:
        text.highlight_regex(words, style)
    return text
