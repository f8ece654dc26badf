"""What moves while a build runs: the line or the table on a terminal, and a line now and then in a log."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rich.cells import cell_len
from rich.text import Text

from crossbuild.terminal.wrapping import cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

_MINUTE = 60
_TENTHS = 10
"""Seconds up to which tenths are shown."""
_FRAMES, _ASCII_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "-\\|/"
_FRAMES_PER_SECOND = 8
_LEAST = 12
"""Columns in which the beginning of a line still says something."""


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
    def now(self) -> tuple[Step, tuple[str, ...], str]:
        """The innermost step, facts about it, the most important first, and the last line heard of it."""

    @property
    def ascii(self) -> bool:
        """Whether only ASCII can be shown."""

    def table(self, width: int, height: int) -> RenderableType | None:
        """Return the table of packages in at most ``height`` lines of ``width`` columns, if there are several."""


@dataclass(frozen=True, kw_only=True)
class LiveLine:
    """The line about what runs now, or the table of packages; it is drawn again several times a second."""

    display: Running

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it as it is now."""
        yield self.display.table(options.max_width, console.height) or self._line(options.max_width)

    def _line(self, width: int) -> Text:
        step, facts, heard = self.display.now
        time, ascii_only = duration(step.seconds), self.display.ascii
        title = cut(Text(step.title), max(width - len(time) - 4, 1), ascii_only=ascii_only)
        frame = (spinner(step.seconds, ascii_only=ascii_only), "cyan")
        line = Text.assemble(frame, " ", title, (f"  {time}", "dim"))
        for fact in facts:
            # A bar of which a part is cut off would say something else.
            if line.cell_len + cell_len(fact) + 2 <= width:
                line.append(f"  {fact}", "dim")
        if heard and width - line.cell_len >= _LEAST:
            line.append(f"  {heard}", "dim")
        return cut(line, width, ascii_only=ascii_only)


class Ticker:
    """Calls a function every few seconds, in a thread of its own."""

    def __init__(self, seconds: float, tick: Callable[[], None]) -> None:
        self._seconds = seconds
        self._tick = tick
        self._stopped = threading.Event()
        # A daemon: a process that ends without calling stop() must not wait for it.
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the call that runs."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            self._tick()


def spinner(seconds: float, *, ascii_only: bool) -> str:
    """Return the sign of something that has run for so long."""
    # A sign that the console cannot encode would be an error in the midst of drawing.
    frames = _ASCII_FRAMES if ascii_only else _FRAMES
    return frames[int(seconds * _FRAMES_PER_SECOND) % len(frames)]


def duration(seconds: float) -> str:
    """Return ``3.2 s``, ``48 s`` or ``2 min 05 s``."""
    if round(seconds, 1) < _TENTHS:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
