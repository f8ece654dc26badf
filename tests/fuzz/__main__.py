"""Runs damaged files: ``python -m tests.fuzz [--minutes N] [--seed S] [--case NUMBER] [WHEEL...]``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.campaign import Campaign, Summary, run
from tests.fuzz.cases import make_case
from tests.fuzz.samples import Samples
from tests.fuzz.worker import run_case


def main() -> None:
    """Run cases for some minutes and tell what failed, or run one again."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("wheels", nargs="*", type=Path, metavar="WHEEL", help="good wheels to make the cases of")
    parser.add_argument("--minutes", type=float, default=1, help="default: 1")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument("--case", type=int, metavar="NUMBER", help="run only this one, with the same seed and wheels")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write the file of the case there")
    given = parser.parse_args()
    if given.case is not None:
        case = make_case(Samples.from_wheels(given.wheels), seed=given.seed, number=given.case)
        if given.keep:
            given.keep.write_bytes(case.content)
        sys.exit(str(run_case(case, given.case).failure or 0))
    summary = Summary()
    campaign = Campaign(seed=given.seed, wheels=given.wheels, until=time.time() + 60 * given.minutes)
    for failed in summary.watch(run(campaign.command)):
        print(f"case {failed.number} of seed {given.seed} ({failed.reader}): {failed.failure}", flush=True)
    print(summary)
    sys.exit(bool(summary.failures))


if __name__ == "__main__":
    main()
