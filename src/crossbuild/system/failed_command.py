"""The command that failed, without the options that have nothing to do with its error."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMPILER = re.compile(r"(?:[\w.]+-)*(?:gcc|g\+\+|cc|c\+\+|clang(?:\+\+)?|gfortran)(?:-[\d.]+)?")
_SOURCE = re.compile(r"\.(?:[cCmsS]|cc|cpp|cxx|c\+\+|mm|f|f\d\d|F\d*|for)$")
"""The suffixes of what compilers compile."""
_LIBRARY = "-l"


def shortened(command: str, said: Sequence[str]) -> str:
    """Return the program of ``command``, its sources or else its output, and the options that ``said`` speaks of.

    ``said`` is its error. Only compilers have options without end; other commands are returned as they are.
    """
    try:
        words = shlex.split(command.removeprefix(": && ").removesuffix(" && :"))
    except ValueError:  # a shell's line that goes on in the next
        return command
    if not words or not _COMPILER.fullmatch(PurePath(words[0]).name):
        return command
    text = "\n".join(said)
    is_compiling = any(map(_SOURCE.search, words[1:]))
    shown = [PurePath(words[0]).name]
    for before, word in pairwise(words):
        if _SOURCE.search(word):
            shown += ["-c", word] if before == "-c" else [word]
        elif before == "-o" and not is_compiling:
            shown += ["-o", word]
        elif word != "-o" and _is_named(word, text):
            shown.append(word)
        elif shown[-1] != "…":
            shown.append("…")
    return " ".join(shown).removesuffix(" …")


def _is_named(word: str, text: str) -> bool:
    """Return whether ``text`` speaks of the option ``word``."""
    if word.startswith(_LIBRARY):
        name = re.escape(word.removeprefix(_LIBRARY))
        return bool(re.search(rf"(?:-l|['\"]|\blib){name}\b", text))
    return word.startswith("-") and bool(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text))
