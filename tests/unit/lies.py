"""The ways a server can lie about a body: each writes a whole answer, given what would honestly be sent."""

from __future__ import annotations

import gzip
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from crossbuild.index.index import Index
from crossbuild.options.build_options import IndexOptions
from crossbuild.system.cache import Cache
from tests.unit.index_server import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

    from tests.unit.index_server import Server

    Lie = Callable[[BinaryIO, bytes, str], None]


@contextmanager
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Give a server, of which little is expected, for a short time."""
    monkeypatch.setattr("crossbuild.index.connection._PAUSES", (0.0,))
    for name in ("_LARGEST_UNDECLARED", "_LARGEST_FILE", "_LARGEST_PAGE"):
        monkeypatch.setattr(f"crossbuild.index.download.{name}", 2**20)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serve() as server:
        yield server


def index_of(server: Server, directory: Path, **options: Any) -> Index:
    """Return the index that ``server`` is, with a cache below ``directory``."""
    settings = IndexOptions(index_url=server.index, **options)
    return Index.from_options(settings, environ={}, cache=Cache(root=directory / "cache"))


def kept(directory: Path) -> list[Path]:
    """Return the files in the cache below ``directory``."""
    return [path for path in (directory / "cache").rglob("*") if path.is_file() and path.suffix != ".lock"]


def once(server: Server, path: str, lie: Lie) -> None:
    """Let ``server`` lie the first time only."""

    def first(wire: BinaryIO, content: bytes, kind: str) -> None:
        del server.lies[path]
        lie(wire, content, kind)

    server.lies[path] = first


def head(*fields: str, status: str = "200 OK", kind: str = "application/octet-stream") -> bytes:
    """Return the head of an answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close", *fields]
    return "\r\n".join([*lines, "", ""]).encode()


def answer(
    *fields: str, body: Callable[[bytes], bytes] = bytes, status: str = "200 OK", kind: str = "", length: int = 0
) -> Lie:
    """Return what sends ``body`` of the content, whose length is off by ``length``."""

    def lie(wire: BinaryIO, content: bytes, own: str) -> None:
        sent = body(content)
        wire.write(head(f"Content-Length: {len(sent) + length}", *fields, status=status, kind=kind or own) + sent)

    return lie


def cut(at: int, *, length: bool = True) -> Lie:
    """Return what breaks off after ``at`` bytes of the body, counted from its end if negative."""

    def lie(wire: BinaryIO, content: bytes, own: str) -> None:
        wire.write(head(*([f"Content-Length: {len(content)}"] if length else []), kind=own) + content[:at])

    return lie


def chunked(*, at: int | None = None, end: bytes = b"0\r\n\r\n") -> Lie:
    """Return what sends chunks, up to ``at``, and ``end``."""

    def lie(wire: BinaryIO, content: bytes, own: str) -> None:
        body = content[:at]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in (body[:5000], body[5000:]) if one)
        wire.write(head("Transfer-Encoding: chunked", kind=own) + chunks + end)

    return lie


def endless(*fields: str, status: str = "200 OK") -> Lie:
    """Return what sends zeros until the reader has enough."""

    def lie(wire: BinaryIO, _: bytes, own: str) -> None:
        wire.write(head(*fields, status=status, kind=own))
        piece = bytes(65536)
        while True:
            wire.write(b"10000\r\n" + piece + b"\r\n" if "Transfer-Encoding: chunked" in fields else piece)

    return lie


def raw(*fields: str, status: str = "200 OK", sent: bytes | None = None) -> Lie:
    """Return what sends a head without a length, and the content; or else what is ``sent``."""

    def lie(wire: BinaryIO, content: bytes, own: str) -> None:
        wire.write(head(*fields, status=status, kind=own) + content if sent is None else sent)

    return lie


def half(content: bytes) -> bytes:
    """Return the first half."""
    return content[: len(content) // 2]


def bomb(_: bytes) -> bytes:
    """Return little that is much when it is decompressed."""
    return gzip.compress(bytes(2**22))


def error_page(_: bytes) -> bytes:
    """Return what a proxy says."""
    return b"<html><body>Please log in.</body></html>"


OF_FILES: dict[str, Lie] = {
    **{f"breaks off at {at}": cut(at) for at in (0, 1, 8191, 8192, 8193, 16384, -1)},
    "breaks off without a length": cut(8192, length=False),
    "breaks off early without a length": cut(40, length=False),
    "Content-Length is too large": answer(length=1),
    "Content-Length is too small": answer(length=-8192),
    "Content-Length is no number": answer("Content-Length: many"),
    "two lengths": answer("Content-Length: 1"),
    "a negative length": raw("Content-Length: -1"),
    "an unbelievable length": endless(f"Content-Length: {10**18}"),
    "half as the whole": answer(body=half),
    "nothing as the whole": answer(body=lambda _: b""),
    "breaks off in the head": raw(sent=b"HTTP/1.1 200 OK\r\nContent-Le"),
    "says nothing": raw(sent=b""),
    "speaks no HTTP": raw(sent=b"220 ready\r\n"),
    "chunks without an end": chunked(end=b""),
    "chunks end in a chunk": chunked(end=b"100\r\nab"),
    "chunks of garbage": chunked(end=b"zz\r\n"),
    "compressed for the transfer": raw("Transfer-Encoding: gzip, chunked"),
    "half in chunks": chunked(at=8192),
    "endless chunks": endless("Transfer-Encoding: chunked"),
    "endless without a length": endless(),
    "endless chunks of garbage": endless("Transfer-Encoding: identity"),
    "a part, unasked": answer(
        "Content-Range: bytes 0-99/200", body=lambda content: content[:100], status="206 Partial"
    ),
    "a wrong range": answer("Content-Range: bytes 100-199/200", body=half),
    "resumed where nothing was": answer(body=lambda content: content[8192:], status="206 Partial Content"),
    "no content": raw(status="204 No Content"),
    "compressed": answer("Content-Encoding: gzip", body=gzip.compress),
    "compressed, cut": answer("Content-Encoding: gzip", body=lambda content: half(gzip.compress(content))),
    "said to be compressed": answer("Content-Encoding: gzip", body=half),
    "a bomb": answer("Content-Encoding: gzip", body=bomb),
    "an error page": answer(body=error_page, kind="text/html"),
    "not there": answer(body=error_page, status="404 Not Found"),
    "a loop": answer("Location: ?again", status="302 Found"),
    "endless loop": endless("Location: ?again", status="302 Found"),
    "to a file": answer("Location: file:///etc/passwd", status="302 Found"),
    "to another scheme": answer("Location: ftp://127.0.0.1/thing", status="302 Found"),
    "to no host": answer("Location: http://[::1/thing", status="302 Found"),
    "to no port": answer("Location: http://127.0.0.1:x/thing", status="302 Found"),
    "to what is not encrypted": answer("Location: http://index.invalid/thing", status="302 Found"),
    "nowhere": answer(status="302 Found"),
    "out of order": answer(status="503 Service Unavailable"),
    "for a long wait": answer("Retry-After: 86400", status="429 Too Many Requests"),
    "for a strange wait": answer("Retry-After: soon", status="503 Service Unavailable"),
}
"""Of files, all of which a client must refuse, unless what it has in the end is right."""
