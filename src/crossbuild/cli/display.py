"""What a build looks like on a terminal, in a pipe, and in the log of a CI service."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from crossbuild.cli.printable import coloured, printable
from crossbuild.cli.progress import KEPT, Rows, part_of
from crossbuild.redaction import redacted_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import ConsoleOptions, RenderResult
    from rich.table import Table

    from crossbuild.errors import CrossbuildError
    from crossbuild.frontend import BuiltWheel
    from crossbuild.reporting import Reporter

_HEARTBEAT = 60.0
"""Seconds of silence after which a log gets a line: some CI services end what says nothing for ten minutes."""

_MINUTE = 60
_KILO = 1000
_MEGA = 1000 * _KILO


@dataclass(kw_only=True)
class _Step:
    title: str
    depth: int
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


@dataclass(kw_only=True)
class Display:
    """A reporter that writes to ``console``, as much as ``verbosity`` (-1 to 2) asks for.

    As a context manager it ends what is alive on the terminal, however the build ends.
    """

    console: Console
    verbosity: int = 0
    live: bool = False
    """Whether to keep a line about what runs now."""
    _steps: list[_Step] = field(default_factory=list)
    _last: str = ""
    _alive: Live | _Heartbeat | None = None
    _rows: Rows = field(default_factory=Rows)

    @classmethod
    def for_stderr(cls, *, verbosity: int) -> Display:
        """Return the display for this process' standard error."""
        console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        # FORCE_COLOR makes rich take a log for a terminal, so ask the file itself.
        live = sys.stderr.isatty() and not console.is_dumb_terminal and verbosity == 0
        return cls(console=console, verbosity=verbosity, live=live)

    def __enter__(self) -> Self:
        if self.live:
            self._alive = Live(
                _Now(self), console=self.console, transient=True, refresh_per_second=8, redirect_stdout=False
            )
        elif self.verbosity == 0:
            self._alive = _Heartbeat(self)
        if self._alive:
            self._alive.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._alive:
            self._alive.stop()
            self._alive = None

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show ``title`` while it runs, and how long it took."""
        step = _Step(title=printable(redacted_text(title)), depth=len(self._steps))
        self._steps.append(step)
        if self.verbosity > 0:
            self._say(self._line(step, "…", "bold"))
        try:
            yield
        except BaseException:
            self._end(step, "✗", "red")
            raise
        self._end(step, "✓", "green")

    def expect(self, labels: Sequence[str]) -> None:
        """Show packages that wait, if there are several."""
        self._rows.expect(labels)

    @contextmanager
    def within(self, label: str, /) -> Iterator[Reporter]:
        """Give the reporter for one of the packages."""
        if len(self._rows.rows) == 1:
            yield self
        else:
            with part_of(self, self._rows.rows[label]) as part:
                yield part

    def kept(self, label: str, /) -> None:
        """Show that there was nothing to do for one of the packages."""
        self._rows.rows[label].state = KEPT

    def ended(self, title: str, seconds: float, *, well: bool) -> None:
        """Show that something is over that was not a step of this display."""
        sign, style = ("✓", "green") if well else ("✗", "red")
        step = _Step(title=printable(title), depth=0, started=time.monotonic() - seconds)
        self._say(self._line(step, sign, style).append(f"  {duration(seconds)}", "dim"))

    def note(self, text: str) -> None:
        """Show a fact."""
        self._say(_text((f"{'  ' * (len(self._steps) + 1)}{text}", "dim")))

    def warning(self, text: str) -> None:
        """Show a warning."""
        self._say(_text(("warning: ", "bold yellow"), text))

    def command(self, text: str) -> None:
        """Show a command line, if asked to."""
        self._last = printable(redacted_text(text))
        if self.verbosity > 0:
            self._say(_text((f"+ {text}", "cyan")))

    def output(self, line: str) -> None:
        """Show a line of output, if asked to, else only while nothing newer comes."""
        text = Text.from_ansi(coloured(redacted_text(line).expandtabs().replace("\r", " ")))
        self._last = text.plain.strip() or self._last
        if self.verbosity > 0:
            self._say(Text.assemble(("> ", "dim"), text))

    def wheel(self, wheel: BuiltWheel) -> None:
        """Show what was delivered."""
        facts = (_size(wheel.size), ", ".join(wheel.tags), f"sha256:{wheel.sha256}", duration(wheel.seconds))
        waived = (f"  --no-check: {len(wheel.waived)} waived", "bold yellow") if wheel.waived else ""
        self._say(_text((wheel.path.name, "bold green"), "  ", "  ".join(facts), waived))

    def error(self, error: CrossbuildError) -> None:
        """Show what went wrong, why, and what to do, also when all else is quiet."""
        self._print(_text(("error: ", "bold red"), (error.what, "bold")))
        self.block(error.why)
        for label, place in (("log", error.log), ("kept", error.kept)):
            if place:
                self._print(_text((f"{label}: ", "bold"), str(place)))
        if error.fix:
            self._print(_text(("hint: ", "bold cyan"), error.fix))

    def block(self, text: str) -> None:
        """Show indented lines, also when all else is quiet."""
        for line in text.splitlines():
            self._print(Text.assemble("  ", Text.from_ansi(coloured(line.expandtabs()))))

    @property
    def now(self) -> tuple[_Step, str] | None:
        """The innermost step that runs, and the last line heard of it."""
        return (self._steps[-1], self._last) if self._steps else None

    @property
    def running(self) -> list[str]:
        """What runs now, and how long it has: the innermost step, or those of several packages."""
        rows = [f"{row.label}: {row.state}, {duration(row.seconds or 0)} so far" for row in self._rows.running]
        step = self._steps[-1] if self._steps else None
        return rows or ([f"{step.title}: {duration(step.seconds)} so far"] if step else [])

    def table(self, height: int) -> Table | None:
        """Return the table of packages in at most ``height`` lines, if several are being fetched or built."""
        return self._rows.table(height) if self._rows.runs else None

    @property
    def ascii(self) -> bool:
        """Whether the terminal's encoding has no signs for what we say."""
        try:
            "✓✗…⠋".encode(self.console.encoding)
        except (UnicodeEncodeError, LookupError):
            return True
        return False

    def _end(self, step: _Step, sign: str, style: str) -> None:
        self._steps.remove(step)
        self._last = ""
        line = self._line(step, sign, style)
        self._say(line.append(f"  {duration(step.seconds)}", "dim"))

    def _line(self, step: _Step, sign: str, style: str) -> Text:
        plain = {"✓": "ok", "✗": "failed:", "…": "-"}[sign]
        return Text.assemble("  " * step.depth, (plain if self.ascii else sign, style), " ", step.title)

    def _say(self, text: Text) -> None:
        if self.verbosity >= 0:
            self._print(text)

    def _print(self, text: Text) -> None:
        if (shown := redacted_text(text.plain)) != text.plain:
            text = Text(shown, text.style)
        if self.ascii:
            text = Text(text.plain.replace("…", "...").encode("ascii", "replace").decode(), text.style)
        self.console.print(text, soft_wrap=True)


