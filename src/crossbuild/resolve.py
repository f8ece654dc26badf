"""Which distributions a host gets: everything that requirements, and the requirements of those, come to there."""

from __future__ import annotations

import email.parser
import operator
import zipfile
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version
from resolvelib import AbstractProvider, BaseReporter, ResolutionImpossible, Resolver

from crossbuild.errors import RequirementsError
from crossbuild.host.markers import marker_environment
from crossbuild.sources.candidates import choose_wheel, pins
from crossbuild.wheels.tags import installable_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from resolvelib.resolvers import RequirementInformation

    from crossbuild.host.model import Host
    from crossbuild.sources.candidates import Candidate
    from crossbuild.sources.index import Index

_MOST_ROUNDS = 100_000
_LISTED = 5
"""How many versions an error lists, the newest first."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """A version of a project, which the host can have."""

    name: str
    """The project's normalised name."""
    version: Version
    obtain: Callable[[], Path] = field(repr=False)
    """Returns the host's wheel: downloads or builds it."""
    extras: frozenset[str] = frozenset()
    url: str = ""
    """Where it is from, if a requirement says so."""

    @classmethod
    def from_wheel(cls, wheel: Path, *, url: str = "") -> Self:
        """Return the one whose wheel is here."""
        name, version, *_ = parse_wheel_filename(wheel.name)
        return cls(name=name, version=version, obtain=lambda: wheel, url=url)

    @cached_property
    def wheel(self) -> Path:
        """The host's wheel, downloaded or built on first use."""
        return self.obtain()

    def requirements(self, environment: Mapping[str, str]) -> Iterator[Requirement]:
        """Yield what it requires where markers have the values of ``environment``. Raises RequirementsError."""
        for text in _metadata(self.wheel).get_all("Requires-Dist", []):
            try:
                requirement = Requirement(text)
            except InvalidRequirement as error:
                raise RequirementsError(
                    f"{self.name} {self.version} requires what cannot be read: {text}",
                    why=str(error),
                    fix=f"Ask for another version of {self.name}.",
                ) from None
            if requirement.marker is None or any(
                requirement.marker.evaluate({**environment, "extra": extra}) for extra in (*sorted(self.extras), "")
            ):
                yield requirement


@dataclass(frozen=True, kw_only=True)
class Offers:
    """What there is for a host: on an index, to be built from its sdists, and wheels that are here."""

    index: Index
    host: Host
    build: Callable[[Requirement], Path]
    """Builds the host's wheel of one version of a project."""
    given: Mapping[str, Path] = field(default_factory=dict)
    """The wheels of projects of which nothing else is meant, by normalised name."""
    preferred: Mapping[str, Path] = field(default_factory=dict)
    """The wheels to take where they will do, by normalised name."""
    no_binary: Collection[str] = ()
    """Normalised names of projects that are built though there is a wheel, or ``:all:``."""
    _listings: dict[tuple[str, bool], dict[Version, Choice]] = field(default_factory=dict)

    def of(self, name: str, specifier: SpecifierSet) -> Iterator[Choice]:
        """Yield the choices that ``specifier`` leaves, the best first. No index is asked before it has to be."""
        here = self.given.get(name) or (None if self._is_built(name) else self.preferred.get(name))
        if here:
            choice = Choice.from_wheel(here)
            if specifier.contains(choice.version, prereleases=True):
                yield choice
        if name not in self.given:
            listed = self._listed(name, pinned=pins(specifier))
            yield from (listed[version] for version in sorted(specifier.filter(listed), reverse=True))

    def at(self, name: str, url: str) -> Choice:
        """Return what the sdist behind ``url`` comes to: it is built."""
        return Choice.from_wheel(self.build(Requirement(f"{name} @ {url}")), url=url)

    def _is_built(self, name: str) -> bool:
        return not {name, ":all:"}.isdisjoint(self.no_binary)

    def _listed(self, name: str, *, pinned: bool) -> dict[Version, Choice]:
        if (name, pinned) not in self._listings:
            self._listings[name, pinned] = dict(self._list(name, pinned=pinned))
        return self._listings[name, pinned]

    def _list(self, name: str, *, pinned: bool) -> Iterator[tuple[Version, Choice]]:
        python = Version(".".join(map(str, self.host.python_version)))
        usable: dict[Version, list[Candidate]] = {}
        for candidate in self.index.list_all(name):
            if candidate.version and not candidate.refuses(python) and (pinned or not candidate.yanked):
                usable.setdefault(candidate.version, []).append(candidate)
        tags = installable_tags(self.host)
        for version, candidates in usable.items():
            wheel = None if self._is_built(name) else choose_wheel(candidates, version, tags)
            if wheel or any(candidate.is_sdist for candidate in candidates):
                yield version, Choice(name=name, version=version, obtain=self._way(name, version, wheel))

    def _way(self, name: str, version: Version, wheel: Candidate | None) -> Callable[[], Path]:
        if wheel:
            return lambda: self.index.fetch(name, wheel).path
        return lambda: self.build(Requirement(f"{name}=={version}"))


