"""What there is for a host: on an index, to be built from sdists, and what is here."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from packaging.utils import canonicalize_name
from packaging.version import Version

from crossbuild.errors import NetworkError, RequirementsError
from crossbuild.index.files import best_sdist, choose_wheel, pins
from crossbuild.index.settings import redacted
from crossbuild.reporting import SilentReporter
from crossbuild.resolve.candidates import Candidate, once
from crossbuild.resolve.metadata import Metadata
from crossbuild.resolve.policy import Policy, check_hashes
from crossbuild.wheels.distribution import Distribution, Origin
from crossbuild.wheels.tags import installable_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet
    from packaging.tags import Tag

    from crossbuild.host.model import KnownHost
    from crossbuild.index.files import IndexFile
    from crossbuild.index.index import Found, Index
    from crossbuild.reporting import Reporter
    from crossbuild.session.job import JobContext
    from crossbuild.sources.project import Source


class Workshop(Protocol):
    """Makes the host's wheels of sdists, and asks these what they require."""

    def metadata(self, sdist: Found) -> Metadata:
        """Return what the wheel of ``sdist`` will require."""

    def build(self, sdist: Found, origin: Origin, job: JobContext) -> Distribution:
        """Return the host's wheel of ``sdist``, which is from ``origin``."""

    def unpack(self, sdist: Found) -> Source:
        """Return the project in ``sdist``."""

    def direct(self, requirement: Requirement) -> Candidate:
        """Return what the URL of ``requirement`` comes to: an archive, a wheel, or a repository."""


