"""What a user hears of a wheel that is another one each time it is built."""

from __future__ import annotations

import shutil
from itertools import groupby
from typing import TYPE_CHECKING

from crossbuild.errors import NotReproducibleError
from crossbuild.reproducible.causes import cause
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from crossbuild.errors import CrossbuildError
    from crossbuild.reproducible.causes import Circumstances
    from crossbuild.reproducible.compare import Difference

_MOST_FILES, _MOST_PARTS = 20, 4
"""How many files, and sections of each, a message lists."""
_REPORT = "diffoscope.txt"


def failed(label: str, error: CrossbuildError) -> NotReproducibleError:
    """Return the error for a project whose second build ended with ``error``."""
    refusal = NotReproducibleError(
        f"{label} was built once, and could not be built a second time under other circumstances.",
        why=str(error),
        fix="Build it without --reproducible to have the wheel of the first build.",
    )
    refusal.kept, refusal.log, refusal.record = error.kept, error.log, error.record
    return refusal


def different(
    first: Path,
    second: Path,
    differences: Sequence[Difference],
    circumstances: Circumstances,
    environ: Mapping[str, str],
) -> NotReproducibleError:
    """Return the error for two wheels that are kept, with the report of diffoscope beside them if it is on ``PATH``."""
    told = list(_lines(differences, circumstances))
    more = [f"and {len(told) - _MOST_FILES} more files"] if len(told) > _MOST_FILES else []
    return NotReproducibleError(
        f"{first.name} is not reproducible: a second build gave other bytes, so it is not delivered.",
        why="\n".join([*told[:_MOST_FILES], *more]),
        fix="\n".join((_remedy(told), _look(first, second, environ))),
    )


def _lines(differences: Iterable[Difference], circumstances: Circumstances) -> Iterator[str]:
    """Yield a line for each file, with its parts and the causes that are known."""
    for member, group in groupby(differences, key=lambda one: one.member):
        found = list(group)
        causes = {one.part: why for one in found if (why := cause(one, circumstances))}
        # Where one section grows, the addresses in all others change. Those with a cause come first.
        parts = sorted((one.part for one in found if one.part), key=lambda part: part not in causes)
        others = f" and {len(parts) - _MOST_PARTS} more" if len(parts) > _MOST_PARTS else ""
        where = f" in {', '.join(parts[:_MOST_PARTS])}{others}" if parts else ""
        because = f": {', '.join(dict.fromkeys(causes.values()))}" if causes else ""
        yield f"{member or 'The archive'} {found[0].what}{where}{because}"


def _remedy(told: Sequence[str]) -> str:
    if any("the time" in line for line in told):
        return "Let the project use SOURCE_DATE_EPOCH in place of the present time, or write down none."
    return "Look for what wrote these files: nothing in them may depend on where and when they were made."


def _look(first: Path, second: Path, environ: Mapping[str, str]) -> str:
    program = shutil.which("diffoscope", path=environ.get("PATH"))
    if program is None:
        return f"With diffoscope, which shows all differences: diffoscope {first} {second}"
    report = first.parent.parent / _REPORT
    # Its status is 1 for files that differ.
    run_program([program, "--text", str(report), str(first), str(second)], env=environ)
    return f"diffoscope has written down all differences: {report}"
