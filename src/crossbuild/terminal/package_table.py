"""Several packages at once: a table on a terminal, lines that begin with the package's name in a log."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from crossbuild.terminal.printable import printable
from crossbuild.terminal.progress import Parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from crossbuild.reporting import Advance, Unit

KEPT = "from cache"
_STYLES = {"waiting": "dim", "done": "green", KEPT: "green", "failed": "bold red"}
_ENDED = ("done", KEPT, "failed")
_BAR_WIDTH = 20
"""Columns; a bar as wide as the terminal would push the states of the packages apart."""


@dataclass(kw_only=True)
class Row:
    """One package of the table."""

    label: str
    state: str = "waiting"
    """What is done now, or how it ended."""
    started: float | None = None
    ended: float | None = None
    parts: Parts = field(default_factory=Parts)
    """How far what is done now is."""

    @property
    def doing(self) -> str:
        """What is done now, and how far it is; or how it ended."""
        return self.parts.doing(printable(self.state))

    @property
    def seconds(self) -> float | None:
        """How long it has taken, or took; None if it waits."""
        return None if self.started is None else (self.ended or time.monotonic()) - self.started


@dataclass(kw_only=True)
class Rows:
    """All packages of one command, in the order they were announced."""

    rows: dict[str, Row] = field(default_factory=dict)

    def expect(self, labels: Sequence[str]) -> None:
        """Take packages that wait. Those of an earlier call, if all are at their end, go."""
        # A reporter may serve several calls. What an earlier one has finished is of no more interest.
        if not self.runs:
            self.rows.clear()
        self.rows |= {label: Row(label=label) for label in labels}

    @property
    def runs(self) -> bool:
        """Whether there is anything to show: several packages, and not all at their end."""
        return len(self.rows) > 1 and any(row.state not in _ENDED for row in self.rows.values())

    @property
    def running(self) -> list[Row]:
        """Those that are at work, if there are several in all."""
        rows = self.rows.values() if len(self.rows) > 1 else ()
        return [row for row in rows if row.started is not None and row.ended is None]

    def table(self, height: int) -> Table:
        """Return the table in ``height`` lines: what runs, what waits, what has ended if there is space, and a bar."""
        # A small screen cuts the end off: what has ended before what waits, and that before what runs.
        ordered = sorted(self.rows.values(), key=lambda row: (row.state in _ENDED, row.started is None))
        table = Table.grid(padding=(0, 2))
        for row in ordered[: max(height - 2, 1)]:
            seconds = row.seconds
            table.add_row(
                Text(printable(row.label)),
                Text(row.doing, _STYLES.get(row.state, "cyan")),
                Text(f"{seconds:.0f} s" if seconds is not None else "", "dim"),
            )
        ended = sum(row.state in _ENDED for row in ordered)
        bar = ProgressBar(total=len(ordered), completed=ended, width=_BAR_WIDTH)
        table.add_row(bar, Text(f"{ended} of {len(ordered)}", "bold"))
        return table


class Screen(Protocol):
    """Where what the packages report is shown."""

    @property
    def live(self) -> bool:
        """Whether there is a table, so that steps need no lines."""

    @property
    def verbosity(self) -> int:
        """Above 0, output is shown."""

    def ended(self, title: str, seconds: float, *, well: bool) -> None:
        """Show that something is over."""

    def note(self, text: str) -> None:
        """Show a fact."""

    def warning(self, text: str) -> None:
        """Show a warning."""

    def command(self, text: str) -> None:
        """Show a command line, if asked to."""

    def output(self, line: str) -> None:
        """Show a line of output, if asked to."""


@dataclass(kw_only=True)
class Part:
    """The reporter for one package among several."""

    display: Screen
    row: Row
    _steps: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show ``title`` in the table while it runs, and in a log when it ends."""
        started = time.monotonic()
        self._steps.append(title)
        self._show()
        try:
            yield
        except BaseException:
            self.display.ended(f"{self.row.label}: {title}", time.monotonic() - started, well=False)
            raise
        finally:
            self._steps.remove(title)
            self._show()
        if not self.display.live:
            self.display.ended(f"{self.row.label}: {title}", time.monotonic() - started, well=True)

    def note(self, text: str) -> None:
        """Show a fact."""
        self.display.note(f"{self.row.label}: {text}")

    def warning(self, text: str) -> None:
        """Show a warning."""
        self.display.warning(f"{self.row.label}: {text}")

    def command(self, text: str) -> None:
        """Show a command line, if asked to."""
        self.display.command(text)

    def output(self, line: str) -> None:
        """Show a line of output, if asked to."""
        if self.display.verbosity > 0:
            self.display.output(f"{self.row.label}: {line}")

    def progress(self, title: str, /, *, unit: Unit, expected: float | None = None) -> AbstractContextManager[Advance]:
        """Show how far a part of a step is; a log gets a line about a large download when it ends."""
        return self.row.parts.part(title, unit=unit, expected=expected, ended=self._downloaded)

    def _downloaded(self, line: str) -> None:
        if not self.display.live:
            self.note(line)

    def _show(self) -> None:
        if self._steps:
            self.row.state = self._steps[-1]


@contextmanager
def part_of(display: Screen, row: Row) -> Iterator[Part]:
    """Give the reporter for ``row``, and write down how it ends."""
    row.started, row.state = time.monotonic(), "fetching"
    part = Part(display=display, row=row)
    try:
        yield part
    except BaseException:
        row.state = "failed"
        raise
    else:
        # That it came from the cache says more than that it is done.
        row.state = row.state if row.state == KEPT else "done"
    finally:
        row.ended = time.monotonic()
