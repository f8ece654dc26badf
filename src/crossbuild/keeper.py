"""The process that starts programs for crossbuild, and ends what they started when they or crossbuild are no more.

``programs`` runs it as a script. It is small and has one thread, so it can fork safely and quickly. For each program it
forks a keeper, which is a subreaper (prctl(2)): every orphan below it comes back to it, even one in a session of its
own. A keeper talks to crossbuild over a socket that keeps messages apart:

- It says whether the program was started, and later its status, when nothing of it is left.
- Any message from crossbuild asks for the end: SIGTERM to all, then SIGKILL after a moment.
- The end of the socket, for example because crossbuild was killed, means SIGKILL to all at once.
"""

from __future__ import annotations

import array
import ctypes
import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

TYPE_CHECKING = False  # typing would cost more than all else that this imports
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

_GRACE = 3.0
"""Seconds between SIGTERM and SIGKILL."""
_GRACE_OF_STRAYS = 1.0
"""The same for what a program that has ended leaves behind."""
_SETTLING = 0.1
"""Seconds in which leftovers may end by themselves, as helpers of Python's multiprocessing do."""
_GIVING_UP = 5.0
"""Seconds after SIGKILL. A process that still runs cannot be killed: it belongs to root, or waits for a disk."""
_TICK = 0.02
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_DESCRIPTORS = 5
"""A keeper's socket, a file with the request, and the program's three standard streams."""
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)

_prctl = ctypes.CDLL(None).prctl


def main(control: int) -> None:
    """Fork a keeper for each set of descriptors that comes from ``control``, until crossbuild ends."""
    for number in _ENDING:
        # They are meant for crossbuild, which ends us. Programs inherit those that are ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    keepers: set[int] = set()
    with socket.socket(fileno=control) as requests:
        while descriptors := _receive(requests):
            keeper = os.fork()
            if keeper == 0:
                requests.close()
                _keep(*descriptors)
            keepers.add(keeper)
            for descriptor in descriptors:
                os.close(descriptor)
            keepers -= _reap().keys()
    # The keepers notice by themselves. What a keeper that was killed has left comes to us.
    while _has_children():
        keepers -= _reap().keys()
        for pid in _descendants(but=keepers):
            _send_signal(pid, signal.SIGKILL)
        time.sleep(_TICK)


def _receive(requests: socket.socket) -> list[int]:
    """Return the descriptors for one program; none if there will be no more."""
    descriptors = array.array("i")
    try:
        _, ancillary, _, _ = requests.recvmsg(1, socket.CMSG_SPACE(_DESCRIPTORS * descriptors.itemsize))
    except OSError:
        return []
    for _, _, content in ancillary:
        descriptors.frombytes(content)
    return list(descriptors)


def _keep(channel: int, request: int, *streams: int) -> NoReturn:
    """Run one program, and see to it that nothing of it is left."""
    code = 1
    try:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        with socket.socket(fileno=channel) as crossbuild:
            pid, problem = _start(_read(request), streams)
            for descriptor in (request, *streams):
                os.close(descriptor)
            crossbuild.send(json.dumps(problem).encode())
            status = _watch(pid, crossbuild)
            with suppress(OSError):
                crossbuild.send(json.dumps(status).encode())
        code = 0
    finally:
        os._exit(code)


def _read(file: int) -> tuple[list[str], dict[str, str], str]:
    with os.fdopen(file, "rb", closefd=False) as stream:
        stream.seek(0)
        command, environ, directory = json.load(stream)
    return command, environ, directory


def _start(
    request: tuple[list[str], dict[str, str], str], streams: tuple[int, ...]
) -> tuple[int, tuple[int, str] | None]:
    """Return the process of the program, and what kept it from being started: an error number, and of which file."""
    command, environ, directory = request
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _become(command, environ, directory, streams, problems=writing)
        finally:
            os._exit(127)
    os.close(writing)
    with os.fdopen(reading, "rb") as problems:
        said = problems.read()
    return pid, json.loads(said) if said else None