def resolve(requirements: Iterable[Requirement], offers: Offers, *, dependencies: bool = True) -> list[Choice]:
    """Return one choice for each project that ``requirements`` come to on the host; with ``dependencies``, all of them.

    Markers are the host's, extras count. Raises RequirementsError that says who asked for what cannot be had together,
    and whatever fetching and building raise.
    """
    provider = _Provider(offers, dependencies=dependencies)
    wanted = [one for one in requirements if one.marker is None or one.marker.evaluate(provider.environment)]
    try:
        result = Resolver(provider, BaseReporter()).resolve(wanted, max_rounds=_MOST_ROUNDS)
    except ResolutionImpossible as impossible:
        raise _unsolvable(impossible.causes, offers) from None
    chosen = {choice.name: choice for choice in result.mapping.values()}
    return sorted(chosen.values(), key=operator.attrgetter("name"))


def unmet(wheels: Iterable[Path], host: Host) -> Iterator[str]:
    """Yield what ``wheels``, together on ``host``, require of each other in vain, in words; extras aside."""
    there = {choice.name: choice for choice in map(Choice.from_wheel, wheels)}
    for choice in there.values():
        for requirement in choice.requirements(marker_environment(host)):
            found = there.get(canonicalize_name(requirement.name))
            if not found or not requirement.specifier.contains(found.version, prereleases=True):
                has = f"there is {found.version}" if found else "it is not there"
                yield f"{choice.name} {choice.version} requires {requirement}: {has}."


class _Provider(AbstractProvider[Requirement, Choice, str]):
    """Tells the resolver what there is; its words are resolvelib's."""

    def __init__(self, offers: Offers, *, dependencies: bool) -> None:
        self.offers = offers
        self.dependencies = dependencies
        self.environment = marker_environment(offers.host)

    def identify(self, requirement_or_candidate: Requirement | Choice) -> str:
        name = canonicalize_name(requirement_or_candidate.name)
        extras = ",".join(sorted(map(canonicalize_name, requirement_or_candidate.extras)))
        return f"{name}[{extras}]" if extras else name

    def get_preference(
        self,
        identifier: str,
        resolutions: Mapping[str, Choice],
        candidates: Mapping[str, Iterator[Choice]],
        information: Mapping[str, Iterator[RequirementInformation[Requirement, Choice]]],
        backtrack_causes: Sequence[RequirementInformation[Requirement, Choice]],
    ) -> tuple[bool, bool, str]:
        """Take first what was in a conflict, then what is pinned."""
        causes = {self.identify(cause.requirement) for cause in backtrack_causes}
        pinned = any(pins(one.requirement.specifier) for one in information[identifier])
        return identifier not in causes, not pinned, identifier

    def find_matches(
        self,
        identifier: str,
        requirements: Mapping[str, Iterator[Requirement]],
        incompatibilities: Mapping[str, Iterator[Choice]],
    ) -> Callable[[], Iterator[Choice]]:
        asked = list(requirements[identifier])
        refused = {choice.version for choice in incompatibilities[identifier]}
        return lambda: self._matches(identifier, asked, refused)

    def _matches(self, identifier: str, asked: Sequence[Requirement], refused: Collection[Version]) -> Iterator[Choice]:
        name, _, extras = identifier.rstrip("]").partition("[")
        url = None if name in self.offers.given else next((one.url for one in asked if one.url), None)
        specifier = SpecifierSet()
        for requirement in asked:
            specifier &= requirement.specifier
        for choice in (self.offers.at(name, url),) if url else self.offers.of(name, specifier):
            if choice.version not in refused and all(self.is_satisfied_by(one, choice) for one in asked):
                yield replace(choice, extras=frozenset(filter(None, extras.split(","))))

    def is_satisfied_by(self, requirement: Requirement, candidate: Choice) -> bool:
        from_there = requirement.url in {None, candidate.url} or candidate.name in self.offers.given
        return from_there and requirement.specifier.contains(candidate.version, prereleases=True)

    def get_dependencies(self, candidate: Choice) -> Iterable[Requirement]:
        # With extras, it is what it is without them, and more.
        place = f" @ {candidate.url}" if candidate.url else f"=={candidate.version}"
        base = [Requirement(f"{candidate.name}{place}")] if candidate.extras else []
        return [*base, *(candidate.requirements(self.environment) if self.dependencies else ())]


def _metadata(wheel: Path) -> email.message.Message:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.parser.BytesParser().parsebytes(archive.read(name), headersonly=True)


def _unsolvable(causes: Collection[RequirementInformation[Requirement, Choice]], offers: Offers) -> RequirementsError:
    names = sorted({canonicalize_name(cause.requirement.name) for cause in causes})
    asked = [
        f"{f'{cause.parent.name} {cause.parent.version}' if cause.parent else 'You'} asked for {cause.requirement}."
        for cause in causes
        if not cause.parent or cause.parent.name != canonicalize_name(cause.requirement.name)
    ]
    host = f"{offers.host.platform.wheel_tag} and Python {offers.host.version}"
    there = {name: sorted({one.version for one in offers.of(name, SpecifierSet())}, reverse=True) for name in names}
    if lacking := [name for name in names if not there[name]]:
        return RequirementsError(
            f"There is no {', '.join(lacking)} for {host}: neither a wheel nor an sdist.",
            why="\n".join(dict.fromkeys(asked)),
            fix="Check the spelling and the index settings.",
        )
    listed = [f"There is {name} {', '.join(map(str, versions[:_LISTED]))}." for name, versions in there.items()]
    return RequirementsError(
        f"No version of {', '.join(names)} for {host} is all that is asked for.",
        why="\n".join(dict.fromkeys([*asked, *listed])),
        fix="Ask for less, or for other versions.",
    )
