"""Starting other programs, none of whose processes outlive the program, an interruption, or this process.

A process that lasts as long as this one starts them; see ``keeper``.
"""

from __future__ import annotations

import atexit
import errno
import itertools
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from crossbuild.system.interruption import ALL
from crossbuild.system.scratch import with_temporary_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

_KEEPER = Path(__file__).with_name("keeper.py")
_WATCH = Path(__file__).with_name("exec_watch.py")
_MESSAGE = 8192
"""More bytes than any message of a keeper has."""
_STARTED = b"started"
_CHUNK = 65536
_OF_KEEPERS = ("LD_LIBRARY_PATH",)
"""The variables that some Pythons need to start."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Where to write down what a program executes that is for another machine."""

    record: Path
    """The file."""
    directory: Path
    """What is executed in it is written down even if it is for this machine."""


class Program:
    """A program that was started. As a context manager it is ended with its block, and waited for."""

    def __init__(self, keeper: socket.socket, words: bytes) -> None:
        self._keeper = keeper
        self._words = words
        self.status: int | None = None
        """Its exit status, or the negative number of the signal that ended it; None while any of its processes runs."""

    def fileno(self) -> int:
        """Return what can be read from when the program has ended."""
        return self._keeper.fileno()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error:
            self.ask_to_end()
        self.wait()

    def ask_to_end(self) -> None:
        """End all its processes: ask first, and kill them after a moment."""
        with suppress(OSError):
            self._keeper.send(self._words)

    def wait(self) -> int:
        """Wait until none of its processes runs, and return its status."""
        if self.status is None:
            said = _KEEPERS.last_word(self._keeper)
            self.status = int(said) if said else -signal.SIGKILL
        return self.status

    def output(self, *streams: int, until: float | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield the output from ``streams`` until the program has ended, even if another process keeps them open.

        Raises TimeoutError at the time ``until``.
        """
        poll = select.poll()
        for descriptor in (*streams, self.fileno()):
            poll.register(descriptor, select.POLLIN)
        ended, ahead = False, set(streams)
        while ahead and not ended:
            left = None if until is None else max(until - time.monotonic(), 0)
            ready = [descriptor for descriptor, _ in poll.poll(None if left is None else left * 1000)]
            ended = self.fileno() in ready
            if left == 0 and not ended:
                raise TimeoutError
            for descriptor in ahead & set(ready):
                if data := os.read(descriptor, _CHUNK):
                    yield descriptor, data
                else:
                    ahead.discard(descriptor)
                    poll.unregister(descriptor)
        for descriptor in ahead:
            yield from _rest(descriptor)


@contextmanager
def started(
    command: Sequence[str | os.PathLike[str]],
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
    watched: Watched | None = None,
) -> Iterator[Program]:
    """Start ``command``, and let it end with the block, or when everything is to end. Raises OSError.

    Its standard streams are these descriptors, or /dev/null. ``watched``: what it executes is looked at.
    """
    ALL.check()
    with ExitStack() as stack:
        # Not interrupted between start and registration, or nobody would end the program.
        with ALL.finishing(), _devnull() as null, _request(command, environ, cwd, watched) as request:
            streams = [null if stream is None else stream for stream in (stdin, stdout, stderr)]
            words = b"%d" % next(_NUMBERS)
            program = stack.enter_context(Program(_KEEPERS.start(words, [request, *streams]), words))
            stack.enter_context(ALL.holding(program))
        yield program


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
    with ExitStack() as stack:
        out, into = stack.enter_context(pipe())
        errors, into_errors = stack.enter_context(pipe())
        # In a file, so that nothing has to be written while output is read.
        given = stack.enter_context(_file("words", words.encode()))
        program = stack.enter_context(
            started(command, environ=env, cwd=cwd, stdin=given, stdout=into.fileno(), stderr=into_errors.fileno())
        )
        for end in (into, into_errors):
            end.close()
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
def pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Give both ends of a pipe, the reading one first."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as out, os.fdopen(writing, "wb", buffering=0) as into:
        yield out, into


def directories_on(path: str) -> list[Path]:
    """Return the directories of a ``PATH``."""
    return [Path(directory) for directory in path.split(os.pathsep) if directory]


def file_names(directories: Iterable[Path]) -> Iterator[str]:
    """Yield the names of all files in those of ``directories`` that can be read."""
    for directory in directories:
        with suppress(OSError):
            yield from (file.name for file in directory.iterdir())


def _text(parts: list[bytes]) -> str:
    return b"".join(parts).decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def _rest(descriptor: int) -> Iterator[tuple[int, bytes]]:
    """Yield what can be read at once."""
    os.set_blocking(descriptor, False)
    with suppress(BlockingIOError):
        while data := os.read(descriptor, _CHUNK):
            yield descriptor, data


@contextmanager
def _devnull() -> Iterator[int]:
    with Path(os.devnull).open("r+b", buffering=0) as null:
        yield null.fileno()


@contextmanager
def _request(
    command: Sequence[str | os.PathLike[str]],
    environ: Mapping[str, str] | None,
    cwd: Path | None,
    watched: Watched | None,
) -> Iterator[int]:
    """Give a file with what the keeper is to start. Raises OSError if there is no such program, ValueError for NUL."""
    variables = with_temporary_files(os.environ if environ is None else environ)
    words = [os.fspath(word) for word in command]
    program = _found(words[0], variables)
    if watched:
        words, variables = _below_watch(watched, [program, *words[1:]], variables)
        program = words[0]
    facts = [program, str(Path.cwd() / (cwd or "")), str(len(words)), *words]
    facts += [f"{name}={value}" for name, value in variables.items()]
    content = os.fsencode("\0".join(facts))
    # More than there are between the words: one of them would be cut in two.
    if content.count(b"\0") >= len(facts):
        raise ValueError("embedded null byte")
    # By a file: a socket's message cannot hold the environment of every build.
    with _file("request", content) as file:
        yield file


def _below_watch(
    watched: Watched, words: list[str], variables: Mapping[str, str]
) -> tuple[list[str], Mapping[str, str]]:
    """Return the command and the variables of the watch that runs the command ``words`` with ``variables``."""
    needed = {name: os.environ[name] for name in _OF_KEEPERS if name in os.environ}
    restored = "\n".join(f"{name}={variables[name]}" if name in variables else name for name in needed)
    start = [sys.executable, "-I", "-S", str(_WATCH), str(watched.record), str(watched.directory), restored]
    return [*start, *words], {**variables, **needed}


@contextmanager
def _file(name: str, content: bytes) -> Iterator[int]:
    """Give a file in memory that can be read from its beginning."""
    with os.fdopen(os.memfd_create(name), "w+b") as file:
        file.write(content)
        file.seek(0)
        yield file.fileno()


def _found(name: str, variables: Mapping[str, str]) -> str:
    """Return where the program ``name`` is: there if it is a path, else on the ``PATH`` of ``variables``."""
    if os.sep in name:
        return name
    found = shutil.which(name, path=variables.get("PATH", os.defpath))
    if not found:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    return str(Path(found).absolute())


class _Keepers:
    """The keepers that have nothing to do, and the process that forks more of them, started when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[socket.socket] = []
        self._requests: socket.socket | None = None
        self._pid = 0
        os.register_at_fork(after_in_child=self._begin_again)

    def start(self, words: bytes, descriptors: list[int]) -> socket.socket:
        """Return the keeper that has started a program. Raises OSError."""
        keeper = self._asked(words, descriptors)
        try:
            said = _received(keeper)
        # Its answer is still to come, and would be mistaken for the answer to the next request.
        except BaseException:
            keeper.close()
            raise
        if said == _STARTED:
            return keeper
        keeper.close()
        number, _, subject = (said or b"%d " % errno.EIO).partition(b" ")
        raise OSError(int(number), os.strerror(int(number)), os.fsdecode(subject))

    def last_word(self, keeper: socket.socket) -> bytes:
        """Return what ``keeper`` says when its program has ended; nothing if it was killed."""
        said = _received(keeper)
        self._put_back(keeper, said)
        return said

    def _put_back(self, keeper: socket.socket, said: bytes) -> None:
        if said:
            self._idle.append(keeper)
        else:
            keeper.close()

    def _asked(self, words: bytes, descriptors: list[int]) -> socket.socket:
        while True:
            try:
                keeper, is_new = self._idle.pop(), False
            except IndexError:
                keeper, is_new = self._another(), True
            try:
                socket.send_fds(keeper, [words], descriptors)
            except ConnectionError:  # it was killed
                if is_new:
                    return keeper
                keeper.close()
            else:
                return keeper

    def _another(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with self._lock, theirs:
            requests = self._requests or self._begun()
            try:
                socket.send_fds(requests, [b"k"], [theirs.fileno()])
            except ConnectionError:  # it was killed
                self._end()
                socket.send_fds(self._begun(), [b"k"], [theirs.fileno()])
        return ours

    def _begun(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, _devnull() as null:
            # Above both descriptors and the standard streams, which the next actions overwrite.
            place = max(theirs.fileno(), null) + 1
            streams = [(os.POSIX_SPAWN_DUP2, null, number) for number in range(3)]
            actions = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), place), *streams]
            command = [sys.executable, "-I", "-S", str(_KEEPER), str(place), tempfile.gettempdir()]
            environ = {name: os.environ[name] for name in _OF_KEEPERS if name in os.environ}
            self._pid = os.posix_spawn(sys.executable, command, environ, file_actions=actions, setsid=True)
        self._requests = ours
        atexit.register(self._end)
        return ours

    def _end(self) -> None:
        """Let all of them end, and wait for that."""
        if self._requests:
            pid = self._pid
            self._forget()
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)

    def _begin_again(self) -> None:
        """Leave the keepers to the process that this one is a fork of; another thread of it may have held the lock."""
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        for channel in (*self._idle, *([self._requests] if self._requests else [])):
            channel.close()
        self._idle.clear()
        self._requests = None


def _received(keeper: socket.socket) -> bytes:
    """Return what ``keeper`` says; nothing if it is no more."""
    try:
        return keeper.recv(_MESSAGE)
    except ConnectionError:
        return b""


_KEEPERS = _Keepers()
_NUMBERS = itertools.count()
