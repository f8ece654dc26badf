"""Why requirements exclude each other, in the user's own words."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from crossbuild.errors import RequirementsError
from crossbuild.index.files import check_sdists

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from packaging.requirements import Requirement
    from resolvelib.resolvers import RequirementInformation

    from crossbuild.index.files import IndexFile
    from crossbuild.resolve.available import Available
    from crossbuild.resolve.candidates import Candidate

    Cause = RequirementInformation[Requirement, Candidate]

_LISTED = 5
"""How many versions an error lists, the newest first."""


def unsolvable(
    causes: Collection[Cause], available: Available, *, askers: Mapping[str, str], places: Mapping[str, str]
) -> RequirementsError:
    """Return the error for ``causes``, the requirements that exclude each other.

    ``askers``: for a project, one that requires it, if the user does not. ``places``: for a requirement of the
    user's, where it is written.
    """
    names = sorted({canonicalize_name(cause.requirement.name) for cause in causes})
    # A project with extras requires itself without them, which would tell the user nothing.
    asked = [
        _asked(cause, askers, places)
        for cause in causes
        if not cause.parent or cause.parent.name != canonicalize_name(cause.requirement.name)
    ]
    limits = [
        f"Your constraint says {limit}." for name in names for limit in available.policy.constraints.get(name, ())
    ]
    host = f"{available.host.platform.wheel_tag} and Python {available.host.version}"
    # Without specifiers, to show what could be chosen if there were no conflict.
    there = {name: sorted({one.version for one in available.of(name, SpecifierSet())}, reverse=True) for name in names}
    if lacking := [name for name in names if not there[name]]:
        _check_named(causes, lacking, available)
        reasons = [line for name in lacking for line in _reasons(name, available)]
        return RequirementsError(
            f"There is no {', '.join(lacking)} for {host}: {_what(lacking, available)}.",
            why="\n".join(dict.fromkeys([*asked, *reasons])),
            fix=_remedy(lacking, available),
        )
    listed = [f"There is {name.strip()} {_versions(versions)}." for name, versions in there.items()]
    return RequirementsError(
        f"No version of {', '.join(map(str.strip, names))} for {host} is all that is asked for.",
        why="\n".join(dict.fromkeys([*asked, *limits, *listed])),
        fix="Ask for less, or for other versions.",
    )


def _check_named(causes: Collection[Cause], lacking: Collection[str], available: Available) -> None:
    """Raise SourceError for a project that the user named and no index knows, or that has nothing to be built from."""
    for cause in causes:
        name = canonicalize_name(cause.requirement.name)
        if cause.parent is None and name in lacking:
            candidates = available.candidates(name)
            if not candidates:
                raise available.index.unknown(cause.requirement)
            if not available.policy.takes_wheels(name):
                check_sdists(candidates, cause.requirement, available.python)


def without_hashes(names: Sequence[str]) -> RequirementsError:
    """Return the error for projects that are needed, and of which no hash is known."""
    return RequirementsError(
        f"There is no hash for {', '.join(names)}, and hashes are required.",
        why="With --require-hashes, or where one requirement has --hash, every project needs one, dependencies too.",
        fix="List each of them with == and --hash; crossbuild wheel --lock writes a file that has them all.",
    )


def _asked(cause: Cause, askers: Mapping[str, str], places: Mapping[str, str]) -> str:
    requirement = cause.requirement
    if cause.parent is None:
        place = places.get(str(requirement), "")
        return f"You asked for {requirement}{f' ({place})' if place else ''}."
    chain = " for ".join(_chain(cause.parent.name, askers))
    return f"{cause.parent.label} asked for {requirement}{f', for {chain}' if chain else ''}."


def _chain(name: str, askers: Mapping[str, str]) -> Iterator[str]:
    seen = {name}
    while (name := askers.get(name, "")) and name not in seen:
        seen.add(name)
        yield name


def _versions(versions: Sequence[object]) -> str:
    more = f" and {len(versions) - _LISTED} older" if len(versions) > _LISTED else ""
    return ", ".join(map(str, versions[:_LISTED])) + more


def _what(names: Sequence[str], available: Available) -> str:
    if not all(map(available.policy.takes_sdists, names)):
        return "no wheel, and it may not be built"
    if not all(map(available.policy.takes_wheels, names)):
        return "no sdist"
    return "neither a wheel nor an sdist"


def _reasons(name: str, available: Available) -> Iterator[str]:
    """Yield why the newest files that there are will not do."""
    newest = sorted((one for one in available.candidates(name) if one.version), key=attrgetter("age"), reverse=True)
    reasons = dict.fromkeys(f"{name} {one.version}: {_reason(name, one, available)}." for one in newest)
    yield from list(reasons)[:_LISTED]


def _reason(name: str, candidate: IndexFile, available: Available) -> str:
    if fault := candidate.fault(available.python):
        return fault
    if not available.policy.admits(name, candidate):
        return f"{candidate.filename} has none of the hashes that are wanted"
    if candidate.is_sdist:
        return "an sdist, which may not be built"
    return "wheels for other machines or Pythons" if available.policy.takes_wheels(name) else "only wheels"


def _remedy(names: Sequence[str], available: Available) -> str:
    if not all(map(available.policy.takes_wheels, names)):
        return f"To take the wheels that there are: --only-binary {','.join(names)}."
    return "Check the spelling and the index settings."
