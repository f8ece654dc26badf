"""Where a closure's wheels are made: of sdists of an index, and of what the user has in a place of his own."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from crossbuild.building.host_packages import build_with_libraries, cached_wheel, source_metadata
from crossbuild.building.sysroot_packages import wanted_packages
from crossbuild.errors import RequirementsError
from crossbuild.requirements.direct_spec import DirectSpec
from crossbuild.resolve.candidates import Candidate, Supply, once
from crossbuild.resolve.metadata import Metadata
from crossbuild.resolve.policy import check_hashes
from crossbuild.sources.direct import get_direct
from crossbuild.sources.project import Source
from crossbuild.wheels.distribution import MadeWheel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.requirements import Requirement

    from crossbuild.index.index import Found
    from crossbuild.options.build_options import ConfigSettings
    from crossbuild.resolve.candidates import JobContext
    from crossbuild.session.session import Session
    from crossbuild.sources.direct import Direct


@dataclass(frozen=True, kw_only=True)
class HostWorkshop:
    """Makes wheels for the host of ``session``; satisfies ``closure.available.Workshop``."""

    session: Session
    directory: Path
    """Where sources are unpacked, and what is built of directories is kept meanwhile."""
    named: frozenset[str] = frozenset()
    """The normalised names of projects that the options of the session are about, and not only the host's."""
    config_settings: Mapping[str, ConfigSettings] = field(default_factory=dict)
    """By a project's normalised name: those of its line in a file."""
    _unpacked: dict[Path, Source] = field(default_factory=dict)
    """By sdist, what nothing but its files was read of."""

    def metadata(self, sdist: Found) -> Metadata:
        """Return what the wheel of ``sdist`` will require: as its files promise, else as its backend says."""
        source = self._unpack(sdist)
        known = Metadata.from_project(source.directory, version=sdist.version)
        if known:
            self._unpacked[sdist.path] = source
            return known
        return Metadata.from_bytes(source_metadata(source, self._session(sdist.name)), label=source.label)

    def build(self, sdist: Found, job: JobContext) -> MadeWheel:
        """Return the host's wheel of ``sdist``."""
        source = self._unpacked.pop(sdist.path, None) or self._unpack(sdist)
        return cached_wheel(source, _for_job(self._session(sdist.name), job))

    def direct(self, requirement: Requirement) -> Candidate:
        """Return what the URL of ``requirement``, which a distribution requires, comes to."""
        name = canonicalize_name(requirement.name)
        choice = self._at(DirectSpec(where=requirement.url or "", name=name), self._session(name))
        return replace(choice, url=requirement.url or "")

    def choice(self, place: DirectSpec) -> Candidate:
        """Return what is at a ``place`` of the user's; built at once where only its wheel tells what it requires.

        Raises RequirementsError if it is another project than the user said, or hashes are wanted that it has not.
        """
        return self._at(place, self.session.with_config_settings(place.config_settings))

    def _at(self, place: DirectSpec, session: Session) -> Candidate:
        with self.session.reporter.step(f"Get {place.name or place.where}"):
            direct = get_direct(place.where, index=self.session.index, into=self._scratch(), name=place.name)
        if place.hashes:
            _check_hashes(direct, place)
        choice = _of_wheel(direct) or self._of_source(direct, session)
        if place.name and place.name != choice.name:
            raise RequirementsError(
                f"{direct.origin.url} is {choice.name}, not {place.name}.", fix="Give it the name that it has."
            )
        return choice

    def _of_source(self, direct: Direct, session: Session) -> Candidate:
        source = direct.source
        known = Metadata.from_project(source.directory, version=source.version)
        if known is None:
            return Candidate.from_made(self._build(source, session), origin=direct.origin)
        metadata = known

        def obtain(job: JobContext) -> Supply:
            return Supply.from_made(self._build(source, _for_job(session, job)), origin=direct.origin)

        return Candidate(
            name=metadata.name,
            version=metadata.version,
            tell=once(lambda: metadata),
            obtain=obtain,
            is_built=True,
        )

    def _build(self, source: Source, session: Session) -> MadeWheel:
        """Return the wheel of ``source``; that of a directory may have changed in any file, and is never kept."""
        if source.sdist:
            return cached_wheel(source, session)
        wanted = wanted_packages(source, session)
        built = build_with_libraries(source, wanted, session=session, wheel_dir=self._scratch())
        return MadeWheel(path=built.path, packages=built.packages)

    def _session(self, name: str) -> Session:
        session = self.session if name in self.named else self.session.for_host_requirement(name)
        return session.with_config_settings(self.config_settings.get(name, {}))

    def _unpack(self, sdist: Found) -> Source:
        return Source.from_sdist(sdist.path, into=self._scratch(), origin=sdist.url)

    def _scratch(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.directory))


def _for_job(session: Session, job: JobContext) -> Session:
    return replace(session, reporter=job.reporter, jobserver=job.jobserver)


def _of_wheel(direct: Direct) -> Candidate | None:
    return Candidate.from_wheel(direct.wheel, origin=direct.origin) if direct.wheel else None


def _check_hashes(direct: Direct, place: DirectSpec) -> None:
    file = direct.wheel or direct.source.sdist
    if file is None:
        raise RequirementsError(
            f"{direct.origin.url} can have no hash: it is a directory or a repository.",
            fix="Leave --hash away, or give an sdist.",
        )
    check_hashes(file, place.hashes)
