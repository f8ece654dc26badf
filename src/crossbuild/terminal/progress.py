"""How far a step is: how much of a file is downloaded and how fast, how much is compiled, and the time that is left."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crossbuild.redaction import redacted_text
from crossbuild.terminal.live import duration
from crossbuild.terminal.printable import printable
from crossbuild.terminal.quantities import size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crossbuild.reporting import Advance, Unit

_KILO = 1000
_MEGA = 1000 * _KILO
_BAR_WIDTH = 10
_FULL, _EMPTY, _ASCII_FULL, _ASCII_EMPTY = "━", "╌", "#", "-"
_LARGE = 10 * _MEGA
"""How many bytes a download has that a log has a line about."""
_LONG = 10.0
"""How many seconds a download takes that a log has a line about."""
_MINUTE = 60
_SOON = 1.0
"""Seconds before which a rate says nothing."""


@dataclass(eq=False, kw_only=True)
class Part:
    """A part of a step, with a measure."""

    title: str
    """What is done; empty if the step says it."""
    unit: Unit
    started: float
    expected: float | None = None
    """How many seconds it took before."""
    done: int = 0
    total: int | None = None

    def advance(self, done: int, total: int | None) -> None:
        """Take how much is done, and of how much."""
        self.done, self.total = done, total

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.started

    @property
    def is_worth_a_line(self) -> bool:
        """Whether it was a download that took long, or could have."""
        return self.unit == "bytes" and self.done > 0 and (self.done >= _LARGE or self.seconds >= _LONG)

    @property
    def text(self) -> str:
        """How far it is: ``45.2 of 101.3 MB  5.3 MB/s  11 s left``."""
        return "  ".join(filter(None, (self._amount, self._rate, self._left)))

    @property
    def summary(self) -> str:
        """What it was, once it is over: ``Download zig: 101.3 MB in 19 s, 5.3 MB/s``."""
        rate = f", {self._rate}" if self._rate else ""
        return f"{self.title}: {size_text(self.done)} in {duration(self.seconds)}{rate}"

    def facts(self, *, ascii_only: bool) -> tuple[str, ...]:
        """Return how far it is, with a bar, the most important first."""
        return tuple(filter(None, (self._amount, self._bar(ascii_only=ascii_only), self._rate, self._left)))

    def _bar(self, *, ascii_only: bool) -> str:
        if not self.total:
            return ""
        full, empty = (_ASCII_FULL, _ASCII_EMPTY) if ascii_only else (_FULL, _EMPTY)
        filled = min(_BAR_WIDTH * self.done // self.total, _BAR_WIDTH)
        return full * filled + empty * (_BAR_WIDTH - filled)

    @property
    def _amount(self) -> str:
        if not self.done and not self.total:
            return ""
        if self.unit == "steps":
            steps = "step" if self.done == 1 else "steps"
            return f"{self.done} of {self.total} steps" if self.total else f"{self.done} {steps} so far"
        if not self.total:
            return size_text(self.done)
        done, unit = size_text(self.done).split(), size_text(self.total).split()[1]
        return f"{done[0] if done[1] == unit else ' '.join(done)} of {size_text(self.total)}"

    @property
    def _rate(self) -> str:
        if self.unit != "bytes" or not self.done or self.seconds < _SOON:
            return ""
        return f"{size_text(round(self.done / self.seconds))}/s"

    @property
    def _left(self) -> str:
        seconds = self._seconds_left
        if seconds is None:
            return ""
        # What a build took before tells less than the rate of a download does.
        return f"{duration(seconds)} left" if self.unit == "bytes" else f"about {roughly(seconds)} left"

    @property
    def _seconds_left(self) -> float | None:
        if self.expected is not None:
            left = self.expected - self.seconds
            return left if left > 0 else None
        if self.unit != "bytes" or not self.total or not self.done or self.seconds < _SOON:
            return None
        return max(self.total - self.done, 0) * self.seconds / self.done


@dataclass(kw_only=True)
class Parts:
    """The parts of steps that run now, in one thread or several."""

    parts: list[Part] = field(default_factory=list)

    @contextmanager
    def part(
        self, title: str, *, unit: Unit, expected: float | None, ended: Callable[[str], None]
    ) -> Iterator[Advance]:
        """Give what takes the progress of a part; ``ended`` takes a line about it if it was a large download."""
        part = Part(title=printable(redacted_text(title)), unit=unit, expected=expected, started=time.monotonic())
        self.parts.append(part)
        try:
            yield part.advance
        finally:
            self.parts.remove(part)
        if part.is_worth_a_line:
            ended(part.summary)

    @property
    def now(self) -> Part | None:
        """The one that began last."""
        return next(reversed(self.parts), None)

    def doing(self, step: str) -> str:
        """Return what is done within ``step``, and how far it is: ``Download zig  45.2 of 101.3 MB``."""
        part = self.now
        return "  ".join(filter(None, (part.title or step, part.text))) if part else step


def roughly(seconds: float) -> str:
    """Return ``2 min``, ``40 s``: no more precise than a guess is."""
    if seconds < _MINUTE:
        return f"{max(round(seconds, -1), 10):.0f} s"
    return f"{round(seconds / 60)} min"
