"""Wheels that somebody else built: as they are, no host may be surprised by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

from crossbuild.errors import AuditError, SourceError
from crossbuild.wheels.audit import audit_wheel
from crossbuild.wheels.tags import installable_tags

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.wheels.audit import WheelReport


def check_wheel(wheel: Path, host: Host) -> WheelReport:
    """Check everything in ``wheel`` against ``host``, and that installers there take it under the name it has.

    Raises SourceError if it is not there, and AuditError.
    """
    if not wheel.is_file():
        raise SourceError(f"{wheel} does not exist.", fix="Give the path of a wheel.")
    report = audit_wheel(wheel, host)
    if parse_wheel_filename(wheel.name)[3].isdisjoint(installable_tags(host)):
        fitting = ", ".join(report.platform_tags)
        raise AuditError(
            f"{wheel.name} was refused: no installer on the host {host.name} takes a wheel with its tags.",
            why=f"All that is in it fits the host. Its platform tag may be {fitting}.",
            fix=f"python -m wheel tags --platform-tag {'.'.join(report.platform_tags)} {wheel.name}",
        )
    return report
