"""Paths of this machine in the files of a wheel: on the host they lead nowhere.

They are looked for in what the files hold, also packed, in the encodings and with the escapes of text and programs. Of
machine code, only what it reads at run time counts: the sources that debug information names are nowhere else, either.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from crossbuild.platforms.elf import ELF_MAGIC
from crossbuild.platforms.static_library import ARCHIVE_MAGIC
from crossbuild.wheels.file_parts import file_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crossbuild.platforms.content import Content

_PLAIN = (ELF_MAGIC, ARCHIVE_MAGIC)
_ENCODINGS = ("utf-8", "utf-16-be", "utf-16-le")
_INSIDE = re.compile(r"[\w.~)}%*\]-]$")
_OPTION = re.compile(r"(?:-[A-Za-z]|-isystem|-idirafter|\\[abfnrtv0])$")
"""What ends in a letter and yet stands before a path."""
_LONGER = re.compile(r"[\w-]|\.\w")
"""What follows a name that is longer than the one sought."""
_REST = re.compile(r"[^\s\"'`<>|;,:\0\ufffd]*")
_SCRATCH = "/crossbuild-"
_SCRATCH_NAME = re.compile(r"[0-9a-f]{12}(?![\w-])")
"""What follows in the names of crossbuild's temporary directories, those of other builds as well."""
_CONTEXT = 512
"""Bytes before and after a path that are looked at."""
_DEEP = 3
"""A path of so many directories is never the end of another one."""

STAND_IN = "/crossbuild"
"""What wheels that crossbuild builds call the directories of this machine. No host has a directory of that name."""
OVERLAP = 2 * _CONTEXT
"""Bytes that are looked at twice where a file is looked at in parts."""


@dataclass(frozen=True, kw_only=True)
class _Needle:
    """What a path looks like in some files."""

    path: str
    encoding: str
    text: str


@dataclass(frozen=True, kw_only=True)
class PathSearch:
    """Looks for paths of this machine."""

    needles: tuple[_Needle, ...]

    @classmethod
    def from_paths(cls, paths: Iterable[Path]) -> Self:
        """Look for what is below ``paths``, in temporary directories of crossbuild, and by their fixed names."""
        known = {str(name) for path in paths if path.is_absolute() for name in (path, path.resolve())} - {"/"}
        outermost = [path for path in known if not any(path.startswith(f"{other}/") for other in known)]
        return cls(needles=tuple(_needles([*sorted(outermost), _SCRATCH, STAND_IN])))

    def in_file(self, content: Content) -> dict[str, str]:
        """Return the paths in the file ``content``, each by the known path that it is below."""
        found: dict[str, str] = {}
        # Most machine code names nothing, and need not be taken apart. What is packed hides what it names.
        if isinstance(content, bytes) and content.startswith(_PLAIN) and not self._may_be_in(content):
            return found
        for part in file_parts(content, overlap=OVERLAP):
            found = self.in_part(part) | found
        return found

    def _may_be_in(self, content: bytes) -> bool:
        return any(content.find(needle.text.encode(needle.encoding)) >= 0 for needle in self.needles)

    def in_part(self, content: bytes) -> dict[str, str]:
        """Return the same for a part of a file, read as it is."""
        found: dict[str, str] = {}
        for needle in self.needles:
            if needle.path in found or (needle.path == _SCRATCH and found):
                continue
            if path := next(_matches(content, needle), ""):
                found[needle.path] = path
        return found


def _needles(paths: Iterable[str]) -> Iterator[_Needle]:
    # As it is, and as shells, URLs and JSON have it.
    for path in paths:
        for text in dict.fromkeys((path, path.replace(" ", "\\ "), quote(path), json.dumps(path)[1:-1])):
            yield from (_Needle(path=path, encoding=encoding, text=text) for encoding in _ENCODINGS)


def _matches(content: bytes, needle: _Needle) -> Iterator[str]:
    """Yield the whole of each path in ``content`` that begins with ``needle``."""
    sought = needle.text.encode(needle.encoding)
    start = content.find(sought)
    while start >= 0:
        end = start + len(sought)
        before = _decoded(content[max(start - _CONTEXT, 0) : start], needle.encoding, from_end=True)
        after = _decoded(content[end : end + _CONTEXT], needle.encoding)
        if path := _whole(needle, before, after):
            yield path
        start = content.find(sought, end)


def _decoded(content: bytes, encoding: str, *, from_end: bool = False) -> str:
    # The cut may lie between the two bytes of a unit of UTF-16.
    left_over = len(content) % len("/".encode(encoding))
    whole = content[left_over:] if from_end else content[: len(content) - left_over]
    return whole.decode(encoding, errors="replace")


def _whole(needle: _Needle, before: str, after: str) -> str:
    """Return the path between what stands ``before`` and ``after``; nothing if it is another than the one sought."""
    if needle.path == _SCRATCH:
        start = _REST.match(before[::-1])
        named = (start[0][::-1] if start else "") + needle.text
        return named[named.find("/") :] + _until_end(after) if _SCRATCH_NAME.match(after) else ""
    short = len(PurePosixPath(needle.path).parts) <= _DEEP
    if _LONGER.match(after) or (short and _INSIDE.search(before) and not _OPTION.search(before)):
        return ""
    return needle.text + _until_end(after)


def _until_end(text: str) -> str:
    found = _REST.match(text)
    return found[0] if found else ""
