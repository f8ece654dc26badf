"""What a command shows on its standard error: what a reporter does, and at the end the wheels or the error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from crossbuild.terminal.live import duration
from crossbuild.terminal.printable import coloured
from crossbuild.terminal.progress import size_text
from crossbuild.terminal.terminal_reporter import TerminalReporter, styled

if TYPE_CHECKING:
    from crossbuild.errors import CrossbuildError
    from crossbuild.frontend import BuiltWheel


@dataclass(kw_only=True)
class Display(TerminalReporter):
    """The reporter of the command line."""

    def wheel(self, wheel: BuiltWheel) -> None:
        """Show what was delivered."""
        facts = (size_text(wheel.size), ", ".join(wheel.tags), f"sha256:{wheel.sha256}", duration(wheel.seconds))
        waived = (f"  --no-check: {len(wheel.waived)} waived", "bold yellow") if wheel.waived else ""
        self._say(styled((wheel.path.name, "bold green"), "  ", "  ".join(facts), waived))

    def error(self, error: CrossbuildError) -> None:
        """Show what went wrong, why, and what to do, also when all else is quiet."""
        self._print(styled(("error: ", "bold red"), (error.what, "bold")))
        self.block(error.why)
        for label, place in (("log", error.log), ("kept", error.kept)):
            if place:
                self._print(styled((f"{label}: ", "bold"), str(place)))
        if error.fix:
            self._print(styled(("hint: ", "bold cyan"), error.fix))

    def block(self, text: str) -> None:
        """Show indented lines, also when all else is quiet."""
        for line in text.splitlines():
            self._print(Text.assemble("  ", Text.from_ansi(coloured(line.expandtabs()))))
