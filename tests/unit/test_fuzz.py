"""Damaged wheels, ELF files and static libraries: a few of those that ``python -m tests.fuzz`` makes for an hour."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.campaign import Campaign, Summary, run
from tests.fuzz.cases import Case, make_case
from tests.fuzz.samples import Samples
from tests.fuzz.worker import MOST_MEMORY, Outcome, run_case

if TYPE_CHECKING:
    from pathlib import Path

CASE = Case(reader="ELF file", name="probe.so", content=b"")
HANGS = """
import json, signal, sys
if sys.argv[1] == "0":
    print(sys.argv[2], flush=True)
    signal.setitimer(signal.ITIMER_PROF, 0.01)
    while True:
        pass
print(sys.argv[2].replace('"number": 0', '"number": 2'))
"""


def test_damaged_files_are_read_or_refused() -> None:
    summary = Summary()
    assert list(summary.watch(run(Campaign(seed=0, count=200).command))) == []
    assert summary.counts.keys() == {"ELF file", "static library", "wheel"}
    assert sum(count.cases for count in summary.counts.values()) == 200


def test_a_case_is_the_same_whenever_it_is_made() -> None:
    made = [[make_case(Samples.from_wheels([]), seed=1, number=number) for number in range(20)] for _ in range(2)]
    assert made[0] == made[1]
    assert made[0] != [make_case(Samples.from_wheels([]), seed=2, number=number) for number in range(20)]


def test_an_exception_is_a_failure() -> None:
    def reading(case: Case, scratch: Path) -> None:
        raise LookupError(case.name)

    assert "LookupError: probe.so" in run_case(CASE, 0, reading).failure


def test_much_memory_is_a_failure() -> None:
    def reading(case: Case, scratch: Path) -> None:
        assert b"x" * MOST_MEMORY

    assert "the process had" in run_case(CASE, 0, reading).failure


def test_a_case_that_hangs_is_a_failure_and_the_next_one_is_run() -> None:
    line = json.dumps(asdict(Outcome(number=0, reader="wheel", seconds=0.1, memory=1, failure="")))
    outcomes = list(run(lambda number: [sys.executable, "-c", HANGS, str(number), line]))
    assert [outcome.number for outcome in outcomes] == [0, 1, 2]
    assert [outcome.failure for outcome in outcomes] == ["", "its process was ended by SIGPROF", ""]


def test_a_worker_that_does_not_start_is_no_case() -> None:
    with pytest.raises(RuntimeError, match="exit status 3"):
        list(run(lambda _: [sys.executable, "-c", "raise SystemExit(3)"]))
