"""One index for pip, which takes the highest version of several: an address of this machine that answers as ours do.

Source: the simple repository API (PEP 503, PEP 691).
"""

from __future__ import annotations

import json
import secrets
import shutil
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from packaging.utils import canonicalize_name

from crossbuild.errors import CrossbuildError
from crossbuild.index.download import JSON_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket

    from crossbuild.index.files import IndexFile
    from crossbuild.index.index import Index


@contextmanager
def served(index: Index, tell: Callable[[str], None]) -> Iterator[str]:
    """Give the address of an index that answers as ``index`` until the block ends.

    It hands on what ``index`` has by passwords, so nobody finds it who was not given the address. ``tell`` hears
    what goes wrong, which pip would not say.
    """
    secret = secrets.token_urlsafe()
    with index.connected() as connected:
        answers = _Answers(index=connected, path=f"/{secret}/", tell=tell)
        with _Server(_handler(answers), tell) as server:
            # shutdown() waits until the next poll, by default half a second.
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/{secret}/"
            finally:
                server.shutdown()
                thread.join()


class _Server(ThreadingHTTPServer):
    def __init__(self, handler: type[BaseHTTPRequestHandler], tell: Callable[[str], None]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._tell = tell

    def process_request_thread(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        # When all is to end, that is not for this thread to tell.
        with suppress(KeyboardInterrupt):
            super().process_request_thread(request, client_address)

    def handle_error(self, *_: object) -> None:
        error = sys.exception()
        if not isinstance(error, ConnectionError):  # pip has gone, and nobody waits for the answer
            self._tell(f"{type(error).__name__}: {error}")


@dataclass(frozen=True, kw_only=True)
class _Answers:
    index: Index
    path: str
    tell: Callable[[str], None]
    _listed: dict[str, list[IndexFile]] = field(default_factory=dict)

    def answer(self, path: str, handler: BaseHTTPRequestHandler) -> None:
        """Answer a request for ``path``."""
        name, _, filename = path.removeprefix(self.path).partition("/")
        if not path.startswith(self.path) or not name:
            handler.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            self._file(name, unquote(filename), handler) if filename else self._page(name, handler)
        except CrossbuildError as error:
            # pip shows only the status line, which is one line.
            self.tell(str(error))
            handler.send_error(HTTPStatus.BAD_GATEWAY, error.what.splitlines()[0])

    def _page(self, name: str, handler: BaseHTTPRequestHandler) -> None:
        candidates = self._candidates(name)
        if not candidates:
            handler.send_error(HTTPStatus.NOT_FOUND)
            return
        page = {"meta": {"api-version": "1.0"}, "name": canonicalize_name(name), "files": list(map(_facts, candidates))}
        content = json.dumps(page).encode()
        _send_head(handler, JSON_PAGE, len(content))
        handler.wfile.write(content)

    def _file(self, name: str, filename: str, handler: BaseHTTPRequestHandler) -> None:
        found = next((one for one in self._candidates(name) if one.filename == filename), None)
        if found is None:
            handler.send_error(HTTPStatus.NOT_FOUND)
            return
        path = self.index.fetch(name, found).path
        with path.open("rb") as stream:
            _send_head(handler, "application/octet-stream", path.stat().st_size)
            shutil.copyfileobj(stream, handler.wfile)

    def _candidates(self, name: str) -> list[IndexFile]:
        if name not in self._listed:
            self._listed[name] = self.index.list_all(name)
        return self._listed[name]


def _facts(candidate: IndexFile) -> dict[str, Any]:
    return {
        "filename": candidate.filename,
        "url": quote(candidate.filename),
        "hashes": dict(candidate.hashes),
        "yanked": candidate.yanked,
        **({"requires-python": candidate.requires_python} if candidate.requires_python else {}),
    }


def _send_head(handler: BaseHTTPRequestHandler, kind: str, size: int) -> None:
    handler.send_response(HTTPStatus.OK)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(size))
    handler.end_headers()


def _handler(answers: _Answers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.answer(self.path.partition("?")[0], self)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
