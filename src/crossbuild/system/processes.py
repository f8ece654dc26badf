"""Running programs: output goes to a log and to the reporter, failure becomes a value that says what failed."""

from __future__ import annotations

import codecs
import io
import itertools
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crossbuild.errors import CrossbuildError
from crossbuild.redaction import redacted_text
from crossbuild.system.excerpt import excerpt
from crossbuild.system.interruption import Running
from crossbuild.system.killed import signal_of, signal_text
from crossbuild.system.programs import pipe, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from crossbuild.reporting import Reporter
    from crossbuild.system.programs import Watched


class CommandFailedError(CrossbuildError):
    """A program ended with another status than zero. Callers turn this into an error of their own class.

    ``output``: its output, standard error included. ``status``: its exit status, negative for a signal.
    ``out_of_memory``: whether the kernel killed a process for want of memory while it ran.
    """

    def __init__(self, command: Sequence[str], status: int, output: str) -> None:
        signal = signal_of(status) if status < 0 else None
        end = f"was killed by {signal_text(signal)}" if signal else f"ended with status {status}"
        super().__init__(f"`{shlex.join(command)}` {end}.", why=excerpt(output))
        self.output = output
        self.status = status
        self.out_of_memory = False


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Runs programs one after another, and writes their output to one log, without the logins in URLs."""

    log: Path
    reporter: Reporter
    running: Running = field(default_factory=Running)
    listen: Callable[[str], None] = lambda _: None
    """Takes each line of output, too."""

    def tell(self, line: str) -> None:
        """Take a line of our own into the log."""
        with self.log.open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"{redacted_text(line)}\n")
        self.reporter.output(redacted_text(line))

    def run(
        self,
        command: Sequence[str],
        *,
        environ: Mapping[str, str],
        cwd: Path | None = None,
        stdin: str = "",
        watched: Watched | None = None,
    ) -> str:
        """Run ``command`` and return its output, standard error included. Raises CommandFailedError.

        Only the command can read ``stdin``, which is in no file. It has to fit into a pipe. ``watched``: what it
        executes is looked at.
        """
        shown = redacted_text(shlex.join(command))
        self.reporter.command(shown)
        self.running.check()
        lines = []
        with (
            self.log.open("a", encoding="utf-8", errors="replace") as log,
            pipe() as (out, into),
            pipe() as (given, writing),
        ):
            log.write(f"+ {shown}\n")
            writing.write(stdin.encode())
            writing.close()
            streams = {"stdin": given.fileno(), "stdout": into.fileno(), "stderr": into.fileno()}
            with (
                started(command, environ=environ, cwd=cwd, watched=watched, **streams) as program,
                self.running.holding(program),
            ):
                # As long as this end is open here, reading would not end with the program.
                into.close()
                for line in map(redacted_text, _lines(data for _, data in program.output(out.fileno()))):
                    lines.append(line)
                    log.write(line)
                    self.reporter.output(line.rstrip("\n"))
                    self.listen(line)
                status = program.wait()
        if status:
            raise CommandFailedError(command, status, "".join(lines))
        return "".join(lines)


def _lines(parts: Iterator[bytes]) -> Iterator[str]:
    """Yield the lines of a text that comes in ``parts``, the last as it is."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")("replace"), translate=True)
    begun = ""
    for part in itertools.chain(parts, [b""]):
        *whole, begun = (begun + decoder.decode(part, final=not part)).split("\n")
        yield from (f"{line}\n" for line in whole)
    if begun:
        yield begun
