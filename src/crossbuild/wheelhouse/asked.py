"""What somebody asks for: words of a command line and lines of files, read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from crossbuild.errors import UsageError
from crossbuild.requirement_text import read_requirement
from crossbuild.sources.candidates import SDIST_SUFFIXES
from crossbuild.sources.direct import REPOSITORIES
from crossbuild.sources.project import expanded, looks_like_path, parse_spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.markers import Marker
    from packaging.requirements import Requirement

_WITH_EXTRAS = re.compile(r"(?P<place>.+?)\[(?P<extras>[\w\s,.-]+)\]$")
_EGG = re.compile(r"[#&]egg=(?P<name>[\w.-]+)(?:\[(?P<extras>[\w,.-]+)\])?")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A path or a URL that is to be built, or taken if it is a wheel's."""

    where: Path | str
    """Text where it is a URL."""
    name: str = ""
    """The project's normalised name, where the user said it."""
    extras: frozenset[str] = frozenset()
    hashes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Digests, by algorithm, of which the file must have one."""
    marker: Marker | None = None
    """Where it is wanted; None for everywhere."""


def read_word(text: str) -> Requirement | Place:
    """Read a requirement (PEP 508), or the path or the URL of a wheel, an sdist, a directory or a repository.

    Paths and URLs may have extras behind them: ``./project[speed]``. Raises UsageError.
    """
    if text.startswith(REPOSITORIES) or (
        "://" in text and " @ " not in text and not re.match(r"[\w.\[\],-]+\s*@", text)
    ):
        return _url(text)
    if looks_like_path(text.partition("[")[0]) or (looks_like_path(text) and "[" not in text):
        found = _WITH_EXTRAS.fullmatch(text)
        extras = _extras(found["extras"]) if found else frozenset()
        return Place(where=_existing(found["place"] if found else text), extras=extras)
    try:
        requirement = read_requirement(text)
    except InvalidRequirement:
        parse_spec(text)
        raise
    if requirement.url:
        return Place(
            where=requirement.url,
            name=canonicalize_name(requirement.name),
            extras=frozenset(requirement.extras),
            marker=requirement.marker,
        )
    return requirement


def project_names(words: Iterable[Requirement | Place]) -> frozenset[str]:
    """Return the normalised names that ``words`` say."""
    return frozenset(canonicalize_name(word.name) for word in words if word.name)


def _existing(text: str) -> Path:
    if not text.endswith(".whl"):
        path = parse_spec(text)
        if isinstance(path, Path):
            return path.absolute()
    wheel = expanded(text).absolute()
    try:
        parse_wheel_filename(wheel.name)
    except InvalidWheelFilename as error:
        raise UsageError(
            f"{text} is not named like a wheel.", why=str(error), fix="Give it the name that it was built with."
        ) from None
    if not wheel.is_file():
        raise UsageError(f"{text} does not exist.", fix="Give a wheel, an sdist, a directory, or a requirement.")
    return wheel


def _url(text: str) -> Place:
    found = _EGG.search(text)
    if not found and not text.startswith(REPOSITORIES) and not _is_archive(text):
        raise UsageError(
            f"{text!r} is the URL of no sdist or wheel.",
            fix="It ends in the name of a file, https://…/name-1.0.tar.gz, or has the project's before it: name @ URL.",
        )
    extras = _extras(found["extras"] or "") if found else frozenset()
    return Place(where=text, name=canonicalize_name(found["name"]) if found else "", extras=extras)


def _is_archive(url: str) -> bool:
    return url.partition("#")[0].partition("?")[0].endswith((*SDIST_SUFFIXES, ".whl"))


def _extras(text: str) -> frozenset[str]:
    return frozenset(canonicalize_name(word) for word in re.split(r"[\s,]+", text) if word)