@dataclass(frozen=True, kw_only=True)
class Available:
    """What there is for a host: on an index, to be built from its sdists, and what is here."""

    index: Index
    host: KnownHost
    workshop: Workshop
    policy: Policy = field(default_factory=Policy)
    given: Mapping[str, Candidate] = field(default_factory=dict)
    """What the user gave as a file, a directory or a URL: nothing else is meant by that project's normalised name."""
    there: Mapping[str, Candidate] = field(default_factory=dict)
    """What the host has, by normalised name."""
    keeps: Callable[[str], bool] = lambda _: True
    """Whether what the host has of a project is to be taken wherever it will do, and not only if nothing is newer."""
    reporter: Reporter = field(default_factory=SilentReporter)
    """What hears of problems of the index, and of files that have to be read before anything is chosen."""
    shows_absent: bool = False
    """Whether a project that the host cannot have is a candidate, too, and not only missing."""
    pool: Executor | None = None
    """Where to ask an index for what will probably be wanted next."""
    _listings: dict[str, Callable[[], list[IndexFile]]] = field(default_factory=dict)
    _usable: dict[tuple[str, bool], Callable[[], dict[Version, list[IndexFile]]]] = field(default_factory=dict)
    _choices: dict[tuple[str, str], Candidate] = field(default_factory=dict)
    _directs: dict[tuple[str, str], Candidate] = field(default_factory=dict)

    def of(self, name: str, specifier: SpecifierSet) -> Iterator[Candidate]:
        """Yield the choices that ``specifier`` leaves, the best first. No index is asked before it has to be."""
        choice = None
        for choice in self._of(name, specifier):
            yield choice
        if choice is None and self.shows_absent and name not in self.given:
            yield from self._absent(name, specifier)

    def _absent(self, name: str, specifier: SpecifierSet) -> Iterator[Candidate]:
        """Yield the newest version that ``specifier`` leaves, of which no file is for the host; or an unknown project.

        A project of which all versions are excluded is not absent, but in a conflict.
        """
        versions = {one.version for one in self.candidates(name) if one.version}
        left = [one for one in versions if specifier.contains(one, prereleases=True)]
        if left or not versions:
            yield Candidate.absent(name, newest := max(left, default=None), lack=self._lack(name, newest))

    def _lack(self, name: str, version: Version | None) -> str:
        """Say why the host cannot have ``version`` of a project."""
        if version is None:
            return "is not on any index"
        faults = {one.fault(self.python) for one in self.candidates(name) if one.version == version}
        if all(faults):
            return ", ".join(sorted(faults))
        if not self.policy.takes_sdists(name):
            return "has no wheel for the host, and may not be built"
        return "has no wheel for the host and no sdist" if self.policy.takes_wheels(name) else "has no sdist"

    def _of(self, name: str, specifier: SpecifierSet) -> Iterator[Candidate]:
        # A project that has to be built is built even if the host has it.
        there = self.there.get(name) if self.policy.takes_wheels(name) else None
        here = self.given.get(name) or (there if self.keeps(name) else None)
        if here and here.is_in(specifier):
            yield here
        if name not in self.given:
            listed = self._listed(name, specifier, there)
            if self.policy.prefer_binary:
                listed = iter(sorted(listed, key=lambda choice: (not choice.is_built, choice.version), reverse=True))
            yield from self._by_release(name, specifier, listed)

    def _by_release(self, name: str, specifier: SpecifierSet, listed: Iterator[Candidate]) -> Iterator[Candidate]:
        """Yield what is ``listed``, pre-releases as the user wants them; else only if there is nothing but these.

        What the host has stays in any case.
        """
        there, wished = self.there.get(name), self.policy.takes_pre_releases(name)
        if wished is False:
            return (one for one in listed if one is there or not one.version.is_prerelease)
        return listed if wished or specifier.prereleases else _releases_first(listed, there)

    def exactly(self, name: str, candidate: IndexFile) -> Candidate:
        """Return that one file of a project, a wheel or an sdist, which has a version."""
        version = candidate.version or Version("0")
        make = self._of_sdist if candidate.is_sdist else self._of_wheel
        return make(name, version, candidate)

    def at(self, requirement: Requirement) -> Candidate:
        """Return what the URL of ``requirement`` comes to."""
        key = (requirement.name, requirement.url or "")
        if key not in self._directs:
            self._directs[key] = self.workshop.direct(requirement)
        return self._directs[key]

    def candidates(self, name: str) -> list[IndexFile]:
        """Return all that the indexes list of a project, asked once."""
        return self._listings.setdefault(name, once(lambda: self.index.list_all(name)))()

    def foresee(self, requirement: Requirement) -> None:
        """Begin to ask for what ``requirement`` will probably come to; what goes wrong is said when it is needed."""
        if self.pool and not requirement.url:
            self.pool.submit(self._foresee, canonicalize_name(requirement.name), requirement.specifier)

    def _foresee(self, name: str, specifier: SpecifierSet) -> None:
        # What an sdist requires may take a build to tell, and this one may not be chosen.
        choice = next(self.of(name, specifier & self.policy.limits(name)), None)
        if choice and not choice.is_built:
            choice.tell()

    @cached_property
    def tags(self) -> Sequence[Tag]:
        """Those of the wheels that the host takes, the best first."""
        return installable_tags(self.host)

    @cached_property
    def python(self) -> Version:
        """The version of the host's Python."""
        return Version(".".join(map(str, self.host.python_version)))

    def _listed(self, name: str, specifier: SpecifierSet, there: Candidate | None) -> Iterator[Candidate]:
        """Yield what ``specifier`` leaves of what is listed, and of what is ``there``, the newest first."""
        pinned = pins(specifier)
        versions = self._usable.setdefault((name, pinned), once(lambda: self._by_version(name, pinned=pinned)))()
        known = {*versions, *([there.version] if there else [])}
        for version in sorted((one for one in known if specifier.contains(one, prereleases=True)), reverse=True):
            if there and version == there.version:
                yield there
            elif choice := self._choice(name, version, versions[version]):
                yield choice

    def _by_version(self, name: str, *, pinned: bool) -> dict[Version, list[IndexFile]]:
        """Return what Python and the policy leave of a project's files; ``pinned``: also what was yanked (PEP 592)."""
        usable: dict[Version, list[IndexFile]] = {}
        for candidate in self.candidates(name):
            fits = not candidate.refuses(self.python) and (pinned or not candidate.yanked)
            if candidate.version and fits and self.policy.admits(name, candidate):
                usable.setdefault(candidate.version, []).append(candidate)
        return usable

    def _choice(self, name: str, version: Version, candidates: Sequence[IndexFile]) -> Candidate | None:
        """Return the best of ``candidates``; the same each time."""
        wheel = choose_wheel(candidates, version, self.tags) if self.policy.takes_wheels(name) else None
        best = wheel or (best_sdist(candidates) if self.policy.takes_sdists(name) else None)
        if best is None:
            return None
        return self._choices.setdefault((name, best.url), self.exactly(name, best))

    def _fetch(self, name: str, file: IndexFile, reporter: Reporter) -> Found:
        found = self.index.fetch(name, file, reporter=reporter)
        check_hashes(found.path, self.policy.hashes.get(name, {}))
        return found

    def _of_wheel(self, name: str, version: Version, wheel: IndexFile) -> Candidate:
        told: list[Metadata] = []

        @once  # one that was downloaded to read its metadata would seem to be from the cache
        def fetch(reporter: Reporter) -> Found:
            return self._fetch(name, wheel, reporter)

        def tell() -> Metadata:
            beside = self._beside(name, version, wheel)
            told.extend([beside] if beside else [])
            return beside or Metadata.from_wheel(fetch(self.reporter).path)

        def obtain(job: JobContext) -> Distribution:
            found = fetch(job.reporter)
            # Versions were chosen by what the index says: another METADATA would ask for what nobody resolved.
            if told and told[0] != Metadata.from_wheel(found.path):
                raise _contradiction(wheel)
            return Distribution.from_wheel(found.path, origin=_origin(name, wheel, found), is_kept=found.is_kept)

        return Candidate(name=name, version=version, tell=once(tell), obtain=obtain, listed=wheel)

    def _beside(self, name: str, version: Version, wheel: IndexFile) -> Metadata | None:
        """Return the metadata that the index has beside ``wheel``; None if there are none that can be used."""
        try:
            content = self.index.metadata(wheel)
            metadata = Metadata.from_bytes(content, label=wheel.filename) if content is not None else None
            if metadata:
                _check_identity(metadata, name, version, wheel)
        except (NetworkError, RequirementsError) as error:
            self.reporter.warning(
                f"The index has unusable metadata for {wheel.filename}; reading the wheel instead. {error.what}"
            )
            return None
        return metadata

    def _of_sdist(self, name: str, version: Version, sdist: IndexFile) -> Candidate:
        def obtain(job: JobContext) -> Distribution:
            with job.reporter.step(f"Get the source of {name} {version}"):
                found = self._fetch(name, sdist, job.reporter)
            return self.workshop.build(found, _origin(name, sdist, found), job)

        def tell() -> Metadata:
            metadata = self.workshop.metadata(self._fetch(name, sdist, self.reporter))
            _check_identity(metadata, name, version, sdist)
            return metadata

        def unpack() -> Source:
            return self.workshop.unpack(self._fetch(name, sdist, self.reporter))

        return Candidate(
            name=name, version=version, tell=once(tell), obtain=obtain, unpack=unpack, is_built=True, listed=sdist
        )


