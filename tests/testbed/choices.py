"""What can play a part that tests have: the first choice that can be made, and a record of those that could not.

A mirror may lack a release, an architecture or a single file on any day. Tests ask for a *role* ("64-bit big-endian
Linux"), and a role has several choices. What was chosen in place of the first is told at the end of the run.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, TypeVar

from filelock import FileLock

from crossbuild.errors import CrossbuildError
from crossbuild.system.cache import digest
from crossbuild.system.processes import CommandFailedError
from tests.testbed.bed import BedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.testbed.bed import Bed

_Made = TypeVar("_Made")

UNAVAILABLE = (BedError, CrossbuildError, CommandFailedError)
"""What making something raises when what it is made of cannot be fetched."""


@dataclass(frozen=True, kw_only=True)
class Substitution:
    """A choice that was taken because an earlier one could not be made."""

    role: str
    wanted: str
    taken: str
    why: str

    def __str__(self) -> str:
        return f"{self.role}: {self.taken} instead of {self.wanted}: {self.why.splitlines()[0]}"


def first_available(bed: Bed, role: str, choices: Mapping[str, Callable[[], _Made]]) -> _Made:
    """Return what the first of ``choices``, functions by their names, makes that does not fail.

    A choice that failed is not tried again in the same run. Raises BedError if all of them fail.
    """
    failures: dict[str, str] = {}
    for name, make in choices.items():
        try:
            made = _made(bed, name, make)
        except UNAVAILABLE as error:
            failures[name] = str(error)
            continue
        _record(bed, role, name, failures)
        return made
    reasons = "\n".join(f"{name}: {why}" for name, why in failures.items())
    raise BedError(f"Nothing that can be fetched is a {role}.\n{reasons}")


def substitutions(shared: Path) -> Iterator[Substitution]:
    """Yield what the processes that share the directory ``shared`` have recorded."""
    for file in sorted(shared.glob("*.substitution")):
        yield Substitution(**json.loads(file.read_text(encoding="utf-8")))


def _made(bed: Bed, name: str, make: Callable[[], _Made]) -> _Made:
    if not bed.shared:
        return make()
    failure = bed.shared / f"{digest(name)}.failure"
    # Whoever waits while another worker finds out that it cannot be made does not find it out once more.
    with FileLock(failure.with_suffix(".lock")):
        if failure.is_file():
            raise BedError(failure.read_text(encoding="utf-8"))
        try:
            return make()
        except UNAVAILABLE as error:
            failure.write_text(str(error), encoding="utf-8")
            raise


def _record(bed: Bed, role: str, taken: str, failures: Mapping[str, str]) -> None:
    for wanted, why in failures.items():
        if bed.shared:
            one = Substitution(role=role, wanted=wanted, taken=taken, why=why)
            file = bed.shared / f"{digest(role, wanted)}.substitution"
            file.write_text(json.dumps(asdict(one)), encoding="utf-8")
