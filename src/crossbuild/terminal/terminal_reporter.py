"""A reporter for people: lines on the stream that it is given, and on a terminal what runs now, with a bar."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from crossbuild.redaction import redacted_text
from crossbuild.terminal.groups import Folding
from crossbuild.terminal.live import LiveLine, Ticker, duration
from crossbuild.terminal.other_output import in_lines
from crossbuild.terminal.package_reporter import reporter_of
from crossbuild.terminal.package_table import FAILED, Rows
from crossbuild.terminal.printable import coloured, printable
from crossbuild.terminal.progress import Parts
from crossbuild.terminal.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import IO

    from rich.console import RenderableType

    from crossbuild.reporting import Advance, Reporter, Unit
    from crossbuild.terminal.live import Step
    from crossbuild.terminal.package_table import Row

_REFRESH = 1 / 8
"""Seconds between two drawings of the line or the table."""
_REST = 0.1
"""Seconds for which the terminal is left to others once they have written: their lines may come through a pipe."""
_HEARTBEAT = 60.0
"""Seconds after which a log gets a line: some CI services end what says nothing for ten minutes."""
_DUMB_HEARTBEAT = 10.0
"""The same for a terminal that can only get lines: somebody looks at it."""
_DUMB = ("dumb", "unknown")

Color = Literal["auto", "always", "never"]


@dataclass(kw_only=True)
class _Step:
    title: str
    depth: int = 0
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
    lists_packages: bool = True
    """Whether each of several packages gets a line when it is there."""
    _folding: Folding | None = None
    """How parts of the log are folded, where a CI service can do that."""
    _steps: list[_Step] = field(default_factory=list)
    _begun: _Step = field(default_factory=lambda: _Step(title="Working"))
    _last: str = ""
    _parts: Parts = field(default_factory=Parts)
    _rows: Rows = field(default_factory=Rows)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    """Held by whoever writes: what is drawn again and again must know where it is."""
    _drawn: Live | None = None
    _asides: int = 0
    _hidden_until: float = 0.0
    _ends: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def from_stream(
        cls,
        stream: IO[str],
        *,
        verbosity: int = 0,
        live: bool | None = None,
        color: Color = "auto",
        environ: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a reporter that writes to ``stream``.

        ``live``: by default whether ``stream`` is a terminal, and no CI job's. ``color``: by default what the stream
        and ``environ`` say. ``environ``: where to look for ``TERM``, ``NO_COLOR``, ``FORCE_COLOR``, ``COLUMNS`` and
        ``LINES``, and for ``CI``, ``GITHUB_ACTIONS`` and ``GITLAB_CI``; none of them is set by default.
        """
        environ = environ or {}
        console = _console(stream, color, environ)
        if live is None:
            # FORCE_COLOR makes rich take a log for a terminal, so ask the file itself.
            live = stream.isatty() and environ.get("TERM") not in _DUMB and not _in_ci(environ)
        reporter = cls(console=console, verbosity=verbosity, live=live and verbosity >= 0)
        reporter._folding = Folding.from_environ(environ, write=reporter._write_mark, clock=time.time)
        return reporter

    def __enter__(self) -> Self:
        if self.verbosity >= 0:
            is_dumb = self.is_terminal and self.console.is_dumb_terminal
            beat = Ticker(_DUMB_HEARTBEAT if is_dumb else _HEARTBEAT, self._beat)
            ticker = Ticker(_REFRESH, self._draw) if self.live else beat
            if self.live and self.console.file in (sys.stdout, sys.stderr):
                self._ends.enter_context(in_lines(self.aside))
            self._ends.callback(self._hide)
            self._ends.callback(ticker.stop)
            ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Show nothing that moves in the block, in which somebody else writes to the terminal."""
        with self._lock:
            self._asides += 1
            self._hide()
        try:
            yield
        finally:
            with self._lock:
                self._asides -= 1
                self._hidden_until = time.monotonic() + _REST

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show ``title`` while it runs, and how long it took."""
        step = _Step(title=printable(redacted_text(title)), depth=len(self._steps))
        self._steps.append(step)
        self._last = ""
        if self._folding and step.depth == 0:
            self._folding.begin(step.title)
        if self.verbosity > 0:
            self._say(self._line(step, "…", "bold"), within=True)
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
        with reporter_of(self._rows.rows[label], self) as reporter:
            yield reporter if self._rows.several else self

    def kept(self, label: str, /) -> None:
        """Take that there was nothing to do for one of the packages."""
        self._rows.rows[label].outcome = "from cache"

    def stays(self, labels: Sequence[str], /) -> None:
        """Take packages that there is nothing to do for."""
        self._rows.staying = len(labels)

    def obtained(self, label: str, how: str, /) -> None:
        """Show that one of several packages is there."""
        row = self._rows.rows[label]
        row.outcome = how
        if self._rows.several and self.lists_packages:
            self._say(styled(self._sign("✓", "green"), f" {label}", (f"  {how}  {duration(row.seconds or 0)}", "dim")))

    def failed(self, label: str, what: str, /) -> None:
        """Show why one of several packages failed."""
        row = self._rows.rows[label]
        row.outcome, row.reason = FAILED, what
        if self._rows.several:
            time_taken = (f"  {duration(row.seconds or 0)}  ", "dim")
            self._say(styled(self._sign("✗", "red"), f" {label}", time_taken, what))

    def note(self, text: str) -> None:
        """Show a fact."""
        self._say(styled((f"{'  ' * (len(self._steps) + 1)}{text}", "dim")), within=True)

    def warning(self, text: str) -> None:
        """Show a warning."""
        self._say(styled(("warning: ", "bold yellow"), text))

    def command(self, text: str) -> None:
        """Show a command line, if asked to."""
        if self.verbosity > 0:
            self._say(_command(text), within=True, whole=True)

    def output(self, line: str) -> None:
        """Show a line of output, if asked to, else only while nothing newer comes."""
        text = _output(line)
        self._last = text.plain.strip() or self._last
        if self.verbosity > 0:
            self._say(Text.assemble(("> ", "dim"), text), within=True, whole=True)

    def line(self, text: str, /) -> None:
        """Show a line of output of a program that the user asked for."""
        self._say(Text.assemble(("> ", "dim"), _output(text)), within=True, whole=True)

    # What the packages of a set report:

    def step_of(self, row: Row, title: str, seconds: float) -> None:
        """Show that a step of a package ended well, unless the table says enough."""
        if not self.live or self.verbosity > 0:
            self._say_of(row, styled(self._sign("✓", "green"), " "), styled(title, (f"  {duration(seconds)}", "dim")))

    def note_of(self, row: Row, text: str) -> None:
        """Show a fact about a package."""
        self._say_of(row, Text("  "), styled((text, "dim")))

    def command_of(self, row: Row, text: str) -> None:
        """Show a package's command line, if asked to."""
        if self.verbosity > 0:
            self._say_of(row, Text(""), _command(text))

    def output_of(self, row: Row, line: str) -> None:
        """Show a line of output of a package's command, if asked to."""
        if self.verbosity > 0:
            self._say_of(row, Text("> ", "dim"), _output(line))

    def close(self, row: Row) -> None:
        """Show what is folded of a package that is at its end."""
        if self._folding and row.lines:
            with self._lock:
                self._folding.begin(printable(redacted_text(row.label)), since=time.time() - (row.seconds or 0))
                for line in row.lines:
                    self._say(line, within=True)
                self._folding.end()

    # What the line or the table shows:

    @property
    def now(self) -> tuple[Step, tuple[str, ...], str]:
        """The innermost step that runs, how far it is, and the last line heard of it; else, that there is work."""
        step, part = self._steps[-1] if self._steps else self._begun, self._parts.now
        facts = part.facts(ascii_only=self.ascii) if part else ()
        return (part, facts, "") if part and part.title else (step, facts, self._last if self._steps else "")

    @property
    def running(self) -> list[str]:
        """What runs now, and how long it has: the innermost step, or those of several packages."""
        rows = [f"{row.label}: {row.doing}, {duration(row.seconds or 0)} so far" for row in self._rows.running]
        step = self._steps[-1] if self._steps else self._begun
        return rows or [f"{self._parts.doing(step.title)}: {duration(step.seconds)} so far"]

    def table(self, width: int, height: int) -> RenderableType | None:
        """Return the table of packages in at most ``height`` lines, if several are being fetched or built."""
        return self._rows.table(width, height, ascii_only=self.ascii) if self._rows.runs else None

    @property
    def ascii(self) -> bool:
        """Whether the terminal's encoding has no signs for what we say."""
        try:
            "✓✗…⠋".encode(self.console.encoding)
        except (UnicodeEncodeError, LookupError):
            return True
        return False

    @property
    def is_terminal(self) -> bool:
        """Whether it writes to a terminal, of any kind."""
        return self.console.file.isatty()

    def _draw(self) -> None:
        with self._lock:
            if self._asides or time.monotonic() < self._hidden_until:
                return
            if not self._drawn:
                self._drawn = Live(
                    LiveLine(display=self),
                    console=self.console,
                    transient=True,
                    auto_refresh=False,
                    redirect_stdout=False,
                    redirect_stderr=False,
                )
                self._drawn.start()
            self._drawn.refresh()

    def _hide(self) -> None:
        with self._lock:
            if self._drawn:
                self._drawn.stop()
                self._drawn = None

    def _beat(self) -> None:
        for line in self.running if not self._asides else ():
            self.note(line)

    def _end(self, step: _Step, sign: str, style: str) -> None:
        self._steps.remove(step)
        self._last = ""
        if self._folding and step.depth == 0:
            self._folding.end()
        line = self._line(step, sign, style)
        self._say(line.append(f"  {duration(step.seconds)}", "dim"), within=step.depth > 0)

    def _line(self, step: _Step, sign: str, style: str) -> Text:
        return Text.assemble("  " * step.depth, self._sign(sign, style), " ", step.title)

    def _sign(self, sign: str, style: str) -> tuple[str, str]:
        # Words for where the signs cannot be encoded: a question mark would say neither.
        plain = {"✓": "ok", "✗": "failed:", "…": "-"}[sign]
        return (plain if self.ascii else sign, style)

    def _say_of(self, row: Row, before: Text, text: Text) -> None:
        """Show a line about a package: later in its part of the log if that is folded, else with its name."""
        if self._folding:
            row.lines.append(Text.assemble(before, text))
        else:
            self._say(Text.assemble(before, printable(row.label), ": ", text))

    def _say(self, text: Text, *, within: bool = False, whole: bool = False) -> None:
        """Show ``text`` unless nothing is to be said; ``within``: folded with the step that runs."""
        if self.verbosity >= 0:
            self._print(text, within=within, whole=whole)

    def _print(self, text: Text, *, within: bool = False, whole: bool = False) -> None:
        """Show ``text``, broken between words for a terminal, unless ``whole``."""
        # The last place before the terminal, whoever made the text. Only then are its colours worth losing.
        shown = redacted_text(text.plain)
        if self._folding:
            shown = self._folding.groups.harmless(shown)
        if self.ascii:
            shown = shown.replace("…", "...").replace("→", "->").encode("ascii", "replace").decode()
        if shown != text.plain:
            text = Text(shown, text.style)
        if self.is_terminal and not whole:
            text = Text("\n").join(wrapped(text, self.console.width))
        with self._lock:
            if self._folding:
                self._folding.inside() if within else self._folding.interrupt()
            self.console.print(text, soft_wrap=True)

    def _write_mark(self, line: str) -> None:
        with self._lock:
            self.console.file.write(f"{line}\n")
            self.console.file.flush()


def _ignore(_line: str) -> None:
    pass


def styled(*parts: str | tuple[str, str]) -> Text:
    """Return ``parts``, which may have a style each, as one text that does not steer the terminal."""
    return Text.assemble(*(printable(one) if isinstance(one, str) else (printable(one[0]), one[1]) for one in parts))


def _command(text: str) -> Text:
    return styled((f"+ {text}", "cyan"))


def _output(line: str) -> Text:
    # A carriage return would take the cursor back to the beginning of our own line.
    return Text.from_ansi(coloured(redacted_text(line).expandtabs().replace("\r", " ")))


def _console(stream: IO[str], color: Color, environ: Mapping[str, str]) -> Console:
    """Return a console that takes nothing in a text for markup."""
    settings: dict[str, Any] = {}
    if color == "always":
        environ = {name: value for name, value in environ.items() if name != "NO_COLOR"}
        settings = {"force_terminal": True, "color_system": "standard" if environ.get("TERM") in _DUMB else "auto"}
    elif color == "never":
        settings = {"color_system": None}
    return Console(file=stream, highlight=False, markup=False, emoji=False, _environ=environ, **settings)


def _in_ci(environ: Mapping[str, str]) -> bool:
    return environ.get("CI", "") not in {"", "0", "false"}
