"""Signals that end a command: what it has begun is removed first, unless a second one comes."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crossbuild.interruption import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SIGNALLED = 128
"""What shells add to the number of the signal that ended a process."""
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """The signals that came, of those that end a command."""

    def __init__(self) -> None:
        self.first: signal.Signals | None = None
        self._interrupts = False

    def receive(self, number: int, _: FrameType | None) -> None:
        """End all programs and the block of :meth:`interrupting`, or at the second signal this process at once."""
        if self.first:
            os._exit(SIGNALLED + number)
        self.first = signal.Signals(number)
        ALL.end()
        if self._interrupts and not ALL.is_finishing:
            raise KeyboardInterrupt

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Let the first signal raise KeyboardInterrupt inside of the block; outside of it, it is only noted."""
        self._interrupts = True
        try:
            if self.first:
                raise KeyboardInterrupt
            yield
        finally:
            self._interrupts = False


@contextmanager
def ending_well() -> Iterator[Signals]:
    """Receive the signals that end a command. Those that are ignored stay so."""
    signals = Signals()
    before = {number: signal.getsignal(number) for number in _ENDING}
    before = {number: handler for number, handler in before.items() if handler not in {signal.SIG_IGN, None}}
    for number in before:
        signal.signal(number, signals.receive)
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        ALL.begin()
