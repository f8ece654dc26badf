"""Find the host's copy of each build requirement that needs one, and lay it over the build machine's."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from packaging.requirements import Requirement

from crossbuild.building.overlay.lay import lay
from crossbuild.building.overlay.needs import find_needs
from crossbuild.errors import NetworkError, RequirementsError, SourceError
from crossbuild.system.cache import digest
from crossbuild.system.filesystem import sha256_of
from crossbuild.wheels.check import admit_wheel

if TYPE_CHECKING:
    from collections.abc import Collection

    from crossbuild.building.build_venv import BuildVenv
    from crossbuild.building.overlay.needs import HostNeed
    from crossbuild.host.model import Host
    from crossbuild.session.session import Session
    from crossbuild.wheels.distribution import Distribution

_SAME = "same-everywhere"


class HostWheels(Protocol):
    """Has the host's wheels of what builds compile against."""

    def __call__(self, requirement: Requirement, *, may_build: bool) -> Distribution | None:
        """Return that of ``requirement``: an index's, else one that is built, if it may be; None if there is none.

        Raises SourceError if there is nothing to build it from, and what fetching and building raise.
        """


def lay_host_copies(
    venv: BuildVenv,
    *,
    host: Host,
    session: Session,
    demanded: Collection[str],
    wheels: HostWheels,
) -> list[Distribution]:
    """Make the interfaces of what is installed in ``venv`` those of ``host``, where they differ by machine.

    The versions are those that are installed, and ``wheels`` has them. ``demanded`` are normalised names of projects
    that need the host's copy in any case. Returns the host's wheels that it took. Raises RequirementsError if there is
    none, AuditError if it is refused, and what ``wheels`` and the index raise.
    """
    used: list[Distribution] = []
    for need in find_needs(venv.site_packages, demanded):
        # An archive is machine code, so the build machine's is wrong in any case. Most headers are the same on all
        # machines, so a project is not built for these alone.
        surely = need.name in demanded or need.has_machine_code
        if surely or not _is_same_everywhere(need, session):
            with session.reporter.step(f"Lay {need.name} {need.version} for the host over the build machine's"):
                if found := _find(need, host, wheels, may_build=surely):
                    _audit(found, session, host)
                    lay(found.wheel, over=need, venv=venv)
                    used.append(found)
                else:
                    session.reporter.warning(
                        f"The headers of {need.name} {need.version} are the build machine's, and may differ on the "
                        f"host: the index has no wheel for it. If the project compiles against them: "
                        f"--host-requires {need.name}"
                    )
    return used


def _audit(found: Distribution, session: Session, host: Host) -> None:
    if found.report is None:  # else it was built just now
        waive, wanted = session.waives(found.name), session.wanted(found.name)
        admit_wheel(found.wheel, host, name=found.name, waive=waive, wanted=wanted, reporter=session.reporter)


def _find(need: HostNeed, host: Host, wheels: HostWheels, *, may_build: bool) -> Distribution | None:
    try:
        return wheels(Requirement(f"{need.name}=={need.version}"), may_build=may_build)
    except SourceError as error:
        raise RequirementsError(
            f"The project compiles against {need.name}, of which there is {need.version} for the build machine, "
            f"but nothing of that version for {host.platform.wheel_tag}.",
            why=str(error),
            fix="Constrain the build to a version that has an sdist, or a wheel for the host: --build-constraint FILE "
            f"with the line {need.name}==VERSION.",
        ) from None


def _is_same_everywhere(need: HostNeed, session: Session) -> bool:
    """Return whether ``need`` is the same for every machine, as its sdist shows. Each answer is kept."""
    contents = [sha256_of(file) for file in need.interface]

    # "No" is kept, too, as an entry without the file: either answer costs the download of an sdist.
    def make(scratch: Path) -> None:
        sdist = session.services.index.find_sdist(need.name, need.version, reporter=session.reporter)
        if sdist is None:
            raise SourceError(f"{need.name} {need.version} has no sdist.")
        with tempfile.TemporaryDirectory() as unpacked:
            if need.is_as_in(sdist.path, Path(unpacked)):
                (scratch / _SAME).touch()

    key = digest(need.name, str(need.version), contents)
    try:
        return (session.services.cache.entry("interfaces", key, make) / _SAME).exists()
    except (SourceError, NetworkError):  # there is no sdist to compare with, today
        return False
