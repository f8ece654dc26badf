"""A directory served on the loopback interface: as an archive, and as a proxy through which any archive is this one."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass
class ArchiveServer:
    """What a server was asked for, and how to hold it up."""

    port: int
    asked: list[str] = field(default_factory=list)
    """Paths; whole addresses where it was asked as a proxy."""
    before: Callable[[str], object] = field(default=str)
    """Called with each path before it is answered."""
    login: str = ""
    """The ``Authorization`` that it asks for, if any."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def downloads(self) -> list[str]:
        """Return the names of the packages' files that were asked for, in order."""
        return [path.rpartition("/")[2] for path in self.asked if path.endswith(".deb")]


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, state: ArchiveServer, **keywords: Any) -> None:
        self.state = state
        super().__init__(*arguments, **keywords)

    def do_GET(self) -> None:
        self.state.asked.append(self.path)
        self.state.before(self.path)
        if self.state.login not in {"", self.headers["Authorization"]}:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="archive"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.path = urlsplit(self.path).path
        del self.headers["If-Modified-Since"]  # It has seconds, and tests change files within one.
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


class _Quiet(ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that went away, as killed ones do."""


@contextmanager
def serve_archive(directory: Path) -> Iterator[ArchiveServer]:
    """Serve ``directory`` for as long as the context lasts."""
    state = ArchiveServer(port=0)
    with _Quiet(("127.0.0.1", 0), partial(_Handler, state=state, directory=str(directory))) as http:
        state.port = http.server_port
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            http.shutdown()
            thread.join()
