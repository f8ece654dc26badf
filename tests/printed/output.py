"""Quoted output, and what is printed in its stead.

Three things may differ. ``…`` stands for text that is left out: alone on a line, for any number of lines. A number that
is a word of its own (a version, a time, a count) stands for any number, a size for any size, and a day for any day.
Blanks stand for any blanks, since columns are as wide as what is in them; those that a line begins with do not count.
Nor do the lines that a log gets each minute, which tell of a busy machine.
"""

from __future__ import annotations

import difflib
import re

_NUMBER = r"(?:\d{4}-\d\d-\d\d|\d+(?:\.\d+)*(?: [kMG]?B)?)"
_MINUTES = re.compile(r"[ \t]*\S.*: \d+ min \d\d s so far")
_LOOSE = re.compile(rf"(…|(?<![\w.-]){_NUMBER}(?![\w-])|[ \t]+)")


def difference(quoted: str, printed: str) -> str:
    """Return how ``printed`` differs from ``quoted``, or nothing."""
    lines = [line.rstrip() for line in printed.splitlines()]
    if not any(map(_MINUTES.fullmatch, quoted.splitlines())):
        lines = [line for line in lines if not _MINUTES.fullmatch(line)]
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
    return rf"(?:\d+ min )?{_NUMBER}" if _LOOSE.fullmatch(text) else re.escape(text)
