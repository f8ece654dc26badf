"""Running programs: output goes to a log and to the reporter, failure becomes a value that says what failed."""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crossbuild.errors import CrossbuildError
from crossbuild.redaction import redacted_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crossbuild.reporting import Reporter

_TAIL = 30


class CommandFailedError(CrossbuildError):
    """A program ended with another status than zero. Callers turn this into an error of their own class.

    ``output``: its output, standard error included. ``status``: its exit status.
    """

    def __init__(self, command: Sequence[str], status: int, output: str) -> None:
        super().__init__(f"`{shlex.join(command)}` ended with status {status}.", why=tail(output))
        self.output = output
        self.status = status


def tail(output: str, lines: int = _TAIL) -> str:
    """Return the last ``lines`` lines of ``output`` that are not blank."""
    return "\n".join([line for line in output.splitlines() if line.strip()][-lines:])


@dataclass(frozen=True, kw_only=True)
class Running:
    """The programs that run now, in any thread, so that all can be ended."""

    _programs: set[subprocess.Popen[str]] = field(default_factory=set)
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def holding(self, program: subprocess.Popen[str]) -> Iterator[None]:
        """Know of ``program`` meanwhile."""
        self._programs.add(program)
        if self._ended.is_set():
            program.terminate()
        try:
            yield
        finally:
            self._programs.discard(program)

    def end(self) -> None:
        """End them all, and what is started from now on."""
        self._ended.set()
        for program in tuple(self._programs):
            program.terminate()


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Runs programs one after another, keeping all they say in one log, without the logins of URLs."""

    log: Path
    reporter: Reporter
    running: Running = field(default_factory=Running)

    def tell(self, line: str) -> None:
        """Take a line of our own into the log."""
        with self.log.open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"{redacted_text(line)}\n")
        self.reporter.output(redacted_text(line))

    def run(
        self, command: Sequence[str], *, environ: Mapping[str, str], cwd: Path | None = None, stdin: str = ""
    ) -> str:
        """Run ``command`` and return its output, standard error included. Raises CommandFailedError.

        It alone can read ``stdin``, which is in no file, and less than what a pipe holds.
        """
        shown = redacted_text(shlex.join(command))
        self.reporter.command(shown)
        lines = []
        with self.log.open("a", encoding="utf-8", errors="replace") as log, _readable(stdin) as given:
            log.write(f"+ {shown}\n")
            with (
                subprocess.Popen(
                    command,
                    cwd=cwd,
                    env=environ,
                    stdin=given,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    errors="replace",
                ) as process,
                self.running.holding(process),
            ):
                for line in map(redacted_text, process.stdout or ()):
                    lines.append(line)
                    log.write(line)
                    self.reporter.output(line.rstrip("\n"))
        if process.returncode:
            raise CommandFailedError(command, process.returncode, "".join(lines))
        return "".join(lines)


@contextmanager
def _readable(text: str) -> Iterator[int]:
    """Give a descriptor that ``text`` can be read from, once."""
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "w", encoding="utf-8") as stream:
            stream.write(text)
        yield reading
    finally:
        os.close(reading)
