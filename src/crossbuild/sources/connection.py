"""Connections to package indexes: whom they trust, how often they try, and what goes wrong on the way."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeVar, cast

from crossbuild import __version__
from crossbuild.errors import NetworkError, UsageError
from crossbuild.sources.settings import redacted

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx2
    from unearth.fetchers import Fetcher

    from crossbuild.sources.settings import IndexSettings

_PAUSES = (0.2, 1.0)
"""Seconds to wait before the second and the third try of a request that broke."""
_ABSENT = {404, 410}
"""HTTP statuses that say that the project is not there, not that the index is out of order."""
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A connection to indexes, and what they answered that was no page of links."""

    client: Fetcher
    refusals: list[str]


@dataclass(frozen=True, kw_only=True)
class Connections:
    """One connection for each thread that asks, open until all are closed."""

    settings: IndexSettings
    _stack: ExitStack = field(default_factory=ExitStack)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: dict[int, Connection] = field(default_factory=dict)

    def own(self) -> Connection:
        """Return the connection of the thread that calls."""
        thread = threading.get_ident()
        with self._lock:
            if thread not in self._open:
                self._open[thread] = self._stack.enter_context(connect(self.settings))
            return self._open[thread]

    def close(self) -> None:
        """Close them all; no thread may use one any more."""
        self._stack.close()
        self._open.clear()


@contextmanager
def connect(settings: IndexSettings, *, seconds: float = 30.0) -> Iterator[Connection]:
    """Give a connection to the indexes of ``settings``, which have ``seconds`` for each answer."""
    from unearth.auth import MultiDomainBasicAuth
    from unearth.collector import SUPPORTED_CONTENT_TYPES
    from unearth.fetchers import PyPIClient

    refusals: list[str] = []

    def note(response: httpx2.Response) -> None:
        address, kind = redacted(str(response.url)), response.headers.get("Content-Type", "something untyped")
        if response.is_error and response.status_code not in _ABSENT:
            refusals.append(f"{address} answered {response.status_code} {response.reason_phrase}")
        elif response.is_success and not kind.lower().startswith(SUPPORTED_CONTENT_TYPES):
            refusals.append(f"{address} sent {kind} instead of a page of links")

    with PyPIClient(
        trusted_hosts=settings.trusted_hosts,
        verify=_trust(settings.authorities),
        timeout=seconds,
        follow_redirects=True,
        headers={"User-Agent": f"crossbuild/{__version__}"},
        event_hooks={"response": [note]},
    ) as client:
        client.auth = MultiDomainBasicAuth(prompting=False, index_urls=settings.indexes)
        yield Connection(client=cast("Fetcher", client), refusals=refusals)


@cache
def _trust(authorities: Path | None) -> ssl.SSLContext:
    """Return what to check certificates against: the system's authorities, if there are no others."""
    import ssl

    if not authorities:
        from httpx2 import create_ssl_context

        return create_ssl_context()
    try:
        if authorities.is_dir():
            return ssl.create_default_context(capath=authorities)
        return ssl.create_default_context(cafile=authorities)
    except OSError as error:
        raise UsageError(
            f"{authorities} does not hold certificates.",
            why=str(error),
            fix="PIP_CERT, SSL_CERT_FILE or REQUESTS_CA_BUNDLE names it.",
        ) from None


@contextmanager
def network_errors(place: str) -> Iterator[None]:
    """Turn what goes wrong on the way to ``place`` into NetworkError."""
    import httpx2

    try:
        yield
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise NetworkError(
            f"{place} could not be read.",
            why=f"{type(error).__name__}: {error}",
            fix="Check the address and the network; behind a proxy, set HTTPS_PROXY and SSL_CERT_FILE.",
        ) from None


def patiently(attempt: Callable[[], _T]) -> _T:
    """Return what ``attempt`` returns, trying again where the connection broke."""
    import httpx2

    for pause in _PAUSES:
        try:
            return attempt()
        except httpx2.TransportError:
            time.sleep(pause)
    return attempt()
