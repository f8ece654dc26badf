"""What a command shows on its standard error: what a reporter does, and at the end the wheels or the error."""

from __future__ import annotations

import os
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from crossbuild.cli.check_summary import WARNED, CheckSummary
from crossbuild.cli.summary import Summary, shown_directory
from crossbuild.terminal.compiler_lines import compiler_line
from crossbuild.terminal.live import duration
from crossbuild.terminal.package_table import FAILED
from crossbuild.terminal.quantities import size_text
from crossbuild.terminal.terminal_reporter import TerminalReporter, styled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crossbuild.errors import CrossbuildError
    from crossbuild.frontend import BuiltWheel
    from crossbuild.terminal.package_table import Row
    from crossbuild.wheels.findings import WheelFinding

_HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{20,}\b")
"""Its beginning tells it from others; the whole fills a line."""


@dataclass(kw_only=True)
class Display(TerminalReporter):
    """The reporter of the command line."""

    wheels: list[BuiltWheel] = field(default_factory=list)
    """What was delivered so far."""
    summary: str = ""
    """What became of all packages, in a line, where there were several."""

    @property
    def packages(self) -> list[Row]:
        """Those that were to be fetched or built."""
        return list(self._rows.rows.values())

    def wheel(self, wheel: BuiltWheel) -> None:
        """Show what was delivered."""
        self.wheels.append(wheel)
        facts = [size_text(wheel.size), wheel.how, duration(wheel.seconds)]
        if self.verbosity > 0:
            facts += [*wheel.tags, f"sha256:{wheel.sha256}"]
        waived = (f"  --no-check: {len(wheel.waived)} waived", "bold yellow") if wheel.waived else ""
        self._say(
            styled(
                self._sign("✓", "green"),
                (f" {wheel.name} {wheel.version}", "bold green"),
                "  ",
                "  ".join(facts),
                waived,
            )
        )

    def wheels_together(self) -> None:
        """Show what became of all wheels, if there were to be several."""
        outcomes = Counter(wheel.how for wheel in self.wheels)
        failed = self._rows.outcomes[FAILED]
        if self.wheels and outcomes.total() + failed > 1:
            self._together("wheel", outcomes, self.wheels[0].path.parent, failed=failed)

    def packages_together(self, where: Path, *facts: str) -> None:
        """Show what became of all packages that were to be installed in ``where``."""
        self._together("package", self._rows.outcomes, where, *facts, staying=self._rows.staying)

    def wheels_checked(
        self, passed: Mapping[Path, Sequence[WheelFinding]], refused: Mapping[Path, Sequence[WheelFinding]]
    ) -> None:
        """Show what was found in each of many wheels, and how many passed."""
        summary = CheckSummary(passed=passed, refused=refused, seconds=self._begun.seconds)
        for outcome, line in summary.rows():
            self._say(styled((outcome, "bold yellow" if outcome == WARNED else "bold red"), f"  {line}"))
        self.summary = str(summary)
        self._say(styled((self.summary, "bold")))

    def removed(self, count: int, where: Path) -> None:
        """Show that packages are no longer in ``where``."""
        packages = "1 package" if count == 1 else f"{count} packages"
        self._say(styled((f"{packages} removed from {shown_directory(where)}", "bold")))

    def _together(
        self, noun: str, outcomes: Counter[str], where: Path, *facts: str, failed: int = 0, staying: int = 0
    ) -> None:
        summary = Summary(
            noun=noun,
            outcomes=outcomes,
            failed=failed,
            staying=staying,
            seconds=self._begun.seconds,
            where=where,
            facts=facts,
        )
        self.summary = str(summary)
        self._say(styled((self.summary, "bold")))

    def error(self, error: CrossbuildError) -> None:
        """Show what went wrong, why, and what to do, also when all else is quiet."""
        what, why = (error.what, error.why) if self.verbosity > 0 else map(_with_short_hashes, (error.what, error.why))
        self._print(styled(("error: ", "bold red"), (what, "bold")))
        self.block(why)
        for label, place in (("log", error.log), ("kept", error.kept)):
            if place:
                self._print(styled((f"{label}: ", "bold"), str(place) if self.verbosity > 0 else _short(place)))
        for number, line in enumerate(error.fix.splitlines()):
            self._print(styled(("  " if number else "hint: ", "bold cyan"), line))

    def block(self, text: str) -> None:
        """Show indented lines, also when all else is quiet."""
        for line in text.splitlines():
            self._print(Text.assemble("  ", compiler_line(line)))


def _with_short_hashes(text: str) -> str:
    """Return ``text`` with only the beginnings of hashes, as in the address of a file of an index."""
    return _HASH.sub(r"\1…", text)


def _short(place: Path) -> str:
    """Return the shortest way to write ``place`` where the user is."""
    written, home = [str(place)], os.environ.get("HOME")
    if home and place.is_relative_to(home):
        written.append(f"~/{place.relative_to(home)}")
    with suppress(OSError):  # the current directory is gone
        if place.is_relative_to(Path.cwd()):
            written.append(str(place.relative_to(Path.cwd())))
    return min(written, key=len)
