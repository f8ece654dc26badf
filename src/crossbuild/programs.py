"""Starting other programs: nothing of them outlives their own end, an interruption, or this process.

A process that lasts as long as this one starts them; see ``keeper``.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

_KEEPER = Path(__file__).with_name("keeper.py")
_MESSAGE = 8192
"""More bytes than any message of a keeper has."""
_CHUNK = 65536


@dataclass(frozen=True, kw_only=True)
class Running:
    """The programs that run now, in any thread, so that all can be ended."""

    _programs: set[Program] = field(default_factory=set)
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def holding(self, program: Program) -> Iterator[None]:
        """Know of ``program`` meanwhile. Raises KeyboardInterrupt when it has been ended by :meth:`end`."""
        self._programs.add(program)
        if self._ended.is_set():
            program.ask_to_end()
        try:
            yield
        finally:
            self._programs.discard(program)
        self.check()

    def check(self) -> None:
        """Raise KeyboardInterrupt after :meth:`end`."""
        if self._ended.is_set():
            raise KeyboardInterrupt

    def end(self) -> None:
        """Ask them all to end, and let no other be started."""
        self._ended.set()
        for program in tuple(self._programs):
            program.ask_to_end()

    def begin(self) -> None:
        """Let programs be started again."""
        self._ended.clear()


ALL = Running()
"""All programs of this process."""


class Program:
    """A program that was started. As a context manager it is ended with its block, and waited for."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self.status: int | None = None
        """Its exit status, or the negative of the signal that ended it; None until nothing of it runs any more."""

    @classmethod
    def start(
        cls,
        command: Sequence[str | os.PathLike[str]],
        *,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> Self:
        """Start ``command`` with these descriptors, or /dev/null, as its standard streams. Raises OSError."""
        ALL.check()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs, Path(os.devnull).open("r+b", buffering=0) as null, _request(command, environ, cwd) as request:
                streams = [null.fileno() if stream is None else stream for stream in (stdin, stdout, stderr)]
                _SERVER.send([theirs.fileno(), request.fileno(), *streams])
            _check_started(ours)
        except BaseException:
            ours.close()
            raise
        return cls(ours)

    def fileno(self) -> int:
        """Return what can be read from when the program has ended."""
        return self._channel.fileno()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        with self._channel:
            if error:
                self.ask_to_end()
            self.wait()

    def ask_to_end(self) -> None:
        """Let all of it end: asked first, and killed after a moment."""
        with suppress(OSError):
            self._channel.send(b"e")

    def wait(self) -> int:
        """Return its status, when nothing of it runs any more."""
        if self.status is None:
            status = _received(self._channel)
            self.status = -signal.SIGKILL if status is None else status
        return self.status

    def output(self, *streams: int, until: float | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield what comes from ``streams`` until the program has ended, whoever else keeps them open.

        Raises TimeoutError at the time ``until``.
        """
        poll = select.poll()
        for descriptor in (*streams, self.fileno()):
            poll.register(descriptor, select.POLLIN)
        ended, ahead = False, set(streams)
        while ahead and not ended:
            left = None if until is None else max(until - time.monotonic(), 0)
            events = poll.poll(None if left is None else left * 1000)
            if left == 0 and not events:
                raise TimeoutError
            ready = [descriptor for descriptor, _ in events]
            ended = self.fileno() in ready
            for descriptor in ahead & set(ready):
                if data := os.read(descriptor, _CHUNK):
                    yield descriptor, data
                else:
                    ahead.discard(descriptor)
                    poll.unregister(descriptor)
        for descriptor in ahead:
            yield from _rest(descriptor)


def run_program(
    command: Sequence[str | os.PathLike[str]],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    words: str = "",
    check: bool = False,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` with ``words`` as its input, and return what it printed, as subprocess.run does with pipes."""
    until = None if timeout is None else time.monotonic() + timeout
    said: dict[int, list[bytes]] = {}
    with _pipe() as (out, into), _pipe() as (errors, into_errors), tempfile.TemporaryFile() as given:
        given.write(words.encode())
        given.seek(0)
        program = Program.start(
            command, environ=env, cwd=cwd, stdin=given.fileno(), stdout=into.fileno(), stderr=into_errors.fileno()
        )
        for end in (into, into_errors):
            end.close()
        with program, ALL.holding(program):
            try:
                for descriptor, data in program.output(out.fileno(), errors.fileno(), until=until):
                    said.setdefault(descriptor, []).append(data)
            except TimeoutError:
                raise subprocess.TimeoutExpired([os.fspath(word) for word in command], timeout or 0) from None
            status = program.wait()
        texts = [_text(said.get(stream.fileno(), [])) for stream in (out, errors)]
    done = subprocess.CompletedProcess([os.fspath(word) for word in command], status, *texts)
    if check:
        done.check_returncode()
    return done


@contextmanager
def _pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as out, os.fdopen(writing, "wb", buffering=0) as into:
        yield out, into


def _text(parts: list[bytes]) -> str:
    return b"".join(parts).decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def _rest(descriptor: int) -> Iterator[tuple[int, bytes]]:
    """Yield what can be read at once."""
    os.set_blocking(descriptor, False)
    with suppress(BlockingIOError):
        while data := os.read(descriptor, _CHUNK):
            yield descriptor, data


@contextmanager
def _request(
    command: Sequence[str | os.PathLike[str]], environ: Mapping[str, str] | None, cwd: Path | None
) -> Iterator[IO[str]]:
    """Give a file with what the keeper is to start."""
    variables = os.environ if environ is None else environ
    facts = (
        [os.fspath(word) for word in command],
        dict(variables),
        str(Path.cwd() / (cwd or "")),
    )
    if any("\0" in word for word in (*facts[0], *facts[1], *facts[1].values())):
        raise ValueError("embedded null byte")
    with os.fdopen(os.memfd_create("request"), "w", encoding="ascii") as file:
        json.dump(facts, file)
        file.flush()
        yield file


def _check_started(channel: socket.socket) -> None:
    if problem := _received(channel):
        number, subject = problem
        raise OSError(number, os.strerror(number), subject)


def _received(channel: socket.socket) -> Any:
    """Return what the keeper says; None if it says so, or is no more."""
    try:
        said = channel.recv(_MESSAGE)
    except ConnectionError:
        said = b""
    return json.loads(said) if said else None


class _Server:
    """The process that forks the keepers, started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: socket.socket | None = None
        self._pid = 0

    def send(self, descriptors: list[int]) -> None:
        with self._lock:
            if self._requests is None:
                self._start()
            try:
                self._pass(descriptors)
            except ConnectionError:  # it was killed
                self._stop()
                self._start()
                self._pass(descriptors)

    def _pass(self, descriptors: list[int]) -> None:
        if self._requests:
            socket.send_fds(self._requests, [b"s"], descriptors)

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, Path(os.devnull).open("r+b", buffering=0) as null:
            streams = [(os.POSIX_SPAWN_DUP2, null.fileno(), number) for number in range(3)]
            place = theirs.fileno() + 1
            actions = [*streams, (os.POSIX_SPAWN_DUP2, theirs.fileno(), place)]
            command = [sys.executable, "-I", "-S", str(_KEEPER), str(place)]
            self._pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=actions, setsid=True)
        self._requests = ours
        atexit.register(self._stop)

    def _stop(self) -> None:
        if self._requests:
            self._requests.close()
            self._requests = None
            with suppress(ChildProcessError):
                os.waitpid(self._pid, 0)


_SERVER = _Server()
