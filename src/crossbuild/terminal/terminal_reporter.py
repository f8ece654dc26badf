"""A reporter for people: lines on the stream that it is given, and on a terminal what runs now, with a bar."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from crossbuild.redaction import redacted_text
from crossbuild.terminal.live import Heartbeat, LiveLine, duration
from crossbuild.terminal.package_table import KEPT, Rows, part_of
from crossbuild.terminal.printable import coloured, printable
from crossbuild.terminal.progress import Parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import IO

    from rich.table import Table

    from crossbuild.reporting import Advance, Reporter, Unit
    from crossbuild.terminal.live import Step


@dataclass(kw_only=True)
class _Step:
    title: str
    depth: int
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


@dataclass(kw_only=True)
class TerminalReporter:
    """A reporter that writes to ``console``, a rich one; :meth:`from_stream` makes one for a stream.

    Use it in a ``with`` statement. On a terminal it then keeps a line about what runs, or for several packages a table
    with a bar, which goes when the block ends. Elsewhere it writes a line a minute about what still runs.
    """

    console: Console
    verbosity: int = 0
    """-1: say nothing; 0: steps, notes and warnings; 1 or more: also each command and its output."""
    live: bool = False
    """Whether to keep a line or a table about what runs now: for terminals."""
    _steps: list[_Step] = field(default_factory=list)
    _last: str = ""
    _parts: Parts = field(default_factory=Parts)
    _alive: Live | Heartbeat | None = None
    _rows: Rows = field(default_factory=Rows)

    @classmethod
    def from_stream(
        cls, stream: IO[str], *, verbosity: int = 0, live: bool | None = None, environ: Mapping[str, str] | None = None
    ) -> Self:
        """Return a reporter that writes to ``stream``.

        ``live``: by default what ``stream`` is, a terminal or not. ``environ``: where to look for ``TERM``,
        ``NO_COLOR``, ``FORCE_COLOR``, ``COLUMNS`` and ``LINES``; none of them is set by default.
        """
        console = Console(file=stream, highlight=False, markup=False, emoji=False, _environ=environ or {})
        if live is None:
            # FORCE_COLOR makes rich take a log for a terminal, so ask the file itself.
            live = stream.isatty() and not console.is_dumb_terminal and verbosity == 0
        return cls(console=console, verbosity=verbosity, live=live)

    def __enter__(self) -> Self:
        if self.live:
            self._alive = Live(
                LiveLine(display=self),
                console=self.console,
                transient=True,
                refresh_per_second=8,
                redirect_stdout=False,
                # Warnings of Python and of libraries go to sys.stderr. Shown by rich, they do not tear up the table.
                # Standard output belongs to the caller.
                redirect_stderr=self.console.file is sys.stderr,
            )
        # With -v there is output anyway, and with -q nothing is to be said.
        elif self.verbosity == 0:
            self._alive = Heartbeat(self)
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

    def progress(self, title: str, /, *, unit: Unit, expected: float | None = None) -> AbstractContextManager[Advance]:
        """Show how far a part of a step is; a log gets a line about a large download when it ends."""
        return self._parts.part(title, unit=unit, expected=expected, ended=self.note if not self.live else _ignore)

    def expect(self, labels: Sequence[str]) -> None:
        """Show packages that wait, if there are several."""
        self._rows.expect(labels)

    @contextmanager
    def within(self, label: str, /) -> Iterator[Reporter]:
        """Give the reporter for one of the packages."""
        # A single package needs no name in front of each of its lines.
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
        self._say(styled((f"{'  ' * (len(self._steps) + 1)}{text}", "dim")))

    def warning(self, text: str) -> None:
        """Show a warning."""
        self._say(styled(("warning: ", "bold yellow"), text))

    def command(self, text: str) -> None:
        """Show a command line, if asked to."""
        self._last = printable(redacted_text(text))
        if self.verbosity > 0:
            self._say(styled((f"+ {text}", "cyan")))

    def output(self, line: str) -> None:
        """Show a line of output, if asked to, else only while nothing newer comes."""
        # A carriage return would take the cursor back to the beginning of our own line.
        text = Text.from_ansi(coloured(redacted_text(line).expandtabs().replace("\r", " ")))
        self._last = text.plain.strip() or self._last
        if self.verbosity > 0:
            self._say(Text.assemble(("> ", "dim"), text))

    @property
    def now(self) -> tuple[Step, str] | None:
        """The innermost step that runs, how far it is, and the last line heard of it."""
        part = self._parts.now
        if part and (part.title or self._steps):
            bar = part.bar(ascii_only=self.ascii)
            heard = "" if part.title else self._last
            return part if part.title else self._steps[-1], "  ".join(filter(None, (part.text, bar, heard)))
        return (self._steps[-1], self._last) if self._steps else None

    @property
    def running(self) -> list[str]:
        """What runs now, and how long it has: the innermost step, or those of several packages."""
        rows = [f"{row.label}: {row.doing}, {duration(row.seconds or 0)} so far" for row in self._rows.running]
        step = self._steps[-1] if self._steps else None
        return rows or ([f"{self._parts.doing(step.title)}: {duration(step.seconds)} so far"] if step else [])

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
        # Words for where the signs cannot be encoded: a question mark would say neither.
        plain = {"✓": "ok", "✗": "failed:", "…": "-"}[sign]
        return Text.assemble("  " * step.depth, (plain if self.ascii else sign, style), " ", step.title)

    def _say(self, text: Text) -> None:
        if self.verbosity >= 0:
            self._print(text)

    def _print(self, text: Text) -> None:
        # The last place before the terminal, whoever made the text. Only then are its colours worth losing.
        if (shown := redacted_text(text.plain)) != text.plain:
            text = Text(shown, text.style)
        if self.ascii:
            text = Text(text.plain.replace("…", "...").encode("ascii", "replace").decode(), text.style)
        # The terminal wraps, not rich: paths and commands can be copied as they are.
        self.console.print(text, soft_wrap=True)


def _ignore(_line: str) -> None:
    pass


def styled(*parts: str | tuple[str, str]) -> Text:
    """Return ``parts``, which may have a style each, as one text that does not steer the terminal."""
    return Text.assemble(*(printable(one) if isinstance(one, str) else (printable(one[0]), one[1]) for one in parts))
