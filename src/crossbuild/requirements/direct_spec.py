"""What somebody asks for: words of a command line and lines of files, read."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from packaging.requirements import InvalidRequirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from crossbuild.errors import UsageError
from crossbuild.index.files import SDIST_SUFFIXES, hashes_of_fragment
from crossbuild.index.settings import file_of_url, url_fault
from crossbuild.sources.direct import REPOSITORIES
from crossbuild.sources.project import REFERENCE, expanded, looks_like_path, parse_spec
from crossbuild.system.requirement_text import read_requirement, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.markers import Marker
    from packaging.requirements import Requirement

    from crossbuild.options.build_options import ConfigSettings

_WITH_EXTRAS = re.compile(r"(?P<place>.+?)\s*\[(?P<extras>[\w\s,.-]+)\]$")
_EGG = re.compile(r"[#&]egg=(?P<name>[\w.-]+)(?:\[(?P<extras>[\w,.-]+)\])?")


@dataclass(frozen=True, kw_only=True)
class DirectSpec:
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
    config_settings: ConfigSettings = field(default_factory=dict)
    """What the line of a file that names it says."""


def read_word(text: str) -> Requirement | DirectSpec:
    """Read a requirement (PEP 508), or the path or the URL of a wheel, an sdist, a directory or a repository.

    Paths may have extras, and all may have a marker: ``./project[speed] ; python_version < "3.12"``. As with pip, a
    blank has to follow the semicolon behind a URL. Raises UsageError.
    """
    is_url = text.startswith((*REPOSITORIES, "file:")) or ("://" in text and not REFERENCE.match(text))
    what, _, condition = (part.strip() for part in f"{text} ".partition("; " if is_url else ";"))
    if is_url:
        return replace(_url(what), marker=_marker(condition, text))
    if looks_like_path(what.partition("[")[0]) or (looks_like_path(what) and "[" not in what):
        return replace(_path(what), marker=_marker(condition, text))
    try:
        requirement = read_requirement(f"{what} ; {condition}" if condition else what)
    except InvalidRequirement:
        parse_spec(text)
        raise
    if requirement.url:
        return DirectSpec(
            where=requirement.url,
            name=canonicalize_name(requirement.name),
            extras=frozenset(requirement.extras),
            hashes=_hashes(requirement.url),
            marker=requirement.marker,
        )
    return requirement


def _marker(condition: str, text: str) -> Marker | None:
    try:
        return read_requirement(f"project ; {condition}").marker if condition else None
    except InvalidRequirement as error:
        raise UsageError(f"The marker of {shown(text)} cannot be understood.", why=str(error)) from None


def paths_in(words: Iterable[str]) -> list[Path]:
    """Return the paths among ``words``. Raises UsageError."""
    places = (word.where for word in map(read_word, words) if isinstance(word, DirectSpec))
    return [where for where in places if isinstance(where, Path)]


def wheel_name(where: Path | str) -> str:
    """Return the normalised name of the project whose wheel is at ``where``; empty if it is no wheel."""
    try:
        return parse_wheel_filename(str(where).partition("#")[0].rpartition("/")[2])[0]
    except InvalidWheelFilename:
        return ""


def project_names(words: Iterable[Requirement | DirectSpec]) -> frozenset[str]:
    """Return the normalised names that ``words`` say."""
    return frozenset(canonicalize_name(word.name) for word in words if word.name)


def _path(text: str) -> DirectSpec:
    found = _WITH_EXTRAS.fullmatch(text)
    extras = _extras(found["extras"]) if found else frozenset()
    return DirectSpec(where=_existing(found["place"] if found else text), extras=extras)


def _existing(text: str) -> Path:
    if not text.endswith(".whl"):
        path = parse_spec(text)
        if isinstance(path, Path):
            return _absolute(path)
    wheel = _absolute(expanded(text))
    try:
        parse_wheel_filename(wheel.name)
    except InvalidWheelFilename as error:
        raise UsageError(
            f"{text} is not named like a wheel.", why=str(error), fix="Give it the name that it was built with."
        ) from None
    if not wheel.is_file():
        raise UsageError(f"{text} does not exist.", fix="Give a wheel, an sdist, a directory, or a requirement.")
    return wheel


def _absolute(path: Path) -> Path:
    return path.resolve() if ".." in path.parts else path.absolute()


def _url(text: str) -> DirectSpec:
    if text.startswith("file:"):
        return _file_url(text)
    if not _EGG.search(text) and not text.startswith(REPOSITORIES) and not _is_archive(text):
        raise UsageError(
            f"{text!r} is the URL of no sdist or wheel.",
            fix="It ends in the name of a file, https://…/name-1.0.tar.gz, or has the project's before it: name @ URL.",
        )
    return _of_url(text)


def _file_url(text: str) -> DirectSpec:
    """Read the URL of a file or a directory, perhaps with extras; one without a root is relative, as with pip."""
    url, mark, fragment = text.partition("#")
    if not url.startswith("file:/"):
        url = Path(os.path.normpath(Path(unquote(url.removeprefix("file:"))).absolute())).as_uri()
    found = _WITH_EXTRAS.fullmatch(re.sub("(?i)%5b(.*)%5d$", r"[\1]", url))
    url = found["place"] if found else url
    if not (_is_archive(url) or url_fault(url) or file_of_url(url).is_dir()):
        raise UsageError(
            f"{text!r} is the URL of no sdist, wheel or directory.", fix="Give the URL of one that is there."
        )
    place = _of_url(f"{url}{mark}{fragment}")
    return replace(place, extras=place.extras | _extras(found["extras"])) if found else place


def _of_url(url: str) -> DirectSpec:
    found = _EGG.search(url)
    extras = _extras(found["extras"] or "") if found else frozenset()
    name = canonicalize_name(found["name"]) if found else ""
    return DirectSpec(where=url, name=name, extras=extras, hashes=_hashes(url))


def _hashes(url: str) -> dict[str, tuple[str, ...]]:
    return {algorithm: (digest,) for algorithm, digest in hashes_of_fragment(url).items()}


def _is_archive(url: str) -> bool:
    return url.partition("#")[0].partition("?")[0].endswith((*SDIST_SUFFIXES, ".whl"))


def _extras(text: str) -> frozenset[str]:
    return frozenset(canonicalize_name(word) for word in re.split(r"[\s,]+", text) if word)
