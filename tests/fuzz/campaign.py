"""Many cases: run by workers, counted here."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.examples import REPOSITORY
from tests.fuzz.worker import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """What is to be run."""

    seed: int
    wheels: Sequence[Path] = ()
    first: int = 0
    count: int | None = None
    """How many cases; None for as many as there is time for."""
    until: float = float("inf")
    """The time of day at which no case is begun any more, in seconds of :func:`time.time`."""

    def command(self, number: int) -> list[str]:
        """Return the command that runs the cases from ``number`` on."""
        left = "" if self.count is None else str(self.first + self.count - number)
        facts = (self.seed, number, left, self.until, *(wheel.absolute() for wheel in self.wheels))
        return [sys.executable, "-m", "tests.fuzz.worker", *map(str, facts)]


def run(command: Callable[[int], list[str]], first: int = 0) -> Iterator[Outcome]:
    """Yield how each case went; after one that ended its process, the next process goes on with the next case."""
    number, status = first, -1
    while status:
        with subprocess.Popen(command(number), cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as worker:
            for line in worker.stdout or ():
                outcome = Outcome(**json.loads(line))
                number = outcome.number + 1
                yield outcome
        status = worker.returncode
        if status > 0:
            raise RuntimeError(f"the worker ended with exit status {status}")
        if status:
            failure = f"its process was ended by {signal.Signals(-status).name}"
            yield Outcome(number=number, reader="?", seconds=0.0, memory=0, failure=failure)
            number += 1


@dataclass(kw_only=True)
class Count:
    """The cases of one reader."""

    cases: int = 0
    failures: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    memory: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one more."""
        self.cases += 1
        self.failures += bool(outcome.failure)
        self.seconds += outcome.seconds
        self.slowest = max(self.slowest, outcome.seconds)
        self.memory = max(self.memory, outcome.memory)


@dataclass(kw_only=True)
class Summary:
    """All that was run."""

    counts: dict[str, Count] = field(default_factory=dict)
    failures: list[Outcome] = field(default_factory=list)

    def watch(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Count ``outcomes`` and yield those that failed."""
        for outcome in outcomes:
            self.counts.setdefault(outcome.reader, Count()).add(outcome)
            if outcome.failure:
                self.failures.append(outcome)
                yield outcome

    def __str__(self) -> str:
        """Return a table."""
        rows = [f"{'reader':<16}{'cases':>9}{'failures':>10}{'slowest':>10}{'memory':>9}"]
        for reader, count in sorted(self.counts.items()):
            megabytes = f"{count.memory / (1 << 20):.0f} MB"
            rows.append(f"{reader:<16}{count.cases:>9}{count.failures:>10}{count.slowest:>8.2f} s{megabytes:>9}")
        return "\n".join(rows)
