"""Wheels that somebody else built: as they are, no host may be surprised by them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

from crossbuild.errors import AuditError, SourceError
from crossbuild.system.filesystem import sha256_of
from crossbuild.wheels.audit import Origin, audit
from crossbuild.wheels.findings import RefusedWheelError, WheelFinding
from crossbuild.wheels.paths import PathSearch
from crossbuild.wheels.promised_hosts import ANY, promised_hosts
from crossbuild.wheels.rules import OF_MACHINES
from crossbuild.wheels.selection import ALL
from crossbuild.wheels.tags import installable_tags
from crossbuild.wheels.wheel_contents import read_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.reporting import Reporter
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.selection import Selection
    from crossbuild.wheels.wheel_contents import WheelContents


def check_wheel(
    wheel: Path, host: Host, origin: Origin = Origin.GIVEN, *, waive: bool = False, wanted: Selection = ALL
) -> WheelReport:
    """Check everything in ``wheel`` against ``host``, and that installers there accept its file name.

    ``origin``, ``waive`` and ``wanted`` are those of :func:`audit`. Raises SourceError if it is not there, and
    AuditError.
    """
    return _check(_read(wheel, origin), host, origin, waive=waive, wanted=wanted)


def check_by_tags(wheel: Path, *, wanted: Selection = ALL) -> WheelReport:
    """Check everything in ``wheel`` against all hosts that its tags promise it works on.

    Of a wheel for all platforms, nothing is checked that depends on the machine. Raises what :func:`check_wheel` does.
    """
    contents = _read(wheel, Origin.GIVEN)
    first, *others = (
        _check(contents, host, Origin.GIVEN, wanted=wanted.without(OF_MACHINES) if host.name == ANY else wanted)
        for host in promised_hosts(contents)
    )
    return _with_findings(first, others)


def _read(wheel: Path, origin: Origin) -> WheelContents:
    if not wheel.is_file():
        raise SourceError(f"{wheel} does not exist.", fix="Give the path of a wheel.")
    # A published wheel was built elsewhere, and cannot name paths of this machine.
    return read_wheel(wheel, None if origin is Origin.PUBLISHED else PathSearch.from_paths([]))


def _check(
    contents: WheelContents, host: Host, origin: Origin, *, waive: bool = False, wanted: Selection
) -> WheelReport:
    report = audit(contents, host, origin, waive=waive, wanted=wanted)
    return checked_tags(contents.path, report, host, origin, waive=waive, wanted=wanted)


def _with_findings(report: WheelReport, others: Sequence[WheelReport]) -> WheelReport:
    """Return ``report`` with what was found on other hosts, each once."""
    if not others:
        return report
    both = (report, *others)
    return replace(
        report,
        warnings=tuple(dict.fromkeys(text for one in both for text in one.warnings)),
        tolerated=tuple(dict.fromkeys(text for one in both for text in one.tolerated)),
        findings=tuple(dict.fromkeys(finding for one in both for finding in one.findings)),
    )


def checked_tags(
    wheel: Path,
    report: WheelReport,
    host: Host,
    origin: Origin,
    *,
    waive: bool = False,
    wanted: Selection = ALL,
) -> WheelReport:
    """Check that installers on ``host`` accept the name of ``wheel``, and return ``report``, which is of its contents.

    With ``waive``, a fault is added to those that are waived. Raises AuditError.
    """
    tags = parse_wheel_filename(wheel.name)[3]
    what = rule = ""
    if tags.isdisjoint(installable_tags(host)):
        rule, what = "not-installable", f"no installer on the host {host.name} takes a wheel with its tags"
    # In a published wheel the audit has found this already, and tolerates it.
    elif (
        origin is not Origin.PUBLISHED and "any" in {tag.platform for tag in tags} and "any" not in report.platform_tags
    ):
        code = report.elf_files[0] if report.elf_files else "a static library in it"
        rule, what = "universal-tag", f"its platform tag is any, but {code} is for {host.platform.architecture.name}"
    if not what or not wanted.takes(finding := WheelFinding(id=rule, file=wheel.name, text=what)):
        return report
    if waive:
        spared = replace(finding, spared=True)
        return replace(report, waived=(*report.waived, str(finding)), findings=(*report.findings, spared))
    raise RefusedWheelError(
        f"{wheel.name} was refused: {what}. [{rule}]",
        why=f"Its contents fit the host. Its platform tag may be {', '.join(report.platform_tags)}.",
        fix=f"python -m wheel tags --platform-tag {'.'.join(report.platform_tags)} {wheel.name}",
        findings=[finding, *report.findings],
    )


def admit_wheel(
    wheel: Path, host: Host, *, name: str, waive: bool, wanted: Selection, reporter: Reporter
) -> WheelReport:
    """Check a wheel of the project ``name`` for ``host``, wherever it comes from. All wheels pass through here.

    Returns what is in it, with the hash of what was audited: nothing else may be delivered or installed. With
    ``waive``, what it would be refused for is a warning. ``wanted``: the findings that count. Raises AuditError.
    """
    # Before the audit: if the file changes meanwhile, the copy that is delivered has another hash.
    sha256 = sha256_of(wheel)
    try:
        report = check_wheel(wheel, host, Origin.PUBLISHED, waive=waive, wanted=wanted)
    except AuditError as error:
        hint = f"To use the wheel anyway: --no-check {name}" if error.waivable else ""
        error.fix = "\n".join(filter(None, (error.fix, hint)))
        raise
    tell_waived(report, wheel.name, reporter)
    if told := (*report.tolerated, *report.warnings):
        several = f"{len(told)} findings, such as " if len(told) > 1 else ""
        reporter.warning(f"{wheel.name}: {several}{told[0].removeprefix(f'{wheel.name}: ')}")
    return replace(report, sha256=sha256)


def tell_waived(report: WheelReport, label: str, reporter: Reporter) -> None:
    """Warn of the faults of a wheel that is used anyway."""
    if report.waived:
        reporter.warning("\n  ".join((f"{label} failed the check, and is used because of --no-check:", *report.waived)))
