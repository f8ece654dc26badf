"""What one package among several reports: it goes into the table, or into lines that begin with its name."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from crossbuild.reporting import Advance, Unit
    from crossbuild.terminal.package_table import Row


class Screen(Protocol):
    """Where what the packages report is shown."""

    @property
    def live(self) -> bool:
        """Whether there is a table, so that it needs no lines about what went well."""

    def step_of(self, row: Row, title: str, seconds: float) -> None:
        """Show that a step of a package ended well."""

    def note_of(self, row: Row, text: str) -> None:
        """Show a fact about a package."""

    def warning(self, text: str) -> None:
        """Show a warning."""

    def command_of(self, row: Row, text: str) -> None:
        """Show a package's command line, if asked to."""

    def output_of(self, row: Row, line: str) -> None:
        """Show a line of output of a package's command, if asked to."""

    def close(self, row: Row) -> None:
        """Show what is left to show of a package that is at its end."""


@dataclass(kw_only=True)
class PackageReporter:
    """The reporter for one package among several."""

    screen: Screen
    row: Row
    _steps: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show ``title`` in the table while it runs, and in a log when it ends."""
        started = time.monotonic()
        self._steps.append(title)
        self.row.state = title
        try:
            yield
        finally:
            self._steps.remove(title)
            self.row.state = self._steps[-1] if self._steps else self.row.state
        self.screen.step_of(self.row, title, time.monotonic() - started)

    def note(self, text: str) -> None:
        """Show a fact."""
        self.screen.note_of(self.row, text)

    def warning(self, text: str) -> None:
        """Show a warning."""
        self.screen.warning(f"{self.row.label}: {text}")

    def command(self, text: str) -> None:
        """Show a command line, if asked to."""
        self.screen.command_of(self.row, text)

    def progress(self, title: str, /, *, unit: Unit, expected: float | None = None) -> AbstractContextManager[Advance]:
        """Show how far a part of a step is; a log gets a line about a large download when it ends."""
        return self.row.parts.part(title, unit=unit, expected=expected, ended=self._downloaded)

    def output(self, line: str) -> None:
        """Show a line of output, if asked to."""
        self.screen.output_of(self.row, line)

    def _downloaded(self, line: str) -> None:
        if not self.screen.live:
            self.note(line)


@contextmanager
def reporter_of(row: Row, screen: Screen) -> Iterator[PackageReporter]:
    """Give the reporter for the package of ``row``, and write down how long it takes."""
    row.started, row.state = time.monotonic(), "starting"
    try:
        yield PackageReporter(screen=screen, row=row)
    finally:
        row.ended = time.monotonic()
        screen.close(row)
