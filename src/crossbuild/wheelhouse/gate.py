"""The gate that every wheel for the host passes, wherever it comes from, before it is delivered or installed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from crossbuild.errors import AuditError
from crossbuild.system.filesystem import replaced, sha256_of
from crossbuild.wheels.check import admit_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.resolve.candidates import Candidate
    from crossbuild.resolve.resolver import Resolution
    from crossbuild.session.job import JobContext
    from crossbuild.session.session import Session
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.distribution import Distribution


def guarded(resolution: Resolution, session: Session) -> Resolution:
    """Return ``resolution`` with choices that give only audited wheels.

    Each is audited as soon as it exists, in the thread that fetched it. One that was built just now has been already.
    """
    return replace(resolution, choices=tuple(_guarded(choice, session) for choice in resolution.choices))


def _guarded(choice: Candidate, session: Session) -> Candidate:
    def obtain(job: JobContext) -> Distribution:
        found = choice.obtain(job)
        return found if found.report else replace(found, report=_audit(found, choice.name, session, job))

    return choice if choice.is_there else replace(choice, obtain=obtain)


def _audit(found: Distribution, name: str, session: Session, job: JobContext) -> WheelReport:
    host = session.host(found.packages)
    waive, wanted = session.waives(name), session.wanted(name)
    return admit_wheel(found.wheel, host, name=name, waive=waive, wanted=wanted, reporter=job.reporter)


def deliver(distribution: Distribution, directory: Path) -> Distribution:
    """Copy the audited wheel of ``distribution`` into ``directory``, whole or not at all; return it there.

    Raises AuditError if it is no longer the file that was audited.
    """
    wheel = distribution.wheel
    final = directory / wheel.name
    delivered = replace(distribution, wheel=final)
    if final.exists() and final.samefile(wheel):
        _check_same(final, distribution)
        return delivered
    try:
        with replaced(final) as beside:
            shutil.copyfile(wheel, beside)
            # The copy, not the original, which could still change in between.
            _check_same(beside, distribution)
    except OSError as error:
        # Not the name of the file beside it, which the user has never seen.
        raise OSError(error.errno, error.strerror, str(final)) from None
    return delivered


def _check_same(copy: Path, distribution: Distribution) -> None:
    if sha256_of(copy) != distribution.audited.sha256:
        raise AuditError(
            f"{distribution.wheel} was refused: it changed after the check.",
            fix="Run the command again when no other program writes to that file.",
        )
