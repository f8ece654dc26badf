"""A whole request: what is asked for, in words and in files, and what is allowed to be taken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from crossbuild.errors import UsageError
from crossbuild.requirements.direct_spec import (
    DirectSpec,
    project_names,
    read_project,
    read_spec,
    read_word,
    wheel_name,
)
from crossbuild.requirements.file import read_requirements
from crossbuild.requirements.groups import group_requirements
from crossbuild.requirements.pylock import is_lockfile
from crossbuild.resolve.policy import ALL, Policy
from crossbuild.system.requirement_text import read_requirement, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from packaging.markers import Marker

    from crossbuild.options.build_options import ConfigSettings, IndexOptions
    from crossbuild.requirements.file import RequirementLine, RequirementsFile


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a wheelhouse or an image is to hold, in the user's words; the options have pip's meanings."""

    specs: tuple[str | Path, ...] = ()
    """Words as of a command line, and paths."""
    files: tuple[Path, ...] = ()
    """Requirements files, and lock files (PEP 751)."""
    constraints: tuple[Path, ...] = ()
    groups: tuple[str, ...] = ()
    """``[PATH:]NAME`` of dependency groups (PEP 735)."""
    dependencies: bool = True
    """Whether to take what the projects require, too."""
    build_named: bool | None = None
    """Whether projects among ``specs`` are built though there may be wheels; None: as the command does it."""
    through_sdist: bool = False
    """Whether directories among ``specs`` are made into sdists, and these are built."""
    pre: bool = False
    """Whether to take pre-releases, too."""
    prefer_binary: bool = False
    """Whether to take older versions with wheels before newer ones without."""
    no_binary: frozenset[str] = frozenset()
    """Names of projects to build, though there are wheels, or ``:all:``."""
    only_binary: frozenset[str] = frozenset()
    """Names of projects never to build, or ``:all:``."""
    require_hashes: bool = False
    """Whether to take nothing without a hash from a requirements file."""
    upgrade: Literal["", "only-if-needed", "eager"] = ""
    """Of what a newer version is taken though the host has one that will do: nothing, what is asked for, or all."""

    @cached_property
    def words(self) -> tuple[Requirement | DirectSpec, ...]:
        """What ``specs`` say. Raises UsageError."""
        if self.through_sdist:
            return tuple(_through_sdist(read_project(spec)) for spec in self.specs)
        return tuple(map(read_spec, self.specs))

    def keeps(self, parsed: ParsedRequest) -> Callable[[str], bool]:
        """Return what tells whether the host's version of a project stays where it will do, though there is a newer."""
        upgraded = {canonicalize_name(one.name) for one in parsed.requirements}
        return lambda name: self.upgrade != "eager" and not (self.upgrade and name in upgraded)


@dataclass(frozen=True, kw_only=True)
class Detail:
    """What a line of a file says of a project behind its options, where its marker holds."""

    name: str
    """The normalised one."""
    marker: Marker | None
    hashes: Mapping[str, tuple[str, ...]]
    """Digests by algorithm."""
    config_settings: ConfigSettings


@dataclass(frozen=True, kw_only=True)
class ParsedRequest:
    """A request, read."""

    requirements: tuple[Requirement, ...] = ()
    places: tuple[DirectSpec, ...] = ()
    policy: Policy = field(default_factory=Policy)
    origins: Mapping[str, str] = field(default_factory=dict)
    """For the text of a requirement, where it is written."""
    locks: tuple[Path, ...] = ()
    named: frozenset[str] = frozenset()
    """The normalised names in the words of the command line."""
    details: tuple[Detail, ...] = ()
    warnings: tuple[str, ...] = ()
    """What has no effect in the files, a sentence each."""

    def on(self, environment: Mapping[str, str]) -> ParsedRequest:
        """Return it with those lines only whose markers hold where they have the values of ``environment``."""

        def holds(one: DirectSpec | Detail | Requirement) -> bool:
            return one.marker is None or one.marker.evaluate(environment)

        details = tuple(filter(holds, self.details))
        return replace(
            self,
            requirements=tuple(filter(holds, self.requirements)),
            places=tuple(filter(holds, self.places)),
            details=details,
            policy=replace(self.policy.on(environment), hashes=_agreed_hashes(details)),
        )

    @property
    def config_settings(self) -> dict[str, ConfigSettings]:
        """By project: what the lines of files say."""
        found: dict[str, ConfigSettings] = {}
        for one in self.details:
            found[one.name] = {**found.get(one.name, {}), **one.config_settings}
        return found


