"""The process that starts programs for crossbuild, and ends their leftovers, even if crossbuild itself was killed.

``programs`` runs it as a script. It has one thread, and is small, so it can fork safely and quickly: it forks as many
keepers as there are programs at once. A keeper runs one program after another. It is a subreaper (prctl(2)): every
orphan below it comes back to it, even one in a session of its own. It talks to crossbuild over a socket that keeps
messages apart:

- A number with descriptors asks for a program. The keeper says that it was started, or which error kept it from
  that; and later its status, when nothing of it is left.
- The same number alone asks for its end: SIGTERM to all, then SIGKILL after a moment.
- The end of the socket, for example because crossbuild was killed, means SIGKILL to all at once.

It imports as little as it can: every command waits for it once.
"""

from __future__ import annotations

import array
import ctypes
import fcntl
import io
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress

TYPE_CHECKING = False  # importing typing would take longer than all other imports here
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Self

_GRACE = 3.0
"""Seconds between SIGTERM and SIGKILL."""
_GRACE_OF_STRAYS = 1.0
"""The same, for processes that an ended program has left behind."""
_SETTLING = 0.1
"""Seconds in which leftovers may end by themselves, as helpers of Python's multiprocessing do."""
_GIVING_UP = 5.0
"""Seconds after SIGKILL. A process that still runs cannot be killed: it belongs to root, or waits for a disk."""
_TICK = 0.02
_SET_CHILD_SUBREAPER = 36
_DESCRIPTORS = 4
"""A file with the request, and the program's three standard streams."""
_MESSAGE = 64
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def main(control: int, directory: str) -> None:
    """Fork a keeper for each socket that comes from ``control``, until crossbuild ends.

    Meanwhile, and until all keepers have ended, ``directory`` is locked.
    """
    _close_all_but(control)
    with suppress(OSError):
        fcntl.flock(os.open(directory, os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB)
    for number in _ENDING:
        # These signals are meant for crossbuild, which ends us. Programs inherit the ignored ones.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    # What programs make has the same permissions for every user.
    os.umask(0o022)
    # Whoever started crossbuild may have blocked it; then we would wait forever.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    _adopt_orphans()
    keepers: set[int] = set()
    with socket.socket(fileno=control) as requests, _Children() as children:
        while True:
            if children.wait(requests):
                _, channels = _receive(requests)
                if not channels:
                    break
                keepers |= _fork_keeper(*channels, closing=(requests, children))
            if ended := _reap():
                keepers -= ended.keys()
                _kill_all(but=keepers)  # we have inherited the processes of a killed keeper
    until = time.monotonic() + 2 * _GIVING_UP
    while _has_children() and time.monotonic() < until:
        keepers -= _reap().keys()
        _kill_all(but=keepers)
        time.sleep(_TICK / 10)


def _close_all_but(control: int) -> None:
    """Close the descriptors that we inherited, except for the standard streams."""
    for descriptor in {*_numbers_in("/proc/self/fd")} - {0, 1, 2, control}:
        with suppress(OSError):
            os.close(descriptor)


def _adopt_orphans() -> None:
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _fork_keeper(channel: int, *, closing: tuple[socket.socket, _Children]) -> set[int]:
    """Return the keeper that listens to ``channel``; none, and say so there, if there can be no more processes."""
    with socket.socket(fileno=channel) as crossbuild:
        try:
            pid = os.fork()
        except OSError as error:
            _, descriptors = _receive(crossbuild)
            _refuse(crossbuild, error)
            _close(descriptors)
            return set()
        if pid:
            return {pid}
        code = 1
        try:
            for ours in closing:
                ours.close()
            _adopt_orphans()
            with _Children() as children:
                _keep(crossbuild, children)
            code = 0
        finally:
            os._exit(code)


def _refuse(crossbuild: socket.socket, error: OSError) -> None:
    """Say that a program was not started; nobody listens if crossbuild has gone."""
    with suppress(OSError):
        crossbuild.send(b"%d %s" % (error.errno or 0, os.fsencode(error.filename or b"")))


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _keep(crossbuild: socket.socket, children: _Children) -> None:
    """Run one program after another, and end everything that they leave behind."""
    while not _has_children():  # otherwise a process cannot be ended
        words, descriptors = _receive(crossbuild)
        if not words:
            break
        if not descriptors:  # the end of a program that has ended
            continue
        try:
            pid = _start(descriptors)
        except OSError as error:
            _refuse(crossbuild, error)
            continue
        finally:
            _close(descriptors)
        crossbuild.send(b"started")
        status = _watch(pid, words, crossbuild, children)
        with suppress(OSError):
            crossbuild.send(b"%d" % status)


def _receive(channel: socket.socket) -> tuple[bytes, list[int]]:
    """Return a message and its descriptors; nothing if crossbuild has ended."""
    descriptors = array.array("i")
    space = socket.CMSG_SPACE(_DESCRIPTORS * descriptors.itemsize)
    try:
        words, ancillary, _, _ = channel.recvmsg(_MESSAGE, space, socket.MSG_CMSG_CLOEXEC)
    except OSError:
        return b"", []
    for _, _, content in ancillary:
        descriptors.frombytes(content)
    return words, list(descriptors)


def _start(descriptors: list[int]) -> int:
    """Start a program in a session of its own, and return its process. Raises OSError."""
    request, *streams = descriptors
    program, directory, count, *rest = os.pread(request, os.fstat(request).st_size, 0).split(b"\0")
    # In bytes from end to end: paths and variables have no encoding that could be relied on.
    command, variables = rest[: int(count)], rest[int(count) :]
    environ = dict(variable.split(b"=", 1) for variable in variables)
    os.chdir(directory)
    actions = [(os.POSIX_SPAWN_DUP2, stream, place) for place, stream in enumerate(streams)]
    return os.posix_spawn(program, command, environ, file_actions=actions, setsid=True, setsigdef=_IGNORED_BY_PYTHON)


class _Children:
    """Tells when a child has ended."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        for end in (self._reading, self._writing):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        signal.set_wakeup_fd(-1)
        for end in (self._reading, self._writing):
            os.close(end)

    def wait(self, channel: socket.socket) -> bool:
        """Wait until a child may have ended, or ``channel`` has something; return whether it has."""
        poll = select.poll()
        for descriptor in (self._reading, channel.fileno()):
            poll.register(descriptor, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll()}
        with suppress(BlockingIOError):
            os.read(self._reading, 1024)
        return channel.fileno() in ready


def _watch(pid: int, words: bytes, crossbuild: socket.socket, children: _Children) -> int:
    """Wait until the program ends or is to be ended; end all its processes, and return its status."""
    statuses: dict[int, int] = {}
    grace = 0.0
    while True:
        has_message = children.wait(crossbuild)
        statuses |= _reap()
        if pid in statuses:
            grace = _GRACE_OF_STRAYS if _wait(statuses, _SETTLING) else 0.0
            break
        if has_message and (said := _receive(crossbuild)[0]) in {words, b""}:
            grace = _GRACE if said else 0.0
            break
    _end(pid, statuses, crossbuild, grace)
    return statuses.get(pid, -signal.SIGKILL)


def _has_gone(crossbuild: socket.socket) -> bool:
    return bool(select.select([crossbuild], [], [], 0)[0]) and not _receive(crossbuild)[0]


def _end(program: int, statuses: dict[int, int], crossbuild: socket.socket, grace: float) -> None:
    """End all descendants, and add the statuses of children to ``statuses``; at once if crossbuild goes meanwhile.

    Where /proc is not mounted, only the group of the ``program`` is known.
    """
    if grace:
        for pid in _descendants() or [-program]:
            _send_signal(pid, signal.SIGTERM)
        until = time.monotonic() + grace
        while _wait(statuses, _TICK) and time.monotonic() < until and not _has_gone(crossbuild):
            pass
    until = time.monotonic() + _GIVING_UP
    while _has_children() and time.monotonic() < until:
        for pid in _descendants() or [-program]:
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


def _kill_all(but: Collection[int]) -> None:
    for pid in _descendants(but):
        _send_signal(pid, signal.SIGKILL)


def _descendants(but: Collection[int] = ()) -> list[int]:
    """Return the processes below this one, without those ``but`` and what is below them."""
    children: dict[int, list[int]] = {}
    for pid, parent in _processes():
        children.setdefault(parent, []).append(pid)
    found: list[int] = []
    ahead = [os.getpid()]
    while ahead:
        below = [pid for pid in children.get(ahead.pop(), ()) if pid not in but]
        found += below
        ahead += below
    return found


def _processes() -> Iterator[tuple[int, int]]:
    """Yield each process of this machine, and its parent (proc(5))."""
    for pid in _numbers_in("/proc"):
        with suppress(OSError), io.FileIO(f"/proc/{pid}/stat") as file:
            yield pid, int(file.readall().rpartition(b")")[2].split()[1])


def _numbers_in(directory: str) -> list[int]:
    """Return the names of what is in ``directory``, if they are numbers; none if it is not mounted."""
    with suppress(OSError):
        return [int(entry.name) for entry in os.scandir(directory) if entry.name.isdigit()]
    return []


def _send_signal(pid: int, number: int) -> None:
    """Send a signal, but not to processes that have ended or belong to root."""
    with suppress(OSError):
        os.kill(pid, number)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
