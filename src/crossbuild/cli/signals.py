"""Signals that end a command: what it has begun is removed first, unless a second one comes."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from crossbuild.programs import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SIGNALLED = 128
"""What shells add to the number of the signal that ended a process."""


class EndedError(KeyboardInterrupt):
    """SIGTERM or SIGHUP came."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = signal.Signals(number)


@contextmanager
def ending_well() -> Iterator[None]:
    """Let the first signal end all programs and be raised, and the second end this process at once.

    Signals that are ignored stay so.
    """
    came: list[int] = []

    def end(number: int, _: FrameType | None) -> NoReturn:
        if came:
            os._exit(SIGNALLED + number)
        came.append(number)
        ALL.end()
        raise KeyboardInterrupt if number == signal.SIGINT else EndedError(number)

    usual = (signal.SIG_DFL, signal.default_int_handler)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: handler for number, handler in before.items() if handler in usual}
    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        ALL.begin()