def _become(
    command: list[str], environ: dict[str, str], directory: str, streams: tuple[int, ...], *, problems: int
) -> None:
    """Turn this process into the program, in a session of its own; tell ``problems`` if that fails."""
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    for number in _IGNORED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
    subject = directory
    try:
        os.chdir(directory)
        subject = command[0]
        os.execvpe(command[0], command, environ)
    except OSError as error:
        os.write(problems, json.dumps((error.errno, subject)).encode())


def _watch(pid: int, crossbuild: socket.socket) -> int:
    """Wait until the program ends or is to be ended; end all that is left of it, and return its status."""
    statuses: dict[int, int] = {}
    grace = 0.0
    wakes = _woken_by_children()
    poll = select.poll()
    for descriptor in (crossbuild.fileno(), wakes):
        poll.register(descriptor, select.POLLIN)
    while True:
        statuses |= _reap()
        if pid in statuses:
            grace = _GRACE_OF_STRAYS if _wait(statuses, _SETTLING) else 0.0
            break
        if any(descriptor != wakes for descriptor, _ in poll.poll()):
            grace = _GRACE if _asked(crossbuild) else 0.0
            break
        with suppress(BlockingIOError):
            os.read(wakes, 1024)
    _end(statuses, crossbuild, grace)
    return statuses.get(pid, -signal.SIGKILL)


def _woken_by_children() -> int:
    """Return a descriptor that can be read from after a child has ended."""
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reading


def _asked(crossbuild: socket.socket) -> bool:
    """Return whether crossbuild sent a message, which asks for the end; if not, it has gone."""
    try:
        return bool(crossbuild.recv(1))
    except OSError:
        return False


def _has_gone(crossbuild: socket.socket) -> bool:
    return bool(select.select([crossbuild], [], [], 0)[0]) and not _asked(crossbuild)


def _end(statuses: dict[int, int], crossbuild: socket.socket, grace: float) -> None:
    """End all descendants, and add the statuses of children to ``statuses``; at once if crossbuild goes meanwhile."""
    if grace:
        for pid in _descendants():
            _send_signal(pid, signal.SIGTERM)
        until = time.monotonic() + grace
        while _wait(statuses, _TICK) and time.monotonic() < until and not _has_gone(crossbuild):
            pass
    until = time.monotonic() + _GIVING_UP
    while _has_children() and time.monotonic() < until:
        for pid in _descendants():
            _send_signal(pid, signal.SIGKILL)
        _wait(statuses, _TICK)


def _wait(statuses: dict[int, int], seconds: float) -> bool:
    """Wait for all children, but not longer than ``seconds``; return whether there are still some."""
    until = time.monotonic() + seconds
    while there := _has_children():
        statuses |= _reap()
        if time.monotonic() > until:
            break
        time.sleep(_TICK / 10)
    return there


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _reap() -> dict[int, int]:
    """Return the children that have ended since, with their statuses."""
    ended = {}
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            ended[pid] = os.waitstatus_to_exitcode(status)
    return ended


def _descendants(but: set[int] | None = None) -> list[int]:
    """Return the processes below this one, without those ``but`` and what is below them."""
    children: dict[int, list[int]] = {}
    for pid, parent in _processes():
        children.setdefault(parent, []).append(pid)
    found: list[int] = []
    ahead = [os.getpid()]
    while ahead:
        below = [pid for pid in children.get(ahead.pop(), ()) if pid not in (but or ())]
        found += below
        ahead += below
    return found


def _processes() -> Iterator[tuple[int, int]]:
    """Yield each process of this machine, and its parent (proc(5))."""
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            with suppress(OSError):
                facts = (directory / "stat").read_bytes().rpartition(b")")[2].split()
                yield int(directory.name), int(facts[1])


def _send_signal(pid: int, number: int) -> None:
    """Send a signal; what has ended, and what belongs to root, does not get it."""
    with suppress(OSError):
        os.kill(pid, number)


if __name__ == "__main__":
    main(int(sys.argv[1]))
