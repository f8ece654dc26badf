"""A program between crossbuild and a build, which notices every attempt to execute what is for another machine.

``programs`` runs it as a script. Whatever a process of the build executes, the process waits for us for a moment
(seccomp(2), SECCOMP_RET_USER_NOTIF). We look at the file's ELF header, write down what we noticed, and let the kernel
go on. So we see what ``make``, shells and CMake execute, even if nobody complains, and even if this machine can run it,
by emulation or because the host is of the same kind. Where the kernel (before 5.7) or a container does not let us
listen, the build runs all the same. It has no set-user-ID programs, unless root runs it.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import io
import os
import posix
import resource
import select
import signal
import struct
import sys
from contextlib import suppress
from posixpath import basename, join, normpath, realpath

_ASKING_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_SYSTEM_CALLS = {
    "x86_64": (0xC000003E, 317, 59, 322),
    "aarch64": (0xC00000B7, 277, 221, 281),
    "riscv64": (0xC00000F3, 277, 221, 281),
}
"""By machine, from the kernel's headers: AUDIT_ARCH, and the numbers of seccomp, execve and execveat."""
_NO_NEW_PRIVILEGES = 38
_SET_MODE_FILTER, _NEW_LISTENER, _WITHOUT_MITIGATIONS = 1, 1 << 3, 1 << 2
_SINCE_LINUX_5_7 = 1 << 4
"""A flag that older kernels refuse. It means nothing here, but Linux 5.0 to 5.4 notify and cannot be told to go on."""
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_RECEIVE, _ANSWER, _GO_ON = 0xC0502100, 0xC0182101, 1
_NOTIFICATION = "QIIiIQ6Q"
_AT_FDCWD = -100
_PAGE = 4096
_LONGEST_PATH = 4096
_ELF = b"\x7fELF"
_SHELLS = ("sh", "ash", "bash", "dash")


def main(record: str, directory: str, restored: str, *command: str) -> int:
    """Run ``command`` and return its status; what is noticed is appended to the file ``record``.

    What is executed in ``directory`` is of interest even if it is for this machine. ``restored`` are variables for the
    command, NAME=VALUE or NAME, separated by newlines: the environment of this program differs in them.
    """
    for number in _ASKING_TO_END:
        # They are meant for the build, which ends first. It inherits the ignored ones.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    woken = _wake_for_children()
    watch: _Watch | None = None
    with suppress(OSError):
        own = _header("/proc/self/exe")  # first: once we listen, we have to answer
        watch = _Watch(_listen(), own, record, directory)
    pid = os.fork()
    if not pid:
        _become(command, restored)
    code = os.waitstatus_to_exitcode(watch.until_ended(pid, woken) if watch else os.waitpid(pid, 0)[1])
    return code if code >= 0 else _die_of(-code)


def _wake_for_children() -> int:
    """Return a descriptor that can be read from when a child has ended."""
    # keeper does the same. Both run with -I -S, so neither can import the other.
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reading


def _become(command: tuple[str, ...], restored: str) -> None:
    """Become the build."""
    try:
        environ = dict(os.environ)
        for name, is_set, value in (line.partition("=") for line in restored.splitlines()):
            environ.pop(name, None)
            environ |= {name: value} if is_set else {}
        for number in _IGNORED_BY_PYTHON:
            signal.signal(number, signal.SIG_DFL)
        os.execve(command[0], command, environ)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _listen() -> int:
    """Return the descriptor that tells of each execve() of this process, and of those that it forks. Raises OSError."""
    known = _SYSTEM_CALLS.get(os.uname().machine)
    # A tracer such as PRoot, which changes system calls, would not hear of those that we do.
    if not known or sys.maxsize < 2**32 or "TracerPid:\t0\n" not in _read("/proc/self/status"):
        raise OSError
    architecture, seccomp, *calls = known
    # A BPF filter (seccomp(2)): struct seccomp_data has the number of the call at offset 0 and the architecture at 4.
    # Check the architecture first: the same number is another call elsewhere.
    jumps = [(_IF_EQUAL, len(calls) - place, 0, number) for place, number in enumerate(calls)]
    steps = [(_LOAD, 0, 0, 4), (_IF_EQUAL, 0, 1 + len(calls), architecture), (_LOAD, 0, 0, 0), *jumps]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _NOTIFY)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    flags = _NEW_LISTENER | _WITHOUT_MITIGATIONS | _SINCE_LINUX_5_7
    listener = int(libc.syscall(seccomp, _SET_MODE_FILTER, flags, program))
    if listener < 0 and ctypes.get_errno() == errno.EACCES:  # without root, set-user-ID programs have to go first
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        listener = int(libc.syscall(seccomp, _SET_MODE_FILTER, flags, program))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return listener


