"""What is installed for the host in a cross environment: a site of its own, which no Python here imports from.

The wheels are kept beside it: it is laid out anew from them each time, and replaces the one before as a whole.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from crossbuild.errors import RequirementsError
from crossbuild.reporting import packages_of
from crossbuild.resolve.candidates import Candidate
from crossbuild.resolve.resolver import unmet
from crossbuild.system.filesystem import replaced
from crossbuild.toolchain.compilers import SITE_VARIABLE
from crossbuild.wheelhouse.gate import deliver
from crossbuild.wheelhouse.make import distributions
from crossbuild.wheels.prefix_install import install_wheel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from crossbuild.requirements.request import Request
    from crossbuild.session.session import Session
    from crossbuild.wheels.distribution import Distribution


@dataclass(frozen=True, kw_only=True)
class HostSite:
    """The host site of the cross environment in ``environment``."""

    environment: Path

    @property
    def prefix(self) -> Path:
        """Where things are installed."""
        return self.environment / "host"

    @property
    def wheels(self) -> dict[str, Path]:
        """The wheels that are installed, by normalised name."""
        found = sorted((self.environment / "wheels").glob("*.whl"), key=lambda wheel: wheel.stat().st_mtime_ns)
        versions = {wheel: parse_wheel_filename(wheel.name)[:2] for wheel in found}
        # One that was replaced may still be there, or one that was to be: if somebody was killed.
        return {name: wheel for wheel, (name, version) in versions.items() if (name, version) in self._installed()}

    @property
    def versions(self) -> dict[str, Version]:
        """What is installed, by normalised name, in alphabetical order."""
        return {name: parse_wheel_filename(wheel.name)[1] for name, wheel in sorted(self.wheels.items())}

    def session(self, session: Session) -> Session:
        """Return the session in which what is built finds what is installed here."""
        index = session.services.index
        # As a place to look at: what is installed is found without any index, too.
        links = (*index.settings.find_links, (self.environment / "wheels").as_uri())
        services = replace(
            session.services,
            environ={**session.services.environ, SITE_VARIABLE: str(self.prefix)},
            index=replace(index, settings=replace(index.settings, find_links=links)),
        )
        return replace(session, services=services)

    def make(self) -> None:
        """Make it, with nothing in it."""
        _make_prefix(self.prefix)
        (self.environment / "wheels").mkdir()

    def install(self, request: Request, *, session: Session, upgrade: bool = False) -> list[Distribution]:
        """Install ``request`` and its dependencies on the host; return the distributions that were missing.

        Wheels for the host come from the index; projects without one are built. Installed packages stay if they satisfy
        the requirements; with ``upgrade``, requested ones stay only if there is no newer version. Raises AuditError,
        RequirementsError and what building raises; then nothing has changed.
        """
        there = {name: Candidate.from_wheel(wheel) for name, wheel in self.wheels.items()}
        wanted = replace(request, upgrade="only-if-needed" if upgrade else "")
        with self._changing() as scratch, session.reporter.step("Install for the host"):
            progress = packages_of(session.reporter)
            with closing(distributions(wanted, session=session, progress=progress, there=there)) as found:
                chosen = [deliver(one, scratch) for one in found]
            chosen.sort(key=attrgetter("name"))
            self._replace({one.name: one.wheel for one in chosen}, removed=(), session=session)
        return chosen

    def uninstall(self, names: Sequence[str], *, session: Session) -> set[str]:
        """Remove projects; return their normalised names.

        Raises RequirementsError for what is not there; then nothing has changed.
        """
        with self._changing():
            removed: set[str] = {canonicalize_name(name) for name in names}
            if absent := sorted(removed - self.wheels.keys()):
                raise RequirementsError(f"{', '.join(absent)} is not installed for the host.")
            self._replace({}, removed=removed, session=session)
        return removed

    def _installed(self) -> set[tuple[str, Version]]:
        found = self.prefix.glob("lib/python*/site-packages/*.dist-info")
        parts = (directory.stem.partition("-") for directory in found)
        return {(canonicalize_name(name), Version(version)) for name, _, version in parts}

    @contextmanager
    def _changing(self) -> Iterator[Path]:
        """Keep others from changing it meanwhile, and finish what one did who was killed; give a directory."""
        with FileLock(self.environment / "host.lock"), tempfile.TemporaryDirectory(dir=self.environment) as scratch:
            if not self.prefix.exists():
                self._new.rename(self.prefix)
            yield Path(scratch)

    @property
    def _new(self) -> Path:
        """The site that takes the place of this one: whole when this one is gone."""
        return self.environment / "host.new"

    def _replace(self, new: dict[str, Path], *, removed: Collection[str], session: Session) -> None:
        """Lay the site out with the wheels ``new`` in the place of those of the same projects."""
        wheels = {name: wheel for name, wheel in {**self.wheels, **new}.items() if name not in removed}
        shutil.rmtree(self._new, ignore_errors=True)
        _make_prefix(self._new)
        host = session.target().host
        for wheel in wheels.values():
            install_wheel(wheel, self._new, host=host)
        kept = self._keep(wheels.values())
        # As pip does: what no longer fits is said, but what was asked for is done.
        for complaint in unmet(map(Candidate.from_wheel, wheels.values()), host):
            session.reporter.warning(complaint)
        old = self.environment / "host.old"
        shutil.rmtree(old, ignore_errors=True)
        # rename(2) replaces no directory that has something in it, so for a moment there is none. If we are killed in
        # that, the next change first puts the new one there (_changing).
        self.prefix.rename(old)
        self._new.rename(self.prefix)
        shutil.rmtree(old)
        for left in set((self.environment / "wheels").iterdir()) - kept:
            left.unlink()

    def _keep(self, wheels: Collection[Path]) -> set[Path]:
        """Copy ``wheels`` to those of the site, and return all of them there."""
        kept = {self.environment / "wheels" / wheel.name: wheel for wheel in wheels}
        for final, wheel in kept.items():
            if final != wheel:
                with replaced(final) as beside:
                    shutil.copyfile(wheel, beside)
        return set(kept)


def _make_prefix(prefix: Path) -> None:
    # Linkers complain about directories that they are told of and that are not there.
    for name in ("include", "lib"):
        (prefix / name).mkdir(parents=True)
