"""Where the host's wheels are made: of sdists of an index, of what the user names by its place, and for builds."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from crossbuild.building.cached import Builder
from crossbuild.errors import AuditError, BackendError, RequirementsError
from crossbuild.index.files import no_sdist
from crossbuild.requirements.direct_spec import DirectSpec
from crossbuild.resolve.available import Available
from crossbuild.resolve.candidates import Candidate, once
from crossbuild.resolve.metadata import Metadata
from crossbuild.resolve.policy import Policy, check_hashes
from crossbuild.sources.direct import get_direct
from crossbuild.sources.project import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.requirements import Requirement

    from crossbuild.errors import NetworkError, SourceError
    from crossbuild.index.index import Found
    from crossbuild.options.build_options import ConfigSettings
    from crossbuild.session.job import JobContext
    from crossbuild.session.session import Session
    from crossbuild.sources.direct import Direct
    from crossbuild.wheels.distribution import Distribution, Origin


@dataclass(frozen=True, kw_only=True)
class HostWorkshop:
    """Makes wheels for the host of ``session``; satisfies ``resolve.available.Workshop``."""

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
        source = self.unpack(sdist)
        known = Metadata.from_project(source.directory, version=sdist.version)
        # No hook has run in this tree, so it can still be built.
        if known:
            self._unpacked[sdist.path] = source
            return known
        return Metadata.from_bytes(builder(self._session(sdist.name)).metadata(source), label=source.label)

    def build(self, sdist: Found, origin: Origin, job: JobContext) -> Distribution:
        """Return the host's wheel of ``sdist``, which is from ``origin``."""
        source = self._unpacked.pop(sdist.path, None) or self.unpack(sdist)
        return self._build(source, origin, self._session(sdist.name).for_job(job))

    def unpack(self, sdist: Found) -> Source:
        """Return the project in ``sdist``."""
        return Source.from_sdist(sdist.path, into=self._scratch(), origin=sdist.url)

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

    def project(self, place: DirectSpec) -> Source:
        """Return the project at a ``place`` of the user's. Raises LookupError if there is a wheel."""
        return self._get(place).source

    def _at(self, place: DirectSpec, session: Session) -> Candidate:
        direct = self._get(place)
        wheel = direct.wheel
        called = place.name
        choice = (
            Candidate.from_wheel(wheel, origin=direct.origin) if wheel else self._of_source(direct, session, called)
        )
        if place.name and place.name != choice.name:
            raise RequirementsError(
                f"{direct.origin.url} is {choice.name}, not {place.name}.", fix="Give it the name that it has."
            )
        return choice

    def _get(self, place: DirectSpec) -> Direct:
        shown = str(place.where).partition("#")[0].rstrip("/").rpartition("/")[2]
        with self.session.reporter.step(f"Get {place.name or shown}"):
            direct = get_direct(
                place.where,
                index=self.session.services.index,
                into=self._scratch(),
                name=place.name,
                reporter=self.session.reporter,
            )
        if place.hashes:
            _check_hashes(direct, place)
        if place.through_sdist and direct.project and not direct.project.sdist:
            return replace(direct, project=replace(direct.project, through_sdist=True))
        return direct

    def _of_source(self, direct: Direct, session: Session, _: str) -> Candidate:
        source = direct.source
        known = Metadata.from_project(source.directory, version=source.version)
        if known:
            return self._to_build(known, direct, session)
        # Asking only its backend takes the same preparation, and it will be built anyway.
        started = time.monotonic()
        built = self._build(source, direct.origin, session)
        candidate = Candidate.from_distribution(replace(built, seconds=time.monotonic() - started))
        return replace(candidate, unpack=source.unpacked_again if source.sdist else lambda: source)

    def _to_build(self, metadata: Metadata, direct: Direct, session: Session) -> Candidate:
        source = direct.source

        def obtain(job: JobContext) -> Distribution:
            return self._build(source, direct.origin, session.for_job(job))

        return Candidate(
            name=metadata.name,
            version=metadata.version,
            tell=once(lambda: metadata),
            obtain=obtain,
            unpack=lambda: source,
            is_built=True,
            origin=direct.origin,
        )

    def _build(self, source: Source, origin: Origin, session: Session) -> Distribution:
        return builder(session).wheel(source, origin=origin, scratch=self._scratch())

    def _session(self, name: str) -> Session:
        session = self.session if name in self.named else self.session.for_host_requirement(name)
        return session.with_config_settings(self.config_settings.get(name, {}))

    def _scratch(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.directory))


def host_wheel(session: Session, requirement: Requirement, *, may_build: bool) -> Distribution | None:
    """Return the host's wheel of a build requirement: an index's, else one that is built or kept, if it ``may_build``.

    None if there is no wheel, and it may not be built. Raises SourceError if there is nothing to build it from, and
    RequirementsError.
    """
    name = canonicalize_name(requirement.name)
    with (
        tempfile.TemporaryDirectory(prefix="crossbuild-sources-") as directory,
        session.services.index.connected() as index,
    ):
        available = Available(
            index=index,
            host=session.plan().known_host,
            workshop=HostWorkshop(session=session, directory=Path(directory)),
            policy=Policy(only_binary=frozenset(() if may_build else (name,))),
            reporter=session.reporter,
        )
        choice = next(available.of(name, requirement.specifier), None)
        if choice is None and may_build:
            raise _nothing_to_build(requirement, available)
        if choice and choice.is_built:
            _check_not_building(requirement, session.job.building)
        try:
            # The session of the workshop has what is being built already, and adds that of the job.
            return choice.obtain(replace(session.job, building=())) if choice else None
        except (BackendError, AuditError) as error:
            # The dependent's build would take an error of the same class for its own, and retry with more libraries.
            raise _without_host_requirement(requirement, error) from None


def _nothing_to_build(requirement: Requirement, available: Available) -> SourceError | NetworkError:
    candidates = available.candidates(canonicalize_name(requirement.name))
    return no_sdist(candidates, requirement, available.python) if candidates else available.index.unknown(requirement)


def _check_not_building(requirement: Requirement, building: Sequence[str]) -> None:
    name = canonicalize_name(requirement.name)
    if name in building:
        raise RequirementsError(
            f"To build {requirement.name} for the host, {requirement.name} is needed for the host.",
            why=f"Each is a build requirement of the one before: {', '.join((*building, name))}.",
            fix="Give a wheel of one of them for the host, with --find-links.",
        )


def _without_host_requirement(requirement: Requirement, error: BackendError | AuditError) -> RequirementsError:
    refusal = RequirementsError(
        f"{requirement} could not be built for the host: {error.what}",
        why=error.why,
        fix=error.fix,
    )
    refusal.kept, refusal.log, refusal.record = error.kept, error.log, error.record
    return refusal


def builder(session: Session) -> Builder:
    """Return what builds projects in ``session``, and has the wheels of their build requirements."""
    return Builder(session=session, host_wheels=partial(host_wheel, session))


def _check_hashes(direct: Direct, place: DirectSpec) -> None:
    file = direct.wheel or direct.source.sdist
    if file is None:
        raise RequirementsError(
            f"{direct.origin.url} can have no hash: it is a directory or a repository.",
            fix="Leave --hash away, or give an sdist.",
        )
    check_hashes(file, place.hashes)
