"""Read what a server sends, all of it or nothing.

HTTP says how long a body is (RFC 9112: ``Content-Length``, or the last chunk), and the client makes an error of one
that ends early. What remains is done here: bodies that never end, servers that break off and may be asked again,
answers that are only a part, and files of which neither a hash nor a length is known. A file is always read from its
start: what a server resumes need not be the same file.
"""

from __future__ import annotations

import tarfile
import time
import zipfile
import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.errors import NetworkError
from crossbuild.index.connection import is_secure, network_errors, patiently
from crossbuild.index.files import SDIST_SUFFIXES
from crossbuild.index.hashes import checkable, verify
from crossbuild.index.settings import redacted, url_fault
from crossbuild.reporting import SilentReporter, progress_of
from crossbuild.system.interruption import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import httpx2
    from unearth.fetchers import PyPIClient

    from crossbuild.reporting import Advance, Reporter

_MOST_REDIRECTS = 10
_LARGEST_PAGE = 100 * 2**20
_LARGEST_FILE, _LARGEST_UNDECLARED = 2**33, 2**30
"""How many bytes a file may have, if the server says its length, and if it does not."""
_WINDOW, _SLOWEST = 30.0, 1000
"""A server that sends fewer bytes a second than the latter, for as many seconds as the former, is given up."""
_ABSENT = {404, 410}
"""Statuses that say that the project is not there, not that the index is out of order."""
_OK = 200
JSON_PAGE = "application/vnd.pypi.simple.v1+json"
_KINDS = (JSON_PAGE, "application/vnd.pypi.simple.v1+html", "text/html")
"""The types of pages (PEP 691)."""
_PAGES = "{}, {}; q=0.1, {}; q=0.01".format(*_KINDS)
"""What pip accepts, word for word, so that servers answer as they do to pip."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of links, whole."""

    url: str
    """Its address after all redirects."""
    content: bytes
    is_json: bool = False
    encoding: str = "utf-8"


def read_page(client: PyPIClient, url: str) -> Page | None:
    """Return the page at ``url``; None if the server says that there is none. Raises NetworkError."""
    with network_errors(redacted(url)):
        return patiently(lambda: try_page(client, url))


def download(
    client: PyPIClient,
    url: str,
    file: Path,
    *,
    hashes: Mapping[str, str],
    size: int | None,
    title: str = "",
    reporter: Reporter | None = None,
) -> None:
    """Write what is at ``url`` to ``file``, if it has those ``hashes`` and that ``size``, where they are known.

    Until it is whole, it has another name. ``reporter`` hears how much of ``title`` has come. Raises
    NetworkError.
    """
    place = redacted(url)
    known = checkable(hashes, place)
    part = file.with_name("partial")
    advancing = progress_of(reporter or SilentReporter(), f"Download {title or file.name}", unit="bytes")
    with network_errors(place), advancing as advance:
        is_counted = patiently(lambda: _receive(client, url, part, size, advance))
    if known:
        verify(part, hashes, place)
    else:
        _check_form(part, file.name, place, is_counted=is_counted or size is not None)
    part.rename(file)


@contextmanager
def _answer(client: PyPIClient, url: str, headers: Mapping[str, str]) -> Iterator[httpx2.Response]:
    """Give the answer to a GET, redirects followed, its body not yet read. Raises what the client does."""
    # Redirects are followed here and not by the client, so that each address is checked before it is asked.
    request = client.build_request("GET", url, headers=dict(headers))
    for _ in range(_MOST_REDIRECTS + 1):
        with closing(client.send(request, stream=True)) as response:
            if not response.has_redirect_location:
                response.raise_for_status()
                yield response
                return
            request = _redirected(client, response)
    raise NetworkError(f"{redacted(url)} redirects more than {_MOST_REDIRECTS} times.", fix="Check the address.")


def _redirected(client: PyPIClient, response: httpx2.Response) -> httpx2.Request:
    source, request = redacted(str(response.url)), response.next_request
    target = str(request.url) if request else ""
    if request is None or request.url.scheme not in {"http", "https"} or url_fault(target):
        raise NetworkError(f"{source} redirects to an address that is not on the web.", why=redacted(target))
    if not is_secure(client, target):
        raise NetworkError(
            f"{source} redirects to {redacted(target)}, which is not encrypted.",
            fix="Use an index that does not, or name the host in PIP_TRUSTED_HOST.",
        )
    return request


def try_page(client: PyPIClient, url: str) -> Page | None:
    """Do as :func:`read_page` does, but once, and let the errors of the client pass."""
    import httpx2

    try:
        with _answer(client, url, {"Accept": _PAGES, "Accept-Encoding": "gzip"}) as response:
            place = redacted(str(response.url))
            _check_complete(response, place)
            kind = response.headers.get("Content-Type", "something untyped")
            if not kind.lower().startswith(_KINDS):
                raise NetworkError(
                    f"{place} sent {kind} instead of a page of links.",
                    fix="Check the address: that of an index usually ends in /simple.",
                )
            content = _decoded(b"".join(_flow(response, _LARGEST_PAGE, place)), response, place)
            page = Page(
                url=str(response.url),
                content=content,
                is_json=kind.lower().startswith(JSON_PAGE),
                encoding=response.charset_encoding or "utf-8",
            )
            if not (page.is_json or _is_counted(response) or content.rstrip().lower().endswith(b"</html>")):
                raise _incomplete(place, "It came without a length, and does not end in </html>.")
            return page
    except httpx2.HTTPStatusError as error:
        if error.response.status_code in _ABSENT:
            return None
        raise


