"""Threads that wait when a signal comes, which interrupts the main thread only."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from crossbuild.index.connection import connect
from crossbuild.index.download import download
from crossbuild.index.settings import IndexSettings
from crossbuild.system.cache import Cache
from crossbuild.system.interruption import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def all_ended() -> Iterator[None]:
    yield
    ALL.begin()


def in_thread(work: Callable[[], object], begun: Callable[[], bool]) -> BaseException | None:
    """Do ``work`` in another thread, end everything when it has ``begun``, and return what comes of it."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        until = time.monotonic() + 20
        while not begun():
            assert time.monotonic() < until
            time.sleep(0.01)
        ALL.end()
        return future.exception(timeout=120)


@pytest.mark.usefixtures("all_ended")
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nbegun"])
def test_a_thread_that_waits_for_a_server(tmp_path: Path, answer: bytes) -> None:
    asked: list[socket.socket] = []

    def listen(server: socket.socket) -> None:
        connection = server.accept()[0]
        connection.recv(4096)
        connection.send(answer)
        asked.append(connection)

    def ask(port: int) -> None:
        with connect(IndexSettings(default="")) as client:
            download(client, f"http://127.0.0.1:{port}/a-1.0.tar.gz", tmp_path / "a", hashes={}, size=None)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=listen, args=[server]).start()
        error = in_thread(lambda: ask(server.getsockname()[1]), lambda: bool(asked))
    asked[0].close()
    assert isinstance(error, KeyboardInterrupt)


@pytest.mark.usefixtures("all_ended")
def test_a_thread_that_waits_for_a_lock(tmp_path: Path) -> None:
    waits = threading.Event()

    @contextmanager
    def while_waiting() -> Iterator[None]:
        waits.set()
        yield

    def work() -> None:
        Cache(root=tmp_path).entry("kind", "key", lambda _: None, while_waiting=while_waiting)

    (tmp_path / "kind").mkdir()
    with FileLock(tmp_path / "kind/.key.lock"):
        assert isinstance(in_thread(work, waits.is_set), KeyboardInterrupt)
