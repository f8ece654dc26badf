"""Which of the files that an index lists is the one to build from."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from crossbuild.errors import SourceError, UsageError
from crossbuild.index.hashes import ALGORITHMS
from crossbuild.system.requirement_text import check_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.requirements import Requirement
    from packaging.tags import Tag

SDIST_SUFFIXES = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")
"""PEP 625 wants ``.tar.gz``; older releases have the others."""
_LONGEST_NAME = 255
"""How many bytes the name of a file may have."""
_LISTED = 5
"""How many files an error lists."""


@dataclass(frozen=True, kw_only=True)
class IndexFile:
    """A distribution of the project that was asked for, as an index lists it."""

    filename: str
    version: Version | None
    """None for a file behind a URL whose name does not say."""
    url: str
    requires_python: str = ""
    yanked: bool = False
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Hexadecimal digests by the names that :mod:`hashlib` has for them."""
    metadata_hashes: Mapping[str, str] | None = None
    """Digests of the metadata that the index has beside the file (PEP 658); None if it has none."""
    index: str = ""
    """The page that lists it, where one does."""
    size: int | None = None
    """How many bytes it has, if the index says so (PEP 700)."""

    @classmethod
    def listed(cls, filename: str, name: str, *, url: str, **facts: Any) -> IndexFile | None:
        """Return what a page lists, if it is a distribution of the project ``name``, which is normalised."""
        version = _version_of(filename, name)
        return cls(filename=filename, version=version, url=url, **facts) if version else None

    @classmethod
    def from_filename(cls, filename: str, *, url: str, hashes: Mapping[str, str]) -> IndexFile:
        """Take the version from the file's name, if it is there (PEP 625, PEP 491). Raises UsageError."""
        if not _can_be_file(filename):
            raise UsageError(f"{filename!r} cannot be the name of a file.")
        try:
            return cls(filename=filename, version=_version_in(filename), url=url, hashes=hashes)
        except InvalidWheelFilename as error:
            raise UsageError(f"{filename!r} is not a valid name of a wheel.", why=f"{error}.") from None

    @property
    def is_sdist(self) -> bool:
        """Whether it is a kind of sdist that can be unpacked."""
        return self.filename.endswith(SDIST_SUFFIXES)

    @cached_property
    def tags(self) -> frozenset[Tag]:
        """What a wheel's name says it fits; nothing for any other file."""
        try:
            return parse_wheel_filename(self.filename)[3]
        except InvalidWheelFilename:
            return frozenset()

    @property
    def build_tag(self) -> tuple[int, str] | tuple[()]:
        """The build tag in a wheel's name, as it sorts; empty if it has none."""
        return parse_wheel_filename(self.filename)[2]

    @property
    def age(self) -> tuple[Version, bool]:
        """What the oldest comes first by, and the wheels of a version before its sdist."""
        return self.version or Version("0"), self.is_sdist

    def fault(self, python: Version) -> str:
        """Return what speaks against it for ``python``, whatever its version; empty if nothing does."""
        if self.refuses(python):
            return f"needs Python {self.requires_python}; the host has {python}"
        return "yanked; pin it with == to use it anyway" if self.yanked else ""

    def refuses(self, python: Version) -> bool:
        """Return whether ``Requires-Python`` excludes ``python``."""
        return not python_specifier(self.requires_python).contains(python, prereleases=True)


@cache
def python_specifier(text: str) -> SpecifierSet:
    """Return what ``Requires-Python`` says; like pip, pass over one that cannot be read."""
    # Kept, since the many files of a page have few different ones.
    try:
        specifier = SpecifierSet(text)
        check_versions(specifier)
    except ValueError:
        return SpecifierSet()
    return specifier


def hashes_of_fragment(url: str) -> dict[str, str]:
    """Return the digests that ``url`` has behind its ``#``, by algorithm."""
    words = parse_qsl(url.partition("#")[2], keep_blank_values=True)
    return {algorithm: digest.lower() for algorithm, digest in words if algorithm in ALGORITHMS}


def _version_in(filename: str) -> Version | None:
    if filename.endswith(".whl"):
        return parse_wheel_filename(filename)[1]
    found = re.fullmatch(r".+-(?P<version>[0-9][^-]*)", _stem(filename))
    try:
        return Version(found["version"]) if found else None
    except ValueError:
        return None


def _version_of(filename: str, name: str) -> Version | None:
    """Return the version in the name of a distribution of the project ``name``; None if it is not one."""
    if not _can_be_file(filename):
        return None
    try:
        if filename.endswith(".whl"):
            project, version = parse_wheel_filename(filename)[:2]
        else:
            stem, _, text = _stem(filename).rpartition("-")
            project, version = canonicalize_name(stem), Version(text)
    except ValueError:
        return None
    return version if project == name else None


def _can_be_file(name: str) -> bool:
    # What a page lists becomes the name of a file in the cache.
    return "/" not in name and name.isprintable() and len(os.fsencode(name)) <= _LONGEST_NAME


def _stem(filename: str) -> str:
    """Return the name of an sdist without its end; nothing for any other file."""
    return next((filename.removesuffix(end) for end in SDIST_SUFFIXES if filename.endswith(end)), "")


def best_sdist(candidates: Iterable[IndexFile]) -> IndexFile | None:
    """Return the sdist among ``candidates``, which are of one version, in the form that there is most often."""
    # PEP 625 allows only this form.
    sdists = [candidate for candidate in candidates if candidate.is_sdist]
    return max(sdists, key=lambda candidate: candidate.filename.endswith(".tar.gz"), default=None)


def check_sdists(candidates: Sequence[IndexFile], requirement: Requirement, python: Version) -> None:
    """Raise SourceError unless ``requirement`` and ``python`` admit an sdist among ``candidates``.

    It says, for the newest files, why they are not it. Yanked files count if the requirement pins a version (PEP 592).
    """
    pinned = pins(requirement.specifier)
    usable = (one for one in candidates if one.is_sdist and not one.refuses(python) and (pinned or not one.yanked))
    if not any(_is_meant(one, requirement) for one in usable):
        raise no_sdist(candidates, requirement, python)


def pins(specifier: SpecifierSet) -> bool:
    """Return whether ``specifier`` names one version: then also one that is yanked (PEP 592)."""
    return any(part.operator in {"==", "==="} and "*" not in part.version for part in specifier)


def choose_wheel(candidates: Sequence[IndexFile], version: Version, tags: Sequence[Tag]) -> IndexFile | None:
    """Return the wheel of exactly ``version`` whose tag comes first in ``tags``, if there is one.

    Of those that are equal the one with the highest build tag.
    """
    ranks = {tag: rank for rank, tag in enumerate(reversed(tags))}
    fitting = [one for one in candidates if one.version == version and one.tags & ranks.keys()]
    return max(
        fitting,
        key=lambda one: (max(ranks[tag] for tag in one.tags & ranks.keys()), one.build_tag),
        default=None,
    )


def no_sdist(candidates: Sequence[IndexFile], requirement: Requirement, host: Version) -> SourceError:
    """Return the error for a ``requirement`` that no sdist among ``candidates`` fits, for a Python of that version."""
    if not any(candidate.is_sdist for candidate in candidates):
        newest_first = sorted(candidates, key=attrgetter("age"), reverse=True)
        wheels = Counter(candidate.version for candidate in newest_first)
        return SourceError(
            f"{requirement.name!r} has no sdist, only wheels.",
            why=_list([f"{version}: {count} wheel{'s' * (count > 1)}" for version, count in wheels.items()]),
            fix=f"To take a wheel as it is: --only-binary {requirement.name}. To build it, give its source.",
        )
    meant = [candidate for candidate in candidates if _is_meant(candidate, requirement)]
    reasons = {
        candidate.version: f"{candidate.version}: {_reason(candidate, requirement, host)}"
        for candidate in sorted(meant or candidates, key=attrgetter("age"))
    }
    return SourceError(
        f"No sdist fits {str(requirement)!r}.",
        why=_list(list(reasons.values())[::-1]),
        fix="Ask for a version that fits, or for a host with another Python.",
    )


def _is_meant(candidate: IndexFile, requirement: Requirement) -> bool:
    return candidate.version is not None and requirement.specifier.contains(candidate.version, prereleases=True)


def _reason(candidate: IndexFile, requirement: Requirement, host: Version) -> str:
    if not _is_meant(candidate, requirement):
        return f"does not fit {requirement.specifier}"
    if not candidate.is_sdist:
        return "only wheels"
    return candidate.fault(host)


def _list(lines: Sequence[str]) -> str:
    more = len(lines) - _LISTED
    return "\n".join([*lines[:_LISTED], *([f"and {more} more"] if more > 0 else [])])
