"""Static libraries: archives of object files. Source: ar(5), with the long names of GNU and BSD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.platforms.content import part_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.platforms.content import Content

ARCHIVE_MAGIC = b"!<arch>\n"
THIN_ARCHIVE_MAGIC = b"!<thin>\n"
_HEADER = 60
_LONGEST_NAME = 1 << 12


def archive_members(content: Content) -> Iterator[tuple[str, Content]]:
    """Yield the name and content of every member of a static library. Raises ValueError if it is damaged."""
    position: int = len(ARCHIVE_MAGIC)
    long_names: Content = b""
    while position < len(content):
        header = content[position : position + _HEADER]
        if header[58:] != b"`\n":
            raise ValueError("a member's header is damaged")
        name, size = header[:16].rstrip(), _number(header[48:58])
        body = part_of(content, position + _HEADER, size)
        if len(body) < size:
            raise ValueError("its last member is cut off")
        # Members begin at even offsets; a byte of padding is not counted in the size.
        position += _HEADER + size + size % 2
        if name == b"//":
            long_names = body
        # These two are the index of symbols, with offsets of 32 or 64 bits.
        elif name not in {b"/", b"/SYM64/"}:
            yield _member(name, body, long_names)


def _member(name: bytes, body: Content, long_names: Content) -> tuple[str, Content]:
    """Resolve the names that are too long for a header: GNU's by a table, BSD's (``#1/``) at the content's start."""
    if name.startswith(b"#1/"):
        length = _number(name[3:])
        name, body = body[: min(length, _LONGEST_NAME)].rstrip(b"\0"), part_of(body, length, len(body))
    elif name[:1] == b"/" and name[1:].isdigit():
        place = int(name[1:])
        name = long_names[place : place + _LONGEST_NAME].split(b"\n")[0]
    return name.rstrip(b"/").decode(errors="replace"), body


def _number(field: bytes) -> int:
    digits = field.rstrip()
    # int() would take a sign, too, and the next member would be the last one again.
    if not digits.isdigit():
        raise ValueError("a member's header is damaged")
    return int(digits)
