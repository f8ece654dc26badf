"""Runs cases in a process of its own, which a case may end by taking too long."""

from __future__ import annotations

import itertools
import json
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.fuzz.cases import make_case
from tests.fuzz.readers import read
from tests.fuzz.samples import Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fuzz.cases import Case

MOST_SECONDS = 5
"""Of the processor's time. After that the kernel ends the process (SIGPROF), wherever it is."""
MOST_MEMORY = 200 << 20
"""Bytes that the process may have, Python and all modules included."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a case went."""

    number: int
    reader: str
    seconds: float
    memory: int
    """The most bytes that the process had."""
    failure: str
    """What went wrong; empty if nothing did."""


class _Caught:
    """Ends exceptions of all kinds, and keeps what Python would print of the last."""

    text = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        self.text = "".join(traceback.format_exception(error)) if error else ""
        return isinstance(error, Exception)


def run_case(case: Case, number: int, reading: Callable[[Case, Path], None] = read) -> Outcome:
    """Run one case, and measure it."""
    _forget_memory()
    start, caught = time.process_time(), _Caught()
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch, caught:
        reading(case, Path(scratch))
    signal.setitimer(signal.ITIMER_PROF, 0)
    seconds, memory = time.process_time() - start, _most_memory()
    failure = caught.text or (f"the process had {memory >> 20} MB" if memory > MOST_MEMORY else "")
    return Outcome(number=number, reader=case.reader, seconds=seconds, memory=memory, failure=failure)


def _forget_memory() -> None:
    # proc(5): 5 sets the peak to what the process has now.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _most_memory() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def _outcomes(seed: int, numbers: Iterator[int], until: float, wheels: list[Path]) -> Iterator[Outcome]:
    samples = Samples.from_wheels(wheels)
    for number in numbers:
        if time.time() > until:
            return
        yield run_case(make_case(samples, seed=seed, number=number), number)


def main(arguments: list[str]) -> None:
    """Run the cases from a number on, up to a count or a time, and print the outcome of each as a line of JSON."""
    seed, first, count, until, *wheels = arguments
    numbers = itertools.islice(itertools.count(int(first)), int(count) if count else None)
    for outcome in _outcomes(int(seed), numbers, float(until), [*map(Path, wheels)]):
        print(json.dumps(asdict(outcome)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
