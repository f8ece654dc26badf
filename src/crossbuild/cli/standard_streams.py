"""Preparations before a command starts: closed or failing standard streams, and Ctrl-C."""

from __future__ import annotations

import fcntl
import io
import os
import signal
import sys
from contextlib import suppress

TYPE_CHECKING = False  # importing typing would take longer than all other imports here
if TYPE_CHECKING:
    from typing import TextIO

    from _typeshed import ReadableBuffer

_STDIN, _STDOUT, _STDERR = range(3)
_INTERRUPTED = 130


def settle_process() -> None:
    """Prepare this process, which runs only the command line."""
    # Any other handler was inherited or set by a program that calls us, and stays.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    _open_closed_descriptors()
    sys.stdin = sys.stdin or io.TextIOWrapper(io.BufferedReader(io.FileIO(_STDIN, closefd=False)))
    sys.stdout = _text_to(_Output(_STDOUT, "w", closefd=False), sys.stdout)
    sys.stderr = _text_to(_Messages(_STDERR, "w", closefd=False), sys.stderr)


def _interrupted(*_: object) -> None:
    """End this process at once: no work has begun, and an exception could appear in the middle of any import."""
    with suppress(OSError):
        os.write(_STDERR, b"error: Interrupted.\n")
    os._exit(_INTERRUPTED)


def _open_closed_descriptors() -> None:
    """Replace each closed standard stream by /dev/null; otherwise the next opened file would take its place."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        fcntl.fcntl(descriptor, fcntl.F_SETFD, 0)  # so that programs inherit it
    os.close(descriptor)


def _text_to(raw: io.FileIO, before: TextIO | None) -> TextIO:
    """Return a text file that writes to ``raw`` as Python's own ``before`` did."""
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=before.encoding if before else None,
        errors=before.errors if before else "backslashreplace",
        line_buffering=raw.fileno() == _STDERR or raw.isatty(),
    )


class _Output(io.FileIO):
    """Standard output. The first failure to write raises CrossbuildError, or BrokenPipeError if nobody reads."""

    _failed = False

    def write(self, data: ReadableBuffer, /) -> int:
        """Write some of ``data``, and return how much; after a failure, drop it."""
        if self._failed:
            return memoryview(data).nbytes
        try:
            return super().write(data)
        except BrokenPipeError:
            self._failed = True
            raise
        except OSError as error:
            self._failed = True
            from crossbuild.errors import CrossbuildError

            raise CrossbuildError(
                f"Cannot write to standard output: {error.strerror}.", fix="Redirect it to another file."
            ) from None


class _Messages(io.FileIO):
    """Standard error. A command does not fail because what it says cannot be shown."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write some of ``data``, and return how much; drop it if that fails."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes
