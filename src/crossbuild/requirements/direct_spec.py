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
from crossbuild.index.settings import expanded, file_of_url, redacted, url_fault
from crossbuild.sources.direct import REPOSITORIES
from crossbuild.system.requirement_text import read_requirement, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.markers import Marker
    from packaging.requirements import Requirement

    from crossbuild.options.build_options import ConfigSettings

_WITH_EXTRAS = re.compile(r"(?P<place>.+?)\s*\[(?P<extras>[\w\s,.-]+)\]$")
# How pip named the project before PEP 508 had "name @ URL".
_EGG = re.compile(r"[#&]egg=(?P<name>[\w.-]+)(?:\[(?P<extras>[\w,.-]+)\])?")
_REFERENCE = re.compile(r"\w[\w.-]*\s*(?:\[[^\]]*\]\s*)?@")
"""What a requirement with a URL begins with: a name, perhaps extras, and ``@``."""


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
    through_sdist: bool = False
    """Whether a directory is made into an sdist before it is built."""


def read_spec(spec: str | Path) -> Requirement | DirectSpec:
    """Read a word of the user's, or take a path that a program gives as it is. Raises UsageError."""
    return DirectSpec(where=_existing(spec, str(spec))) if isinstance(spec, Path) else read_word(spec)


def read_project(spec: str | Path) -> Requirement | DirectSpec:
    """Read what is to be built, which is anything but a wheel. Raises UsageError."""
    word = read_spec(spec)
    if isinstance(word, DirectSpec) and wheel_name(word.where):
        raise UsageError(
            f"{redacted(str(spec))} is a wheel, which is built already.",
            fix="Give the sdist or the project's directory.",
        )
    return word


def read_word(text: str) -> Requirement | DirectSpec:
    """Read a requirement (PEP 508), or the path or the URL of a wheel, an sdist, a directory or a repository.

    A path has a slash in it, starts with a dot, or ends as an sdist or a wheel does: ``numpy`` is a project on an index
    even where a directory has that name. Paths may have extras, and all may have a marker: ``./project[speed] ;
    python_version < "3.12"``. As with pip, a blank has to follow the semicolon behind a URL. Raises UsageError.
    """
    # URLs first: they have slashes, too, and would be taken for paths.
    is_url = text.startswith((*REPOSITORIES, "file:")) or ("://" in text and not _REFERENCE.match(text))
    what, _, condition = (part.strip() for part in f"{text} ".partition("; " if is_url else ";"))
    if is_url:
        return replace(_url(what), marker=_marker(condition, text))
    if looks_like_path(what.partition("[")[0]) or (looks_like_path(what) and "[" not in what):
        return replace(_path(what), marker=_marker(condition, text))
    try:
        requirement = read_requirement(f"{what} ; {condition}" if condition else what)
    except InvalidRequirement as error:
        if looks_like_path(what):
            return replace(_path(what), marker=_marker(condition, text))
        raise UsageError(
            f"{shown(text)} is not a valid requirement, sdist or directory.", why=str(error), fix=_hint(text)
        ) from None
    if requirement.url:
        return DirectSpec(
            where=requirement.url,
            name=canonicalize_name(requirement.name),
            extras=frozenset(requirement.extras),
            hashes=allowed(hashes_of_fragment(requirement.url)),
            marker=requirement.marker,
        )
    return requirement


def _marker(condition: str, text: str) -> Marker | None:
    # As the marker of a requirement it passes all the checks of one.
    try:
        return read_requirement(f"project ; {condition}").marker if condition else None
    except InvalidRequirement as error:
        raise UsageError(f"The marker of {shown(text)} cannot be understood.", why=str(error)) from None


def allowed(hashes: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return ``hashes``, one digest by algorithm, as those of which a file must have one."""
    return {algorithm: (digest,) for algorithm, digest in hashes.items()}


def directories_in(words: Iterable[Requirement | DirectSpec]) -> list[Path]:
    """Return the directories that ``words`` name by their paths."""
    places = (word.where for word in words if isinstance(word, DirectSpec))
    return [where for where in places if isinstance(where, Path) and where.is_dir()]


def wheel_name(where: Path | str) -> str:
    """Return the normalised name of the project whose wheel is at ``where``; empty if it is no wheel."""
    try:
        return parse_wheel_filename(str(where).partition("#")[0].rpartition("/")[2])[0]
    except InvalidWheelFilename:
        return ""


def project_names(words: Iterable[Requirement | DirectSpec]) -> frozenset[str]:
    """Return the normalised names that ``words`` say."""
    return frozenset(canonicalize_name(word.name) for word in words if word.name)


def looks_like_path(text: str) -> bool:
    """Return whether ``text`` means a file or a directory, there or not, rather than a requirement."""
    if "://" in text or _REFERENCE.match(text):
        return False
    return os.sep in text or text.startswith((".", "~")) or text.endswith((*SDIST_SUFFIXES, ".whl"))


def _hint(text: str) -> str:
    if "://" in text:
        return "A URL needs the project's name before it: name @ https://…/name-1.0.tar.gz"
    return "A requirement looks like numpy, numpy==2.3.*, or 'numpy>=2'; a path has a slash in it."


def _path(text: str) -> DirectSpec:
    found = _WITH_EXTRAS.fullmatch(text)
    place, extras = (found["place"], _extras(found["extras"])) if found else (text, frozenset[str]())
    return DirectSpec(where=_existing(expanded(place), place), extras=extras)


def _existing(path: Path, text: str) -> Path:
    """Return the absolute ``path`` of a wheel, an sdist or a directory, which the user calls ``text``."""
    if path.name.endswith(".whl") and not path.is_dir():
        _check_wheel_name(path, text)
    if not os.path.lexists(path):
        raise UsageError(f"{shown(text)} does not exist.", fix="Give a wheel, an sdist, a directory, or a requirement.")
    if not (path.is_dir() or path.name.endswith((*SDIST_SUFFIXES, ".whl"))):
        raise UsageError(
            f"{shown(text)} is neither a directory nor an sdist.", fix=f"An sdist ends in {', '.join(SDIST_SUFFIXES)}."
        )
    return _absolute(path)


def _check_wheel_name(path: Path, text: str) -> None:
    try:
        parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise UsageError(
            f"{shown(text)} is not named like a wheel.",
            why=str(error),
            fix="Give it the name that it was built with.",
        ) from None


def _absolute(path: Path) -> Path:
    # Links are followed only if there is a "..", which for the system leads up from the target of a link.
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
    # as_uri() escapes the brackets of extras, and so do programs that write URLs.
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
    return DirectSpec(where=url, name=name, extras=extras, hashes=allowed(hashes_of_fragment(url)))


def _is_archive(url: str) -> bool:
    return url.partition("#")[0].partition("?")[0].endswith((*SDIST_SUFFIXES, ".whl"))


def _extras(text: str) -> frozenset[str]:
    return frozenset(canonicalize_name(word) for word in re.split(r"[\s,]+", text) if word)
