"""A package index on the loopback interface."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

JSON_TYPE = "application/vnd.pypi.simple.v1+json"


@dataclass
class Server:
    """A package index on the loopback interface that remembers what it was asked."""

    port: int = 0
    pages: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    credentials: list[str | None] = field(default_factory=list)
    lies: dict[str, Callable[[BinaryIO, bytes, str], None]] = field(default_factory=dict)
    """By path, what writes the whole answer, of what would honestly be sent."""
    login: str = ""
    """The ``Authorization`` that it asks for, if any."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def index(self) -> str:
        return f"{self.url}/simple"

    def add(
        self, filename: str, *, project: str = "thing", root: str = "/simple", content: bytes = b"sdist", **facts: Any
    ) -> None:
        """Serve a file and list it on its project's page."""
        self.pages[f"/files/{filename}"] = (200, "application/octet-stream", content)
        page = f"{root}/{project}/"
        listed = json.loads(self.pages[page][2])["files"] if page in self.pages else []
        hashes = {"sha256": hashlib.sha256(content).hexdigest()}
        listed.append({"filename": filename, "url": f"{self.url}/files/{filename}", "hashes": hashes})
        listed[-1] |= {name.replace("_", "-"): fact for name, fact in facts.items()}
        self.pages[page] = (
            200,
            JSON_TYPE,
            json.dumps({"files": listed, "meta": {"api-version": "1.0"}, "name": project}).encode(),
        )

    def downloads(self) -> list[str]:
        return [path for path in self.asked if path.startswith("/files/")]


def make_sdist(project: str = "thing-1.0", *, padding: bytes = b"") -> bytes:
    """Return an archive with one directory that is no more of an sdist than downloading needs."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo(f"{project}/padding")
        member.size = len(padding)
        tar.addfile(member, io.BytesIO(padding))
    return gzip.compress(archive.getvalue(), mtime=0)


@contextmanager
def serve() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            state.credentials.append(self.headers["Authorization"])
            status, kind, content = state.pages.get(self.path, (404, "text/html", b"none"))
            if state.login not in {"", self.headers["Authorization"]}:
                status, kind, content = 401, "text/html", b"who are you?"
            if self.path in state.lies:
                with suppress(OSError):
                    state.lies[self.path](self.connection.makefile("wb", buffering=0), content, kind)
                return
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.port = http.server_port
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        http.shutdown()
        thread.join()
