"""What a command shows on its standard error: what a reporter does, and at the end the wheels or the error."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from crossbuild.terminal.compiler_lines import compiler_line
from crossbuild.terminal.live import duration
from crossbuild.terminal.terminal_reporter import TerminalReporter, styled

if TYPE_CHECKING:
    from crossbuild.errors import CrossbuildError
    from crossbuild.frontend import BuiltWheel

_KILO = 1000
_MEGA = 1000 * _KILO


@dataclass(kw_only=True)
class Display(TerminalReporter):
    """The reporter of the command line."""

    def wheel(self, wheel: BuiltWheel) -> None:
        """Show what was delivered."""
        facts = (_size(wheel.size), ", ".join(wheel.tags), f"sha256:{wheel.sha256}", duration(wheel.seconds))
        waived = (f"  --no-check: {len(wheel.waived)} waived", "bold yellow") if wheel.waived else ""
        self._say(styled((wheel.path.name, "bold green"), "  ", "  ".join(facts), waived))

    def error(self, error: CrossbuildError) -> None:
        """Show what went wrong, why, and what to do, also when all else is quiet."""
        self._print(styled(("error: ", "bold red"), (error.what, "bold")))
        self.block(error.why)
        for label, place in (("log", error.log), ("kept", error.kept)):
            if place:
                self._print(styled((f"{label}: ", "bold"), str(place) if self.verbosity > 0 else _short(place)))
        for label, line in zip_longest(["hint: "], error.fix.splitlines(), fillvalue="  "):
            self._print(styled((label, "bold cyan"), line))

    def block(self, text: str) -> None:
        """Show indented lines, also when all else is quiet."""
        for line in text.splitlines():
            self._print(Text.assemble("  ", compiler_line(line)))


def _short(place: Path) -> str:
    """Return the shortest way to write ``place`` where the user is."""
    written, home = [str(place)], os.environ.get("HOME")
    if home and place.is_relative_to(home):
        written.append(f"~/{place.relative_to(home)}")
    with suppress(OSError):  # the current directory is gone
        if place.is_relative_to(Path.cwd()):
            written.append(str(place.relative_to(Path.cwd())))
    return min(written, key=len)


def _size(count: int) -> str:
    """Return a number of bytes for people: ``7.2 MB``, of 1000 kB."""
    return f"{count / _MEGA:.1f} MB" if count >= _MEGA else f"{count / _KILO:.1f} kB"
