"""Wheels that something else built: repaired, checked, and put beside the others under the host's tags."""

from __future__ import annotations

import calendar
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from crossbuild.errors import SourceError
from crossbuild.repair.repair import repair
from crossbuild.system.filesystem import sha256_of
from crossbuild.system.scratch import temporary_directory
from crossbuild.system.source_date import source_date_epoch
from crossbuild.wheels.archive import open_wheel
from crossbuild.wheels.audit import Origin, audit
from crossbuild.wheels.bundled import bundled_libraries
from crossbuild.wheels.check import checked_tags
from crossbuild.wheels.distribution import BuiltWheel, Distribution
from crossbuild.wheels.paths import PathSearch
from crossbuild.wheels.retag import finish_wheel
from crossbuild.wheels.selection import Selection
from crossbuild.wheels.wheel_contents import read_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter


def repair_given(
    wheel: Path,
    host: Host,
    *,
    wheel_dir: Path,
    options: BuildOptions,
    environ: Mapping[str, str],
    reporter: Reporter,
) -> BuiltWheel:
    """Put ``wheel``, with what it needs on ``host`` and may not find there, into ``wheel_dir``; it stays as it is.

    It gets the tags of the host. Raises SourceError if it is not there, AuditError if it is refused even so, and
    CommandError without patchelf.
    """
    if not wheel.is_file():
        raise SourceError(f"{wheel} does not exist.", fix="Give the path of a wheel.")
    wanted = Selection.for_project(wheel.name.partition("-")[0], options)
    with temporary_directory() as scratch, reporter.step(f"Repair {wheel.name}"):
        copy = scratch / wheel.name
        shutil.copyfile(wheel, copy)
        asked = replace(options.repair, when="always")
        # What compiled it is not known, so there is no compiler whose libraries would fit.
        repair(copy, host, asked, runtime=lambda _: None, environ=environ)
        report = audit(read_wheel(copy, PathSearch.from_paths([])), host, Origin.GIVEN, wanted=wanted)
        final = finish_wheel(copy, report=report, destination=wheel_dir, date=_date(copy, environ))
    report = checked_tags(final, report, host, Origin.GIVEN, wanted=wanted)
    for library in bundled_libraries(final):
        reporter.note(f"It brings along: {library}")
    for finding in report.findings:
        reporter.warning(finding.warning)
    report = replace(report, sha256=sha256_of(final))
    return BuiltWheel.from_distribution(Distribution.from_wheel(final, report=report))


def _date(wheel: Path, environ: Mapping[str, str]) -> int:
    """Return the seconds since 1970 that the members of the new wheel get: when the old one was finished."""
    with open_wheel(wheel) as archive:
        finished = archive.zip.getinfo(f"{archive.dist_info}/RECORD").date_time
    return source_date_epoch(environ) or calendar.timegm((*finished, 0, 0, 0))
