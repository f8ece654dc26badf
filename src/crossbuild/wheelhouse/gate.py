"""The gate that every wheel for the host passes, wherever it comes from, before it is delivered or installed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crossbuild.errors import AuditError
from crossbuild.reporting import SilentReporter
from crossbuild.system.filesystem import replaced, sha256_of
from crossbuild.wheels.check import admit_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.resolve.candidates import Candidate, JobContext, Supply
    from crossbuild.resolve.resolver import Resolution
    from crossbuild.session.session import Session
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.distribution import Distribution


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """A distribution whose wheel passed."""

    distribution: Distribution
    report: WheelReport
    """The contents of the wheel."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Audits each wheel of a set as soon as it exists, in the thread that fetched or built it."""

    session: Session
    _reports: dict[str, WheelReport] = field(default_factory=dict)
    """By normalised name."""

    def before(self, resolution: Resolution) -> Resolution:
        """Return ``resolution`` with choices that give only wheels that pass."""
        return replace(resolution, choices=tuple(map(self._guarded, resolution.choices)))

    def admitted(self, distribution: Distribution) -> Admitted:
        """Return ``distribution``, which came of a guarded choice, with what was found in its wheel."""
        report = self._reports[distribution.name]
        return Admitted(distribution=replace(distribution, waived=report.waived), report=report)

    def _guarded(self, choice: Candidate) -> Candidate:
        def obtain(job: JobContext) -> Supply:
            supply = choice.obtain(job)
            self._reports[choice.name] = self._admit(choice, supply, job)
            return supply

        return choice if choice.is_there else replace(choice, obtain=obtain)

    def _admit(self, choice: Candidate, supply: Supply, job: JobContext) -> WheelReport:
        # The problems of a wheel that was built just now have been reported already.
        is_new = choice.is_built and not supply.is_kept
        return admit_wheel(
            supply.wheel,
            self.session.host(supply.packages),
            name=choice.name,
            waive=self.session.waives(choice.name),
            reporter=SilentReporter() if is_new else job.reporter,
        )


def deliver(admitted: Admitted, directory: Path) -> Path:
    """Copy the wheel that was let through into ``directory``, whole or not at all; return where it is then.

    Raises AuditError if it is no longer the file that was audited.
    """
    wheel = admitted.distribution.wheel
    final = directory / wheel.name
    if final.exists() and final.samefile(wheel):
        _check_same(final, admitted)
        return final
    try:
        with replaced(final) as beside:
            shutil.copyfile(wheel, beside)
            _check_same(beside, admitted)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(final)) from None
    return final


def _check_same(copy: Path, admitted: Admitted) -> None:
    if sha256_of(copy) != admitted.report.sha256:
        raise AuditError(
            f"{admitted.distribution.wheel} was refused: it changed after the check.",
            fix="Run the command again when no other program writes to that file.",
        )
