"""One choice for each project: what the host's markers, tags and Python make of requirements."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from resolvelib import AbstractProvider, BaseReporter, ResolutionImpossible, Resolver

from crossbuild.errors import RequirementsError
from crossbuild.host.markers import marker_environment
from crossbuild.index.files import pins, python_specifier
from crossbuild.resolve.candidates import PYTHON, Candidate
from crossbuild.resolve.conflicts import unsolvable, without_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from resolvelib.resolvers import RequirementInformation
    from resolvelib.structs import DirectedGraph

    from crossbuild.host.model import KnownHost
    from crossbuild.resolve.available import Available
    from crossbuild.resolve.metadata import Metadata

_MOST_ROUNDS = 100_000
"""resolvelib gives up after 100 by default, and needs one for each project at least."""


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What was chosen, and why."""

    choices: tuple[Candidate, ...]
    """One for each project, by name."""
    requested: frozenset[str]
    """The normalised names of what the user requested."""
    required_by: Mapping[str, tuple[str, ...]]
    """For each name, those of the chosen that require it."""


def resolve(
    requirements: Iterable[Requirement],
    available: Available,
    *,
    dependencies: bool = True,
    places: Mapping[str, str] | None = None,
) -> Resolution:
    """Return one choice for each project that ``requirements`` come to on the host; with ``dependencies``, all of them.

    Markers are the host's, extras count. ``places`` says for the text of a requirement where it is written. Raises
    RequirementsError that says who requires what in a conflict, and what fetching and building raise.
    """
    # Requires-Python takes part as a requirement, as with pip. So an older release is chosen if the newest is for newer
    # Pythons, and a conflict says who wants which Python.
    python = Candidate.from_python(available.python)
    available = replace(available, given={**available.given, python.name: python})
    provider = _Provider(available=available, dependencies=dependencies, environment=marker_environment(available.host))
    wanted = [one for one in requirements if one.marker is None or one.marker.evaluate(provider.environment)]
    for one in wanted:
        available.foresee(one)
    try:
        result = Resolver(provider, BaseReporter()).resolve(wanted, max_rounds=_MOST_ROUNDS)
    except ResolutionImpossible as impossible:
        raise unsolvable(impossible.causes, available, askers=provider.askers, places=places or {}) from None
    chosen = {choice.name: choice for choice in result.mapping.values() if choice.name != python.name}
    _check_hashes(chosen, available)
    return Resolution(
        choices=tuple(sorted(chosen.values(), key=operator.attrgetter("name"))),
        requested=frozenset(canonicalize_name(one.name) for one in wanted),
        required_by=_required_by(result.graph, chosen),
    )


def unmet(choices: Iterable[Candidate], host: KnownHost) -> Iterator[str]:
    """Yield what ``choices``, together on ``host``, require of each other in vain, in words; extras aside."""
    there = {choice.name: choice for choice in choices}
    for choice in there.values():
        for requirement in choice.tell().required(marker_environment(host), ()):
            found = there.get(canonicalize_name(requirement.name))
            if not found or not requirement.specifier.contains(found.version, prereleases=True):
                has = f"there is {found.version}" if found else "it is not there"
                yield f"{choice.label} requires {requirement}: {has}."


