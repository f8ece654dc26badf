"""The text of requirements files, as pip reads it: decoded, in logical lines, the options of a line apart.

Source: pip's reference, "Requirements File Format". What that leaves open is done as pip's ``req_file.py`` does it.
"""

from __future__ import annotations

import codecs
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
"""Byte order marks, and the encodings that they stand for."""
_ENCODING = re.compile(rb"#.*?coding[:=]\s*([-\w.]+)")
# Both are pip's: a # within a word is the fragment of a URL, and variables have capitals and braces.
_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_OPTION = re.compile(r"(?:^|(?<=\s))(?=--?[A-Za-z])")
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s*=\s*|\s+|(?=[^-=\s]))(?=\S)")


def decoded(content: bytes) -> str:
    """Return the text of a file: by its byte order mark, a comment (PEP 263), or as UTF-8. Raises ValueError."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding)
    found = next(filter(None, map(_ENCODING.match, content.split(b"\n", 2)[:2])), None)
    try:
        return content.decode(found[1].decode() if found else "utf-8")
    except LookupError as error:
        raise ValueError(str(error)) from None


def logical_lines(text: str, environ: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their numbers: without comments, joined where one ends in a backslash.

    ``${NAME}`` is replaced from ``environ`` if it is set there, and not empty.
    """
    joined, first = "", 0
    # The empty line at the end is for a last line with a backslash.
    for number, line in enumerate([*text.splitlines(), ""], 1):
        is_comment = line.lstrip().startswith("#")
        # pip's habits: a comment ends a line that was to go on, even if it has a backslash itself, and backslashes
        # are stripped at both ends.
        if line.endswith("\\") and not is_comment:
            joined, first = joined + line.strip("\\"), first or number
            continue
        whole = _COMMENT.sub("", f"{joined} {line}" if is_comment else joined + line).strip()
        if whole:
            yield first or number, _VARIABLE.sub(lambda found: environ.get(found[1]) or found[0], whole)
        joined, first = "", 0


@dataclass(frozen=True, kw_only=True)
class SplitLine:
    """A logical line: a requirement, options, or both."""

    text: str
    """The requirement, or what stands behind ``-e``; empty if there is neither."""
    options: list[str] = field(default_factory=list)
    """The words of the options."""
    is_editable: bool = False

    @classmethod
    def from_text(cls, line: str) -> Self:
        """Split ``line`` at the first option; only options have quotes. Raises ValueError for a quote without an end.

        A marker behind ``-e`` belongs to its requirement.
        """
        text, options = _parted(line)
        # To pip, -e is an option like others. Its value may have blanks here, for extras or a marker.
        editable = None if text else _EDITABLE.match(options)
        if editable:
            text, options = _parted(options[editable.end() :])
            words = shlex.split(text)
            text = words[0] if len(words) == 1 else text
        return cls(text=text, options=shlex.split(options), is_editable=bool(editable))


def _parted(line: str) -> tuple[str, str]:
    found = _OPTION.search(line)
    start = found.start() if found else len(line)
    return line[:start].strip(), line[start:]
