"""Reading other people's files, TOML and JSON. Whatever is wrong with it is an OSError or a ValueError.

That includes what the parsers take for a fault of their own, such as too deep a nesting, and files that never end.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
import tomllib
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

_Document = TypeVar("_Document")

_LARGEST = 16 << 20
"""Bytes, far more than files that people write or keep under version control."""
_DEEPEST = 100
"""How many tables and lists may lie within each other: few enough for every function that calls itself."""


def read_bytes(file: Path, *, limit: int = _LARGEST) -> bytes:
    """Return what ``file`` holds, which may be a pipe, too. Raises OSError, and ValueError if it is too large."""
    with io.BufferedReader(io.FileIO(file, opener=_without_waiting)) as stream:
        start = stream.raw.read(1)  # None if there is a writer that has not written yet
        if start == b"" and stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode):
            raise ValueError(f"{file} is a pipe that nothing writes to.")
        os.set_blocking(stream.fileno(), True)
        content = (start or b"") + stream.read(limit)
    if len(content) > limit:
        raise ValueError(f"{file} is larger than {limit >> 20} MiB.")
    return content


def read_text(file: Path) -> str:
    """Return what ``file`` holds, which has to be UTF-8. Raises OSError or ValueError."""
    return read_bytes(file).decode()


def read_toml(file: Path) -> dict[str, Any]:
    """Return what the TOML in ``file`` says. Raises OSError or ValueError."""
    text = read_text(file)
    if _LONG_KEY.search(text):
        raise ValueError(_NESTED)
    try:
        return _shallow(tomllib.loads(text))
    except RecursionError:
        raise ValueError(_NESTED) from None


def parse_json(text: str | bytes) -> Any:
    """Return what the JSON in ``text`` says. Raises ValueError."""
    try:
        return _shallow(json.loads(text))
    except RecursionError:
        raise ValueError(_NESTED) from None


_LONG_KEY = re.compile(r"""(?m:^|[\[{,])[ \t]*+(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){1000}""")
"""A key of so many parts that the parser, whose time grows with their number's square, would not end."""
_NESTED = f"It is nested too deeply, in more than {_DEEPEST} levels."


def _without_waiting(file: str, flags: int) -> int:
    # Otherwise open() would wait until somebody writes to a pipe (fifo(7)).
    return os.open(file, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _shallow(document: _Document) -> _Document:
    """Return ``document``. Raises ValueError if it is nested so deeply that walking it could fail."""
    level: list[Any] = [document]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return document
    raise ValueError(_NESTED)


def _inside(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in inner if isinstance(one, dict | list)]