def _releases_first(choices: Iterable[Candidate], there: Candidate | None) -> Iterator[Candidate]:
    """Yield ``choices`` without the pre-releases, unless these are all that there is (PEP 440)."""
    others: list[Candidate] = []
    found = False
    for choice in choices:
        if choice.version.is_prerelease and choice is not there:
            others.append(choice)
        else:
            found = True
            yield choice
    if not found:
        yield from others


def _origin(name: str, candidate: IndexFile, found: Found) -> Origin:
    # The page of a project is INDEX/NAME/ (PEP 503). A page of --find-links belongs to no index.
    index, _, page = redacted(candidate.index).rstrip("/").rpartition("/")
    return Origin(
        url=redacted(candidate.url),
        filename=candidate.filename,
        hashes=dict(candidate.hashes) or {"sha256": found.sha256},
        index=index if canonicalize_name(page) == name else "",
    )


def _contradiction(wheel: IndexFile) -> NetworkError:
    return NetworkError(
        f"{wheel.filename} has other dependencies than its index says.",
        why=f"The wheel and the metadata beside it at {redacted(wheel.url)} do not agree.",
        fix="Report this to the index. Choose another version, or build it from source with --no-binary.",
    )


def _check_identity(metadata: Metadata, name: str, version: Version, file: IndexFile) -> None:
    if (metadata.name, metadata.version) != (name, version):
        raise RequirementsError(
            f"{file.filename} is misnamed: its metadata are of {metadata.name} {metadata.version}.",
            fix=f"Ask for another version of {name}.",
        )