def _die_of(number: int) -> int:
    """End as the build did, by a signal."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number


class _Watch:
    """Answers each execve() of a build."""

    def __init__(self, listener: int, own: bytes, record: str, directory: str) -> None:
        self._listener = listener
        self._record = record
        self._directory = directory + "/"
        self._own = own

    def until_ended(self, pid: int, woken: int) -> int:
        """Answer until the process ``pid`` has ended, and return its status; ``woken`` can be read when it may have."""
        poll = select.poll()
        for descriptor in (self._listener, woken):
            poll.register(descriptor, select.POLLIN)
        while True:
            ready = dict(poll.poll())
            if woken in ready:
                os.read(woken, 1024)
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    return status
            if ready.get(self._listener, 0) & select.POLLIN:
                with suppress(OSError):  # the process has gone, or a signal interrupted it
                    self._answer()

    def _answer(self) -> None:
        notification = bytearray(struct.calcsize(_NOTIFICATION))
        fcntl.ioctl(self._listener, _RECEIVE, notification)
        number, pid, _, call, architecture, _, *arguments = struct.unpack(_NOTIFICATION, notification)
        try:
            with suppress(Exception):  # whatever the process calls execve() with, it is not our failure
                self._look(pid, *_called(call, architecture, arguments))
        finally:
            self._let_go_on(number)

    def _let_go_on(self, number: int) -> None:
        answer = bytearray(struct.pack("QqiI", number, 0, 0, _GO_ON))
        while True:
            with suppress(InterruptedError):  # by a signal for us: the process still waits
                fcntl.ioctl(self._listener, _ANSWER, answer)
                break

    def _look(self, pid: int, place: str, address: int) -> None:
        """Look at the file that ``pid`` executes: its name is at ``address``, and relative to ``place``."""
        name = _text_at(pid, address)
        here = f"/proc/{pid}/root{name}" if name.startswith("/") else f"/proc/{pid}/{place}/{name}".rstrip("/")
        header = _header(here)
        if not header.startswith(_ELF):
            return
        file = normpath(join(posix.readlink(f"/proc/{pid}/{place}"), name))
        if header[4:6] + header[18:20] != self._own[4:6] + self._own[18:20]:
            self._write("ran", file, pid)
        elif realpath(file).startswith(self._directory) and "/site-packages/" not in file:
            self._write("perhaps ran", file, pid)

    def _write(self, kind: str, file: str, pid: int) -> None:
        who, directory = _who(pid)
        fields = "".join(field + "\0" for field in (kind, file, who, directory))
        record = os.open(self._record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        os.write(record, os.fsencode(fields))
        os.close(record)


def _called(call: int, architecture: int, arguments: list[int]) -> tuple[str, int]:
    """Return what in /proc/PID a relative name starts from, and where the name is, by execve(2) and execveat(2)."""
    known = next(numbers for numbers in _SYSTEM_CALLS.values() if numbers[0] == architecture)
    if call == known[2]:
        return "cwd", arguments[0]
    (descriptor,) = struct.unpack("i", struct.pack("I", arguments[0] & 0xFFFFFFFF))
    return ("cwd" if descriptor == _AT_FDCWD else f"fd/{descriptor}"), arguments[1]


def _text_at(pid: int, address: int) -> str:
    """Return the text that ends with NUL at ``address`` of a process."""
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        text = b""
        while b"\0" not in text and len(text) < _LONGEST_PATH:  # page by page: the next may not be there
            text += os.pread(memory, _PAGE - (address + len(text)) % _PAGE, address + len(text))
    finally:
        os.close(memory)
    return os.fsdecode(text.partition(b"\0")[0])


def _header(file: str) -> bytes:
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return os.read(descriptor, 20)
    finally:
        os.close(descriptor)


def _who(pid: int) -> tuple[str, str]:
    """Return the command that starts the program in ``pid``, and its directory: what started a shell's command line."""
    while True:
        words = _read(f"/proc/{pid}/cmdline").rstrip("\0").split("\0")
        if not _is_command_line(words):
            break
        parent = [line for line in _read(f"/proc/{pid}/status").splitlines() if line.startswith("PPid:")]
        pid = int(parent[0].split()[1])
    return " ".join(basename(word) for word in words[:3]), posix.readlink(f"/proc/{pid}/cwd")


def _is_command_line(words: list[str]) -> bool:
    """Return whether a shell runs what a program gave it as text: ``sh -c``, ``bash -eu -o pipefail -c``."""
    return basename(words[0]) in _SHELLS and any(
        word.startswith("-") and not word.startswith("--") and word.endswith("c") for word in words[1:5]
    )


def _read(file: str) -> str:
    with io.FileIO(file) as stream:
        return os.fsdecode(stream.readall())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
