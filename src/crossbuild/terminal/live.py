"""What moves while a build runs: the line or the table on a terminal, and a line now and then in a log."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table

_HEARTBEAT = 60.0
"""Seconds of silence after which a log gets a line: some CI services end what says nothing for ten minutes."""
_MINUTE = 60


class Step(Protocol):
    """A step that runs."""

    @property
    def title(self) -> str:
        """What is done."""

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""


class Running(Protocol):
    """What knows what runs now."""

    @property
    def now(self) -> tuple[Step, str] | None:
        """The innermost step, and the last line heard of it; None if nothing runs."""

    @property
    def running(self) -> list[str]:
        """All that runs, a line each."""

    @property
    def ascii(self) -> bool:
        """Whether only ASCII can be shown."""

    def table(self, height: int) -> Table | None:
        """Return the table of packages in at most ``height`` lines, if there are several."""

    def note(self, text: str) -> None:
        """Show a fact."""


@dataclass(frozen=True, kw_only=True)
class LiveLine:
    """The line about what runs now, or the table of packages; it is drawn again several times a second."""

    display: Running

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it as it is now."""
        now, table = self.display.now, self.display.table(console.height)
        if table:
            yield table
        if table or not now:
            return
        step, last = now
        # A sign that the console cannot encode would be an error in the midst of drawing.
        frames = "-\\|/" if self.display.ascii else "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
        frame = frames[int(step.seconds * 8) % len(frames)]
        line = Text.assemble((frame, "cyan"), " ", step.title, (f"  {duration(step.seconds)}", "dim"))
        line.append(f"  {last}", "dim")
        line.truncate(options.max_width, overflow="crop" if self.display.ascii else "ellipsis")
        yield line


class Heartbeat:
    """Says in a log, now and then, what still runs."""

    def __init__(self, display: Running) -> None:
        self._display = display
        self._stopped = threading.Event()
        # A daemon: a process that ends without calling stop() must not wait for it.
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Say nothing any more."""
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stopped.wait(_HEARTBEAT):
            for line in self._display.running:
                self._display.note(line)


def duration(seconds: float) -> str:
    """Return ``3.2 s`` or ``2 min 05 s``."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest:02} s"
