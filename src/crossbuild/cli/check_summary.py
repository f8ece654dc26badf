"""The table that a check of many wheels ends with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.terminal.live import duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crossbuild.wheels.findings import WheelFinding

WARNED, REFUSED = "warning", "refused"
"""What becomes of a wheel with findings."""


@dataclass(frozen=True, kw_only=True)
class CheckSummary:
    """What was found in many wheels."""

    passed: Mapping[Path, Sequence[WheelFinding]]
    refused: Mapping[Path, Sequence[WheelFinding]]
    seconds: float

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield what became of each wheel with findings, in a word, and a line with their IDs: the refused last."""
        warned = {wheel: findings for wheel, findings in self.passed.items() if findings}
        labels = _labels([*self.passed, *self.refused])
        width = max((len(labels[wheel]) for wheel in (*warned, *self.refused)), default=0)
        for outcome, wheels in ((WARNED, warned), (REFUSED, self.refused)):
            for wheel, findings in wheels.items():
                yield outcome, f"{labels[wheel]:{width}}  {_ids(findings)}"

    def __str__(self) -> str:
        """Return ``100 wheels: 97 passed, 2 with warnings, 1 refused, in 3.2 s``."""
        warned = sum(map(bool, self.passed.values()))
        counts = {"passed": len(self.passed) - warned, "with warnings": warned, "refused": len(self.refused)}
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
        return f"{len(self.passed) + len(self.refused)} wheels: {told}, in {duration(self.seconds)}"


def _labels(wheels: Sequence[Path]) -> dict[Path, str]:
    """Return the project and version of each wheel, or its whole name where others have the same."""
    shorts = {wheel: "-".join(wheel.name.split("-")[:2]) for wheel in wheels}
    counts = Counter(shorts.values())
    return {wheel: short if counts[short] == 1 else wheel.name for wheel, short in shorts.items()}


def _ids(findings: Sequence[WheelFinding]) -> str:
    counts = Counter(finding.id for finding in findings)
    return ", ".join(f"{id_} ({count})" if count > 1 else id_ for id_, count in counts.items())
