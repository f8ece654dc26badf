"""Connections to package indexes: whom they trust, how often they try, and what goes wrong on the way."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from crossbuild import __version__
from crossbuild.errors import NetworkError, UsageError
from crossbuild.system.interruption import ALL

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import httpx2
    from unearth.fetchers import Fetcher, PyPIClient

    from crossbuild.index.settings import IndexSettings

_PAUSES = (0.2, 1.0)
"""Seconds to wait before the second and the third try of a request that broke."""
_LONGEST_PAUSE = 30.0
"""Seconds that a server may ask for (``Retry-After``)."""
_PASSING = {429, 500, 502, 503, 504}
"""HTTP statuses of servers that may answer the next time."""
_CONNECTED = {"connection.connect_tcp.complete", "connection.start_tls.complete"}
"""What the client calls the events that have a socket."""
_REFUSING = {401, 403, 407}
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Connections:
    """One connection for each thread that asks, open until all are closed."""

    settings: IndexSettings
    _stack: ExitStack = field(default_factory=ExitStack)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: dict[int, PyPIClient] = field(default_factory=dict)

    def own(self) -> PyPIClient:
        """Return the connection of the thread that calls."""
        # unearth's clients keep a login between a question and the answer, without a lock.
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
def connect(settings: IndexSettings, *, seconds: float = 30.0) -> Iterator[PyPIClient]:
    """Give a connection to the indexes of ``settings``, which have ``seconds`` for each answer."""
    from unearth.auth import MultiDomainBasicAuth

    sockets = _Sockets()
    with _client(settings, seconds) as client, ALL.holding(sockets):
        client.event_hooks = {"request": [sockets.watch]}
        # Each thread has a connection of its own, which may ask for a file without having read the page with the login.
        client.auth = MultiDomainBasicAuth(prompting=False, index_urls=(*settings.indexes, *settings.find_links))
        yield client


def _client(settings: IndexSettings, seconds: float) -> PyPIClient:
    import httpx2
    from unearth.fetchers import PyPIClient

    verify = _trust(settings.authorities)
    try:
        return PyPIClient(
            trusted_hosts=settings.trusted_hosts,
            verify=verify,
            timeout=seconds,
            headers={"User-Agent": f"crossbuild/{__version__}"},
        )
    except (httpx2.InvalidURL, ValueError) as error:
        raise UsageError(
            "The address of a proxy cannot be used.",
            why=str(error),
            fix="Correct HTTP_PROXY, HTTPS_PROXY, ALL_PROXY or NO_PROXY.",
        ) from None


@dataclass(eq=False, kw_only=True)
class _Sockets:
    """The sockets of a connection: signals do not interrupt threads, but the end of a socket does."""

    _open: list[socket.socket] = field(default_factory=list)

    def watch(self, request: httpx2.Request) -> None:
        """Learn of the sockets that ``request`` opens. Raises KeyboardInterrupt when all is to end."""
        ALL.check()
        request.extensions = {**request.extensions, "trace": self._trace}

    def _trace(self, event: str, facts: Mapping[str, Any]) -> None:
        if event in _CONNECTED:
            self._open.append(facts["return_value"].get_extra_info("socket"))

    def ask_to_end(self) -> None:
        """End all waits for an answer."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def is_secure(client: PyPIClient, url: str) -> bool:
    """Return whether nobody on the way to ``url`` can replace what it sends, or the user trusts it all the same."""
    from unearth import Link
    from unearth.collector import is_secure_origin

    return is_secure_origin(cast("Fetcher", client), Link(url))


@cache
def _trust(authorities: Path | None) -> ssl.SSLContext:
    """Return what to check certificates against: the system's authorities, if there are no others."""
    import ssl

    # Kept, since each thread has a client of its own, and reading all the certificates takes long.
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
    except httpx2.HTTPStatusError as error:
        raise _answered(place, error.response) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise NetworkError(
            f"{place} could not be read.",
            why=f"{type(error).__name__}: {error}",
            fix="Check the address and the network; behind a proxy, set HTTPS_PROXY and SSL_CERT_FILE.",
        ) from None


def patiently(attempt: Callable[[], _T]) -> _T:
    """Return what ``attempt`` returns, trying again where the connection broke, or the server asks for that."""
    import httpx2

    for pause in _PAUSES:
        wait = pause
        try:
            return attempt()
        except httpx2.UnsupportedProtocol:  # a TransportError as well, which will be the same the next time
            raise
        except httpx2.TransportError:
            pass
        except httpx2.HTTPStatusError as error:
            wait = max(pause, _asked_pause(error.response))
            if error.response.status_code not in _PASSING or wait > _LONGEST_PAUSE:
                raise
        ALL.pause(wait)
    return attempt()


def _answered(place: str, response: httpx2.Response) -> NetworkError:
    pause = _asked_pause(response)
    fix = "Try again later." if response.status_code in _PASSING else "Check the address."
    if response.status_code in _REFUSING:
        fix = "Check the address, and the user and password (in the URL, or in ~/.netrc)."
    return NetworkError(
        f"{place} answered {response.status_code} {response.reason_phrase}".rstrip() + ".",
        why=f"It asks to wait for {pause:.0f} seconds." if pause else "",
        fix=fix,
    )


def _asked_pause(response: httpx2.Response) -> float:
    """Return for how many seconds the server asks to wait (RFC 9110: a number, or a date); 0 if it does not."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0
