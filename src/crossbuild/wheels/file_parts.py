"""What a file holds, in parts that fit into memory: of machine code what it reads at run time, and what is packed."""

from __future__ import annotations

import zipfile
import zlib
from bz2 import BZ2File
from contextlib import suppress
from gzip import GzipFile
from lzma import LZMAError, LZMAFile
from typing import TYPE_CHECKING

from crossbuild.platforms.content import pieces, stream_of
from crossbuild.platforms.elf import ELF_MAGIC
from crossbuild.platforms.elf_sections import loaded_data
from crossbuild.platforms.static_library import ARCHIVE_MAGIC, archive_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedIOBase
    from typing import IO

    from crossbuild.platforms.content import Content

_LARGEST = 64 << 20
"""Bytes of what was packed; what comes after is not looked at."""
_CHUNK = 1 << 20
_ZIP = b"PK\x03\x04"
_PACKED: dict[bytes, Callable[[IO[bytes]], BufferedIOBase]] = {
    b"\x1f\x8b": lambda stream: GzipFile(fileobj=stream),
    b"BZh": BZ2File,
    b"\xfd7zXZ\0": LZMAFile,
}
READ_WHOLE = (ELF_MAGIC, ARCHIVE_MAGIC, _ZIP, *_PACKED)
"""How the files begin whose parts make no sense."""


def file_parts(content: Content, *, overlap: int) -> Iterator[bytes]:
    """Yield what is in the file ``content``; if it takes several parts, each begins with the end of the one before."""
    first = content[: len(ARCHIVE_MAGIC)]
    with suppress(ValueError):
        if first.startswith(ELF_MAGIC):
            yield from _code_parts(content, overlap)
            return
        if first == ARCHIVE_MAGIC:
            for _, member in archive_members(content):
                yield from _member_parts(member, overlap)
            return
    yield from pieces(content, overlap=overlap)
    with suppress(zlib.error, OSError, LZMAError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile):
        yield from _unpacked(content, overlap)


def _code_parts(content: Content, overlap: int) -> Iterator[bytes]:
    for data in loaded_data(content):
        yield from pieces(data, overlap=overlap)


def _member_parts(member: Content, overlap: int) -> Iterator[bytes]:
    # What is no machine code is not unpacked further: libraries could be nested a million times.
    if member[: len(ELF_MAGIC)] == ELF_MAGIC:
        with suppress(ValueError):
            yield from _code_parts(member, overlap)
            return
    yield from pieces(member, overlap=overlap)


def _unpacked(content: Content, overlap: int) -> Iterator[bytes]:
    left = _LARGEST
    for stream in _streams(content):
        part = b""
        while left > 0 and (more := stream.read(min(_CHUNK, left))):
            left -= len(more)
            part = part[-overlap:] + more
            yield part


def _streams(content: Content) -> Iterator[BufferedIOBase | IO[bytes]]:
    """Yield each file that is packed in ``content``, open as long as it is the last one."""
    for magic, unpack in _PACKED.items():
        if content[: len(magic)] == magic:
            with unpack(stream_of(content)) as stream:
                yield stream
    if content[: len(_ZIP)] == _ZIP:
        with zipfile.ZipFile(stream_of(content)) as archive:
            for info in archive.infolist():
                with archive.open(info) as stream:
                    yield stream
