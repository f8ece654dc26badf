"""Signals that end a command. It cleans up first, unless a second signal comes."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crossbuild.system.interruption import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SIGNALLED = 128
"""What shells add to the number of the signal that ended a process."""
_AGAIN = 0.01
"""Seconds after which to try again to interrupt."""
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Receives the signals that end a command."""

    def __init__(self) -> None:
        self.first: signal.Signals | None = None
        self._interrupts = False

    def receive(self, number: int, _: FrameType | None) -> None:
        """End all programs and the block of :meth:`interrupting`. At the second signal, end this process at once."""
        if self.first:
            # Twice means now: an orderly end could hang where the first one does.
            os._exit(SIGNALLED + number)
        self.first = signal.Signals(number)
        # Signals interrupt the main thread only. Builds in others notice because their programs end.
        ALL.end()
        self.interrupt()

    def interrupt(self, *_: object) -> None:
        """Raise KeyboardInterrupt if that is allowed now."""
        if self._interrupts and not ALL.is_finishing:
            raise KeyboardInterrupt

    def keep_interrupting(self, lost: sys.UnraisableHookArgs) -> None:
        """Try again soon if KeyboardInterrupt was raised where exceptions are ignored, as in an import callback."""
        if self.first and lost.exc_type is KeyboardInterrupt:
            # Python drops exceptions in callbacks and destructors. Without another try, Ctrl-C would be lost there.
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)
        else:
            sys.__unraisablehook__(lost)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Let the first signal raise KeyboardInterrupt in the block; outside of it, only record the signal."""
        self._interrupts = True
        try:
            # It came before the block began, when it could only be recorded.
            if self.first:
                raise KeyboardInterrupt
            yield
        finally:
            self._interrupts = False


@contextmanager
def ending_well() -> Iterator[Signals]:
    """Receive the signals that end a command. Ignored signals stay ignored."""
    signals = Signals()
    before = {number: signal.getsignal(number) for number in _ENDING}
    # nohup, and shells for jobs in the background, ignore signals on purpose. None is a handler that is not Python's.
    before = {number: handler for number, handler in before.items() if handler not in {signal.SIG_IGN, None}}
    for number in before:
        signal.signal(number, signals.receive)
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, signals.interrupt)
    hook, sys.unraisablehook = sys.unraisablehook, signals.keep_interrupting
    try:
        yield signals
    finally:
        sys.unraisablehook = hook
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
        ALL.begin()