def _required_by(graph: DirectedGraph[str | None], chosen: Mapping[str, Candidate]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {name: set() for name in chosen}
    for child in filter(None, graph):
        for parent in filter(None, graph.iter_parents(child)):
            if _project(parent) != _project(child) and _project(child) in chosen:
                found[_project(child)].add(_project(parent))
    return {name: tuple(sorted(parents)) for name, parents in found.items()}


def _project(identifier: str) -> str:
    return identifier.partition("[")[0]


def _check_hashes(chosen: Collection[str], available: Available) -> None:
    lacking = sorted(name for name in chosen if name not in available.policy.hashes)
    if available.policy.require_hashes and lacking:
        raise without_hashes(lacking)


@dataclass(frozen=True, kw_only=True)
class _Provider(AbstractProvider[Requirement, "Candidate", str]):
    """Tells the resolver what there is; its words are resolvelib's."""

    available: Available
    dependencies: bool
    environment: Mapping[str, str]
    askers: dict[str, str] = field(default_factory=dict)
    """For a project, one that requires it."""

    def identify(self, requirement_or_candidate: Requirement | Candidate) -> str:
        name = canonicalize_name(requirement_or_candidate.name)
        extras = ",".join(sorted(map(canonicalize_name, requirement_or_candidate.extras)))
        return f"{name}[{extras}]" if extras else name

    def get_preference(
        self,
        identifier: str,
        resolutions: Mapping[str, Candidate],
        candidates: Mapping[str, Iterator[Candidate]],
        information: Mapping[str, Iterator[RequirementInformation[Requirement, Candidate]]],
        backtrack_causes: Sequence[RequirementInformation[Requirement, Candidate]],
    ) -> tuple[bool, bool, str]:
        """Take first what was in a conflict, then what is pinned; by name else, so that each run chooses the same."""
        causes = {self.identify(cause.requirement) for cause in backtrack_causes}
        pinned = any(pins(one.requirement.specifier) for one in information[identifier])
        return identifier not in causes, not pinned, identifier

    def find_matches(
        self,
        identifier: str,
        requirements: Mapping[str, Iterator[Requirement]],
        incompatibilities: Mapping[str, Iterator[Candidate]],
    ) -> Callable[[], Iterator[Candidate]]:
        # resolvelib iterates as often as it backtracks, and needs a new iterator each time. Each match is a new object,
        # so the version says which ones were refused.
        asked = list(requirements[identifier])
        refused = {choice.version for choice in incompatibilities[identifier]}
        return lambda: self._matches(identifier, asked, refused)

    def _matches(
        self, identifier: str, asked: Sequence[Requirement], refused: Collection[object]
    ) -> Iterator[Candidate]:
        name, _, extras = identifier.rstrip("]").partition("[")
        direct = (
            None if name in self.available.given else next((one for one in self._meant(name, asked) if one.url), None)
        )
        specifier = self.available.policy.limits(name)
        for requirement in asked:
            specifier &= requirement.specifier
        for choice in (self.available.at(direct),) if direct else self.available.of(name, specifier):
            if (
                choice.is_in(specifier)
                and choice.version not in refused
                and all(self.is_satisfied_by(one, choice) for one in asked)
            ):
                yield replace(choice, extras=frozenset(filter(None, extras.split(","))))

    def _meant(self, name: str, asked: Sequence[Requirement]) -> Iterator[Requirement]:
        yield from asked
        yield from self.available.policy.constraints.get(name, ())

    def is_satisfied_by(self, requirement: Requirement, candidate: Candidate) -> bool:
        # What the user gave stands for the project, even if a dependency names another URL.
        from_there = requirement.url in {None, candidate.url} or candidate.name in self.available.given
        return from_there and candidate.is_in(requirement.specifier)

    def get_dependencies(self, candidate: Candidate) -> Iterable[Requirement]:
        # With extras, it is what it is without them, and more.
        place = f" @ {candidate.url}" if candidate.url else f"=={candidate.version}" if candidate.has_version else ""
        base = [Requirement(f"{candidate.name}{place}")] if candidate.extras else []
        if not self.dependencies:
            return base
        metadata = candidate.tell()
        if candidate.version != metadata.version:
            raise RequirementsError(f"{candidate.label} calls itself {metadata.version}.")
        required = list(metadata.required(self.environment, candidate.extras))
        for one in required:
            self.askers.setdefault(canonicalize_name(one.name), candidate.name)
            self.available.foresee(one)
        return [*base, *_of_python(metadata), *required]


def _of_python(metadata: Metadata) -> Iterator[Requirement]:
    """Yield what a distribution asks of Python, as a requirement like the others."""
    if specifier := python_specifier(metadata.requires_python):
        requirement = Requirement(f"python{specifier}")
        requirement.name = PYTHON  # no parser would take this name
        yield requirement
