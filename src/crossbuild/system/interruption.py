"""Ends everything that runs, in all threads, since signals interrupt only one of them."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Ending(Protocol):
    """Something that another thread or a signal handler can ask to end."""

    def ask_to_end(self) -> None:
        """Return at once."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """Everything that runs in any thread, above all programs, so that all of it can be ended."""

    _programs: set[Ending] = field(default_factory=set)
    _ended: threading.Event = field(default_factory=threading.Event)
    _finishing: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def holding(self, program: Ending) -> Iterator[None]:
        """Register ``program`` for the block. Raises KeyboardInterrupt if :meth:`end` has ended it."""
        # Registered before the check: an end() in between then finds it.
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

    def pause(self, seconds: float) -> None:
        """Sleep, but raise KeyboardInterrupt after :meth:`end`."""
        self._ended.wait(seconds)
        self.check()

    def end(self) -> None:
        """Ask all of them to end, and let no other one start."""
        self._ended.set()
        # A copy: other threads add and remove theirs meanwhile.
        for program in tuple(self._programs):
            program.ask_to_end()

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """Do not interrupt the main thread meanwhile. Raises KeyboardInterrupt after :meth:`end`."""
        if threading.current_thread() is not threading.main_thread() or self.is_finishing:
            yield
            return
        self._finishing.set()
        try:
            yield
        finally:
            self._finishing.clear()
        self.check()

    @property
    def is_finishing(self) -> bool:
        """Whether the main thread may not be interrupted now."""
        return self._finishing.is_set()

    def begin(self) -> None:
        """Let programs be started again."""
        self._ended.clear()


ALL = Running()
"""Everything in this process."""
