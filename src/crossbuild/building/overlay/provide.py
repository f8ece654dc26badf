"""Find the host's copy of each build requirement that needs one, and lay it over the build machine's."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from crossbuild.building.overlay.lay import lay
from crossbuild.building.overlay.needs import find_needs
from crossbuild.errors import NetworkError, RequirementsError, SourceError
from crossbuild.system.cache import digest
from crossbuild.system.filesystem import sha256_of
from crossbuild.wheels.check import admit_wheel
from crossbuild.wheels.tags import installable_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from crossbuild.building.overlay.needs import HostNeed
    from crossbuild.host.model import Host
    from crossbuild.session.session import Session

_SAME = "same-everywhere"


def lay_host_copies(
    site_packages: Path,
    *,
    host: Host,
    session: Session,
    demanded: Collection[str],
    build: Callable[[Requirement], Path],
) -> None:
    """Make the interfaces of what is installed in ``site_packages`` those of ``host``, where they differ by machine.

    The versions are those that are installed. A wheel of the index is taken where one fits the host; otherwise
    ``build`` makes one. ``demanded`` are normalised names of what needs its host's copy whatever it holds.
    Raises RequirementsError if there is none, AuditError if it is refused, and what ``build`` and the index raise.
    """
    for need in find_needs(site_packages, demanded):
        surely = need.name in demanded or need.has_machine_code
        if surely or not _is_same_everywhere(need, session, host):
            with session.reporter.step(f"Lay {need.name} {need.version} for the host over the build machine's"):
                wheel = _find(need, session, host) or (_build(need, host, build) if surely else None)
                if wheel:
                    _admit(wheel, need, session, host)
                    lay(wheel, over=need, site_packages=site_packages)
                else:
                    session.reporter.warning(
                        f"The headers of {need.name} {need.version} are the build machine's, and may differ on the "
                        f"host: the index has no wheel for it. If the project compiles against them: "
                        f"--host-requires {need.name}"
                    )


def _find(need: HostNeed, session: Session, host: Host) -> Path | None:
    found = session.index.find_wheel(need.name, need.version, installable_tags(host))
    return found.path if found else None


def _admit(wheel: Path, need: HostNeed, session: Session, host: Host) -> None:
    waive = session.waives(need.name)
    admit_wheel(wheel, host, name=need.name, waive=waive, reporter=session.reporter)


def _build(need: HostNeed, host: Host, build: Callable[[Requirement], Path]) -> Path:
    try:
        return build(_exactly(need))
    except SourceError as error:
        raise RequirementsError(
            f"The project compiles against {need.name}, of which there is {need.version} for the build machine, "
            f"but nothing of that version for {host.platform.wheel_tag}.",
            why=str(error),
            fix="Constrain the build to a version that has an sdist, or a wheel for the host: --build-constraint FILE "
            f"with the line {need.name}==VERSION.",
        ) from None


def _is_same_everywhere(need: HostNeed, session: Session, host: Host) -> bool:
    """Return whether ``need`` is the same for every machine, as its sdist shows. Each answer is kept."""
    contents = [sha256_of(file) for file in need.interface]

    def make(scratch: Path) -> None:
        with tempfile.TemporaryDirectory() as unpacked:
            sdist = session.index.find_sdist(_exactly(need), host.python_version).path
            if need.is_as_in(sdist, Path(unpacked)):
                (scratch / _SAME).touch()

    key = digest(need.name, str(need.version), contents)
    try:
        return (session.cache.entry("interfaces", key, make) / _SAME).exists()
    except (SourceError, NetworkError):  # there is no sdist to compare with, today
        return False


def _exactly(need: HostNeed) -> Requirement:
    return Requirement(f"{need.name}=={need.version}")