@dataclass(kw_only=False)
class _Now:
    """The line about what runs now."""

    display: Display

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        now, table = self.display.now, self.display.table(console.height)
        if table:
            yield table
        if table or not now:
            return
        step, last = now
        frames = "-\\|/" if self.display.ascii else "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
        frame = frames[int(step.seconds * 8) % len(frames)]
        line = Text.assemble((frame, "cyan"), " ", step.title, (f"  {duration(step.seconds)}", "dim"))
        line.append(f"  {last}", "dim")
        line.truncate(options.max_width, overflow="crop" if self.display.ascii else "ellipsis")
        yield line


class _Heartbeat:
    """Says in a log, now and then, what still runs."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stopped.wait(_HEARTBEAT):
            for line in self._display.running:
                self._display.note(line)


def _text(*parts: str | tuple[str, str]) -> Text:
    """Return ``parts``, which may have a style each, as one text that does not steer the terminal."""
    return Text.assemble(*(printable(one) if isinstance(one, str) else (printable(one[0]), one[1]) for one in parts))


def duration(seconds: float) -> str:
    """Return ``3.2 s`` or ``2 min 05 s``."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest:02} s"


def _size(count: int) -> str:
    """Return a number of bytes for people: ``7.2 MB``, of 1000 kB."""
    return f"{count / _MEGA:.1f} MB" if count >= _MEGA else f"{count / _KILO:.1f} kB"
