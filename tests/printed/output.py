"""Quoted output, and what is printed in its stead.

Three things may differ. ``…`` stands for text that is left out: alone on a line, for any number of lines. A number that
is a word of its own (a version, a time, a size with its unit, a count) stands for any number, and a date for any date.
Blanks stand for any blanks, since columns are as wide as what is in them; those that a line begins with do not count.
"""

from __future__ import annotations

import difflib
import re

_LOOSE = re.compile(r"(…|(?<![\w.-])\d+(?:\.\d+)*(?: [kMG]B\b)?(?![\w-])|\b\d{4}-\d\d-\d\d\b|[ \t]+)")


def difference(quoted: str, printed: str) -> str:
    """Return how ``printed`` differs from ``quoted``, or nothing."""
    lines = [line.rstrip() for line in printed.splitlines()]
    pattern = "".join(map(_pattern, quoted.splitlines()))
    if re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)):
        return ""
    return "\n".join(difflib.unified_diff(quoted.splitlines(), lines, "quoted", "printed", lineterm="", n=1000))


def _pattern(line: str) -> str:
    line = line.strip()
    return r"(?:.*\n)*?" if line == "…" else rf"[ \t]*{''.join(map(_part, _LOOSE.split(line)))}\n"


def _part(text: str) -> str:
    if text == "…":
        return ".*?"
    if text.isspace():
        return r"[ \t]+"
    if not _LOOSE.fullmatch(text):
        return re.escape(text)
    if "-" in text:
        return r"\d{4}-\d\d-\d\d"
    return r"(?:\d+ min )?\d+(?:\.\d+)*" + (" [kMG]B" if text.endswith("B") else "")
