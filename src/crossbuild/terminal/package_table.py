"""Several packages at once, as a table on a terminal: what runs, what waits, and a bar."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from crossbuild.terminal.live import duration, spinner
from crossbuild.terminal.printable import printable
from crossbuild.terminal.progress import Parts
from crossbuild.terminal.wrapping import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

FAILED = "failed"
_WAITING = "waiting"
_BAR_WIDTH = 20
"""Columns, so that what stands beside the bar is near it."""
_TIME_WIDTH = 6
"""Columns for how long a package has taken."""
_LABEL_SHARE = 0.4
"""How much of the width the names of packages take at most."""


@dataclass(kw_only=True)
class Row:
    """One package of the table."""

    label: str
    state: str = _WAITING
    """What is done now."""
    outcome: str = ""
    """How it was obtained, or that it failed; empty before that."""
    reason: str = ""
    """Why it failed."""
    started: float | None = None
    ended: float | None = None
    parts: Parts = field(default_factory=Parts)
    """How far what is done now is."""
    lines: list[Text] = field(default_factory=list)
    """What is to be shown of it in one piece, at its end."""

    @property
    def doing(self) -> str:
        """What is done now, and how far it is."""
        # Its name stands beside it, and small screens have no place for it twice. It is what titles end with: a project
        # may be called `wheel`.
        names = "|".join(re.escape(printable(name)) for name in (self.label, self.label.partition(" ")[0]))
        return re.sub(rf"( of| for)? ({names})(?=  |$)", "", self.parts.doing(printable(self.state)), count=1)

    @property
    def seconds(self) -> float | None:
        """How long it has taken, or took; None if it waits."""
        return None if self.started is None else (self.ended or time.monotonic()) - self.started

    @property
    def runs(self) -> bool:
        """Whether it is at work."""
        return self.started is not None and self.ended is None

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do for it."""
        return self.ended is not None

    def line(self, label_width: int, width: int, *, ascii_only: bool) -> Text:
        """Return what is to be said of it in one line of ``width`` columns, a name in ``label_width`` of them."""
        seconds = self.seconds
        label = cut(Text(printable(self.label)), label_width, ascii_only=ascii_only, pad=True)
        if seconds is None:
            line = Text.assemble("  ", label, (f"  {'':{_TIME_WIDTH}}  {self.state}", "dim"))
        else:
            sign = (spinner(seconds, ascii_only=ascii_only), "cyan")
            time_taken = (f"  {duration(seconds):>{_TIME_WIDTH}}", "dim")
            line = Text.assemble(sign, " ", label, time_taken, "  ", (self.doing, "cyan"))
        return cut(line, width, ascii_only=ascii_only)


@dataclass(kw_only=True)
class Rows:
    """All packages of one command, in the order they were announced."""

    rows: dict[str, Row] = field(default_factory=dict)
    staying: int = 0
    """How many others the host has already."""

    def expect(self, labels: Sequence[str]) -> None:
        """Take packages that wait. Those of an earlier call, if all are at their end, go."""
        # A reporter may serve several calls. What an earlier one has finished is of no more interest.
        if not self.runs:
            self.rows.clear()
        self.rows |= {label: Row(label=label) for label in labels}

    @property
    def several(self) -> bool:
        """Whether there is more than one, so that they have to be told apart."""
        return len(self.rows) > 1

    @property
    def runs(self) -> bool:
        """Whether there is anything to show: several packages, and not all at their end."""
        return self.several and not all(row.is_over for row in self.rows.values())

    @property
    def running(self) -> list[Row]:
        """Those that are at work, if there are several in all."""
        return [row for row in self.rows.values() if row.runs] if self.several else []

    @property
    def outcomes(self) -> Counter[str]:
        """How many packages came to each end."""
        return Counter(row.outcome for row in self.rows.values() if row.outcome)

    def table(self, width: int, height: int, *, ascii_only: bool = False) -> Group:
        """Return the table: what runs, then what waits, in half of ``height`` lines, and a bar."""
        ahead = sorted((row for row in self.rows.values() if not row.is_over), key=lambda row: row.started is None)
        shown = ahead[: max(height // 2 - 1, 1)]
        widest = max((cell_len(printable(row.label)) for row in shown), default=0)
        label_width = min(widest, int(width * _LABEL_SHARE))
        lines = [row.line(label_width, width, ascii_only=ascii_only) for row in shown]
        return Group(*lines, self._bar(hidden=len(ahead) - len(shown)))

    def _bar(self, *, hidden: int) -> Table:
        of, ended = len(self.rows), sum(row.is_over for row in self.rows.values())
        more = f"  {hidden} not shown" if hidden else ""
        line = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=of, completed=ended, width=_BAR_WIDTH)
        line.add_row(bar, Text(f"{ended} of {of}{more}", "bold", no_wrap=True))
        return line
