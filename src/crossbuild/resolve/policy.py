"""What the user allows, and forbids, of the distributions that there are; by pip's names and meanings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from crossbuild.errors import NetworkError
from crossbuild.index.hashes import checkable, digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from packaging.requirements import Requirement

    from crossbuild.index.files import IndexFile

ALL = ":all:"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Which files of an index may be taken. Names are normalised."""

    all_releases: frozenset[str] = frozenset()
    """Projects whose pre-releases are as good as releases; or ``:all:``."""
    only_final: frozenset[str] = frozenset()
    """Projects whose pre-releases are not taken at all; or ``:all:``. Names count more than ``:all:``."""
    prefer_binary: bool = False
    """Whether an older version with a wheel is better than a newer one without."""
    no_binary: frozenset[str] = frozenset()
    """What is built, though there may be wheels; or ``:all:``."""
    only_binary: frozenset[str] = frozenset()
    """What is never built; or ``:all:``. Names count more than ``:all:``."""
    built: frozenset[str] = frozenset()
    """What is built because it was asked for by name, unless the others say something of it."""
    constraints: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    """What may be chosen of a project, if it is chosen at all."""
    hashes: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """By project: the digests, by algorithm, of which its file must have one."""
    require_hashes: bool = False
    """Whether a project without an entry in ``hashes`` is an error."""

    def takes_wheels(self, name: str) -> bool:
        """Return whether a wheel of the project may be taken from an index."""
        # The order of pip's FormatControl.
        if name in self.only_binary:
            return True
        if name in self.no_binary:
            return False
        return ALL in self.only_binary or not (name in self.built or ALL in self.no_binary)

    def takes_sdists(self, name: str) -> bool:
        """Return whether the project may be built."""
        if name in self.no_binary:
            return True
        return not {name, ALL}.intersection(self.only_binary)

    def takes_pre_releases(self, name: str) -> bool | None:
        """Return whether pre-releases of the project may be taken; None if only for want of a release."""
        for said in (name, ALL):
            if said in self.all_releases:
                return True
            if said in self.only_final:
                return False
        return None

    def on(self, environment: Mapping[str, str]) -> Policy:
        """Return it with those constraints only that count where markers have the values of ``environment``."""
        constraints = {
            name: tuple(one for one in several if one.marker is None or one.marker.evaluate(environment))
            for name, several in self.constraints.items()
        }
        return replace(self, constraints=constraints)

    def limits(self, name: str) -> SpecifierSet:
        """Return what the constraints leave of the project's versions."""
        specifier = SpecifierSet()
        for constraint in self.constraints.get(name, ()):
            specifier &= constraint.specifier
        return specifier

    def admits(self, name: str, candidate: IndexFile) -> bool:
        """Return whether the index lists ``candidate`` with a hash that is wanted, or with none to compare."""
        # Like pip's filter_unallowed_hashes: a file without a listed hash may still turn out to be the right one.
        wanted = self.hashes.get(name, {})
        comparable = wanted.keys() & candidate.hashes.keys()
        return not comparable or any(candidate.hashes[algorithm] in wanted[algorithm] for algorithm in comparable)


def check_hashes(file: Path, wanted: Mapping[str, tuple[str, ...]]) -> None:
    """Raise NetworkError unless ``file`` has one of the digests ``wanted``, by algorithm, or none is wanted."""
    known = sorted(checkable(wanted, file.name))
    found = {algorithm: digest_of(file, algorithm) for algorithm in known}
    if wanted and not any(found[algorithm] in wanted[algorithm] for algorithm in known):
        raise NetworkError(
            f"{file.name} is not the file that was asked for: none of its hashes is wanted.",
            why="\n".join(f"It has {algorithm}:{value}." for algorithm, value in found.items()),
            fix="Somebody changed it, or the list of hashes is that of another file.",
        )