def _receive(client: PyPIClient, url: str, file: Path, size: int | None, advance: Advance) -> bool:
    """Write the body as it comes, undecoded, to ``file``, and return whether HTTP vouches for its length."""
    place = redacted(url)
    # A server that takes the compression of an archive for one of HTTP's must not make anybody undo it.
    with _answer(client, url, {"Accept-Encoding": "identity"}) as response:
        _check_complete(response, place)
        declared = _LARGEST_FILE if "Content-Length" in response.headers else _LARGEST_UNDECLARED
        most = declared if size is None else size
        expected = _declared_size(response) if size is None else size
        with file.open("wb") as stream:
            for chunk in _flow(response, most, place):
                stream.write(chunk)
                advance(stream.tell(), expected)
            received = stream.tell()
        if size not in {None, received}:
            raise _wrong_size(place, f"Expected {size} bytes, got {received}.")
        return _is_counted(response)


def _check_complete(response: httpx2.Response, place: str) -> None:
    """Raise NetworkError if ``response`` is a part, which nobody asked for, or nothing."""
    if response.status_code != _OK or "Content-Range" in response.headers:
        status = f"{response.status_code} {response.reason_phrase}".strip()
        raise _incomplete(place, f"The server sent only a part of it, or nothing: {status}.")


def _declared_size(response: httpx2.Response) -> int | None:
    """Return how long the server says that the body is."""
    declared = response.headers.get("Content-Length", "")
    return int(declared) if declared.isdecimal() else None


def _is_counted(response: httpx2.Response) -> bool:
    """Return whether the body has an end of its own, so that a connection that broke cannot be taken for it."""
    return "Content-Length" in response.headers or "chunked" in response.headers.get("Transfer-Encoding", "").lower()


def _flow(response: httpx2.Response, most: int, place: str) -> Iterator[bytes]:
    """Yield the body, undecoded. Raises NetworkError if it is longer than ``most``, or trickles."""
    received = counted = 0
    since = time.monotonic()
    for chunk in response.iter_raw():
        ALL.check()  # signals do not interrupt the threads that download
        received += len(chunk)
        if received > most:
            raise _wrong_size(place, f"It has more than {most} bytes.")
        if time.monotonic() - since > _WINDOW:
            if received - counted < _WINDOW * _SLOWEST:
                raise NetworkError(
                    f"{place} is sent too slowly: {received - counted} bytes in {_WINDOW:.0f} seconds.",
                    fix="Try again later, or use another index.",
                )
            since, counted = time.monotonic(), received
        yield chunk


def _decoded(content: bytes, response: httpx2.Response, place: str) -> bytes:
    """Return the body of a page as it was before the server compressed it."""
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding == "identity":
        return content
    if coding not in {"gzip", "x-gzip"}:
        raise NetworkError(f"{place} uses the compression {coding}, which crossbuild did not request.")
    # Not by the client, which sets no limit to what a small body becomes.
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = inflater.decompress(content, _LARGEST_PAGE + 1)
    except zlib.error as error:
        raise _incomplete(place, f"Its compression is broken: {error}.") from None
    if len(plain) > _LARGEST_PAGE:
        raise _wrong_size(place, f"It has more than {_LARGEST_PAGE} bytes when decompressed.")
    if not inflater.eof:
        raise _incomplete(place, "Its compressed data end too early.")
    return plain


def _check_form(file: Path, name: str, place: str, *, is_counted: bool) -> None:
    """Raise NetworkError if ``file``, of which there is no hash, is not whole by its own account.

    A ZIP archive has its table of contents at its end; of a compressed tar, all has to be read. Of other files HTTP
    alone can say that they are whole.
    """
    is_zip, is_tar = name.endswith((".whl", ".zip")), name.endswith(SDIST_SUFFIXES)
    if not (is_zip or is_tar or is_counted):
        raise _incomplete(place, "It came without a length and without a hash.")
    try:
        is_empty = not (_zip_members(file) if is_zip else _tar_members(file) if is_tar else name)
    except Exception as error:
        # What tarfile and the decompressors below it raise for broken data is not one family.
        raise _incomplete(place, f"Its archive cannot be read to the end: {_first_line(error)}.") from error
    if is_empty:
        raise _incomplete(place, "Its archive is empty.")


def _zip_members(file: Path) -> int:
    with zipfile.ZipFile(file) as archive:
        return len(archive.namelist())


def _tar_members(file: Path) -> int:
    with tarfile.open(file) as archive:
        members = sum(1 for _ in archive)
        # What follows the last member: the checksum of the compressed data comes at the very end.
        while archive.fileobj.read(2**20):
            pass
        return members


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".:")


def _incomplete(place: str, why: str) -> NetworkError:
    return NetworkError(
        f"{place} is incomplete or damaged.",
        why=why,
        fix="Try again. If the error persists, the server or a proxy in front of it is broken.",
    )


def _wrong_size(place: str, why: str) -> NetworkError:
    return NetworkError(
        f"{place} does not have the expected size.",
        why=why,
        fix="Try again. If the error persists, the index or a proxy in front of it is broken or malicious.",
    )
