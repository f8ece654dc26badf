"""A whole request: what is asked for, in words and in files, and what is allowed to be taken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from crossbuild.closure.policy import Policy
from crossbuild.errors import UsageError
from crossbuild.requirement_text import read_requirement, shown
from crossbuild.sources.groups import group_requirements
from crossbuild.sources.lockfile import is_lockfile
from crossbuild.sources.requirements_file import read_requirements
from crossbuild.wheelhouse.asked import Place, project_names, read_word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from crossbuild.options import IndexOptions
    from crossbuild.sources.requirements_file import RequirementLine, RequirementsFile


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a wheelhouse or an image is to hold, in the user's words; the options have pip's meanings."""

    specs: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    """Requirements files, and lock files (PEP 751)."""
    constraints: tuple[Path, ...] = ()
    groups: tuple[str, ...] = ()
    """``[PATH:]NAME`` of dependency groups (PEP 735)."""
    dependencies: bool = True
    build_named: bool = False
    """Whether projects among ``specs`` are built though there may be wheels."""
    pre: bool = False
    prefer_binary: bool = False
    no_binary: frozenset[str] = frozenset()
    only_binary: frozenset[str] = frozenset()
    require_hashes: bool = False
    upgrade: Literal["", "only-if-needed", "eager"] = ""
    """Of what a newer version is taken though the host has one that will do: nothing, what is asked for, or all."""

    def keeps(self, asked: Asked) -> Callable[[str], bool]:
        """Return what tells whether the host's version of a project stays where it will do, though there is a newer."""
        upgraded = {canonicalize_name(one.name) for one in asked.requirements}
        return lambda name: self.upgrade != "eager" and not (self.upgrade and name in upgraded)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request, read."""

    requirements: tuple[Requirement, ...] = ()
    places: tuple[Place, ...] = ()
    policy: Policy = field(default_factory=Policy)
    origins: Mapping[str, str] = field(default_factory=dict)
    """For the text of a requirement, where it is written."""
    locks: tuple[Path, ...] = ()
    named: frozenset[str] = frozenset()
    """The normalised names in the words of the command line."""


def read_request(request: Request, *, index: IndexOptions, environ: Mapping[str, str]) -> tuple[Asked, IndexOptions]:
    """Read the words and files of ``request``; what files say of indexes adds to ``index``, and counts less.

    Raises UsageError for what cannot be read.
    """
    locks = tuple(file for file in request.files if is_lockfile(file))
    files = [read_requirements(file, environ=environ) for file in request.files if file not in locks]
    limits = [read_requirements(file, environ=environ, constraint=True) for file in request.constraints]
    lines = [line for file in (*files, *limits) for line in file.lines]
    wanted = [line for line in lines if not line.constraint]
    words = [*map(read_word, request.specs), *map(_read_line, wanted), *_of_groups(request.groups)]
    if not words and not locks:
        raise UsageError(
            "Nothing is asked for.", fix="Name a requirement, a directory, or a file of requirements with -r."
        )
    named = project_names(read_word(spec) for spec in request.specs)
    asked = Asked(
        requirements=tuple(word for word in words if isinstance(word, Requirement)),
        places=tuple(word for word in words if isinstance(word, Place)),
        policy=_policy(request, files, lines, named),
        origins={str(word): line.origin for word, line in zip(map(_read_line, wanted), wanted, strict=True)},
        locks=locks,
        named=named,
    )
    return asked, _index_options(index, [*files, *limits])


def _of_groups(texts: Sequence[str]) -> list[Requirement]:
    return [_read_group(requirement, text) for text in texts for requirement in group_requirements(text)]


def _read_group(requirement: str, group: str) -> Requirement:
    try:
        return read_requirement(requirement)
    except InvalidRequirement as error:
        raise UsageError(
            f"The dependency group {group} has {shown(requirement)}, which is not a requirement.", why=str(error)
        ) from None


def _read_line(line: RequirementLine) -> Requirement | Place:
    try:
        word = read_word(line.text)
    except UsageError as error:
        raise UsageError(f"{line.origin}: {error.what}", why=error.why, fix=error.fix) from None
    return replace(word, hashes=line.hashes) if isinstance(word, Place) else word


def _policy(
    request: Request, files: Sequence[RequirementsFile], lines: Sequence[RequirementLine], named: frozenset[str]
) -> Policy:
    constraints: dict[str, tuple[Requirement, ...]] = {}
    hashes: dict[str, dict[str, tuple[str, ...]]] = {}
    for line in lines:
        word = _read_line(line)
        name = canonicalize_name(word.name)
        if line.constraint:
            constraints[name] = (*constraints.get(name, ()), _as_constraint(word, line))
        for algorithm, digests in line.hashes.items():
            own = hashes.setdefault(name, {})
            own[algorithm] = (*own.get(algorithm, ()), *digests)
    return Policy(
        pre=request.pre or any(file.pre for file in files),
        prefer_binary=request.prefer_binary or any(file.prefer_binary for file in files),
        no_binary=request.no_binary.union(*(file.no_binary for file in files)),
        only_binary=request.only_binary.union(*(file.only_binary for file in files)),
        built=named if request.build_named else frozenset(),
        constraints=constraints,
        hashes=hashes,
        require_hashes=request.require_hashes or bool(hashes) or any(file.require_hashes for file in files),
    )


def _as_constraint(word: Requirement | Place, line: RequirementLine) -> Requirement:
    if isinstance(word, Requirement) and not word.extras:
        return word
    if isinstance(word, Place) and word.name and isinstance(word.where, str):
        return Requirement(f"{word.name} @ {word.where}{f' ; {word.marker}' if word.marker else ''}")
    raise UsageError(
        f"{line.origin}: {line.text} is no constraint.", fix="A constraint is a name with versions, or with a URL."
    )


def _index_options(index: IndexOptions, files: Sequence[RequirementsFile]) -> IndexOptions:
    return replace(
        index,
        index_url=index.index_url or next((file.index_url for file in files if file.index_url), ""),
        extra_index_urls=(*index.extra_index_urls, *(url for file in files for url in file.extra_index_urls)),
        find_links=(*index.find_links, *(place for file in files for place in file.find_links)),
        no_index=index.no_index or any(file.no_index for file in files),
    )