def _agreed_hashes(details: Iterable[Detail]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return by project the digests that all lines about it allow; lines of different algorithms add up."""
    agreed: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in (one for one in details if one.hashes):
        before = agreed.get(one.name, one.hashes)
        common = before.keys() & one.hashes.keys()
        both = {name: tuple(digest for digest in before[name] if digest in one.hashes[name]) for name in common}
        agreed[one.name] = both or {**before, **one.hashes}
    return agreed


def read_request(
    request: Request, *, index: IndexOptions, environ: Mapping[str, str]
) -> tuple[ParsedRequest, IndexOptions]:
    """Read the words and files of ``request``; what files say of indexes adds to ``index``, and counts less.

    Raises UsageError for what cannot be read.
    """
    locks = tuple(file for file in request.files if is_lockfile(file))
    files = read_requirements(
        [file for file in request.files if file not in locks],
        constraints=request.constraints,
        environ=environ,
        no_binary=request.no_binary,
        only_binary=request.only_binary,
    )
    read = [(line, _read_line(line)) for line in files.lines]
    wanted = [(line, word) for line, word in read if not line.constraint]
    named = request.words
    words = [*named, *(word for _, word in wanted), *_of_groups(request.groups)]
    if not words and not locks and not request.files:
        raise UsageError(
            "No requirements are given.", fix="Name a requirement, a directory, or a file of requirements with -r."
        )
    none = () if words or locks else (f"{', '.join(map(str, request.files))}: there are no requirements.",)
    parsed = ParsedRequest(
        requirements=tuple(word for word in words if isinstance(word, Requirement)),
        places=tuple(word for word in words if isinstance(word, DirectSpec)),
        policy=_policy(request, files, read, project_names(named)),
        origins={str(word): line.origin for line, word in wanted},
        locks=locks,
        named=project_names(named),
        details=tuple(_details(read)),
        warnings=(*files.warnings, *none),
    )
    return parsed, _index_options(index, files)


def _through_sdist(word: Requirement | DirectSpec) -> Requirement | DirectSpec:
    return replace(word, through_sdist=True) if isinstance(word, DirectSpec) else word


def _of_groups(texts: Sequence[str]) -> list[Requirement]:
    return [_read_group(requirement, text) for text in texts for requirement in group_requirements(text)]


def _read_group(requirement: str, group: str) -> Requirement:
    try:
        return read_requirement(requirement)
    except InvalidRequirement as error:
        raise UsageError(
            f"The dependency group {group} has {shown(requirement)}, which is not a requirement.", why=str(error)
        ) from None


def _read_line(line: RequirementLine) -> Requirement | DirectSpec:
    try:
        word = read_word(line.text)
    except UsageError as error:
        raise UsageError(f"{line.origin}: {error.what}", why=error.why, fix=error.fix) from None
    if isinstance(word, Requirement):
        return word
    return replace(word, hashes=_joined(word.hashes, line.hashes), config_settings=line.config_settings)


def _joined(first: Mapping[str, tuple[str, ...]], second: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: (*first.get(name, ()), *second.get(name, ())) for name in {**first, **second}}


def _details(read: Sequence[tuple[RequirementLine, Requirement | DirectSpec]]) -> Iterator[Detail]:
    for line, word in read:
        if word.name and (line.hashes or line.config_settings):
            yield Detail(
                name=canonicalize_name(word.name),
                marker=word.marker,
                hashes=line.hashes,
                config_settings={} if line.constraint else line.config_settings,
            )


def _policy(
    request: Request,
    files: RequirementsFile,
    read: Sequence[tuple[RequirementLine, Requirement | DirectSpec]],
    named: frozenset[str],
) -> Policy:
    constraints: dict[str, tuple[Requirement, ...]] = {}
    for line, word in read:
        if line.constraint:
            limit = _as_constraint(word, line)
            name = canonicalize_name(limit.name)
            constraints[name] = (*constraints.get(name, ()), limit)
    # As with pip, one --hash makes them required of everything.
    has_hashes = any(line.hashes for line in files.lines) and not files.no_require_hashes
    return Policy(
        all_releases=files.all_releases | ({ALL} if request.pre or files.pre else set()),
        only_final=files.only_final,
        prefer_binary=request.prefer_binary or files.prefer_binary,
        no_binary=files.no_binary,
        only_binary=files.only_binary,
        built=named if request.build_named else frozenset(),
        constraints=constraints,
        require_hashes=request.require_hashes or files.require_hashes or has_hashes,
    )


def _as_constraint(word: Requirement | DirectSpec, line: RequirementLine) -> Requirement:
    # pip takes no extras in constraints, either.
    if isinstance(word, Requirement) and not word.extras:
        return word
    if isinstance(word, DirectSpec) and (name := word.name or wheel_name(word.where)):
        url = word.where.as_uri() if isinstance(word.where, Path) else word.where
        return Requirement(f"{name} @ {url}{f' ; {word.marker}' if word.marker else ''}")
    raise UsageError(
        f"{line.origin}: {line.text} is no constraint.",
        fix="A constraint is a name with versions or with a URL, or a wheel.",
    )


def _index_options(index: IndexOptions, files: RequirementsFile) -> IndexOptions:
    # pip lets files override the command line. Here the words that somebody types count more.
    return replace(
        index,
        index_url=index.index_url or files.index_url,
        extra_index_urls=(*index.extra_index_urls, *files.extra_index_urls),
        find_links=(*index.find_links, *files.find_links),
        trusted_hosts=(*index.trusted_hosts, *files.trusted_hosts),
        no_index=index.no_index or files.no_index,
    )
