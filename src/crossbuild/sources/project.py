"""What to build: from the words of a user to a directory with a project in it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from crossbuild.errors import UsageError
from crossbuild.index.files import SDIST_SUFFIXES
from crossbuild.index.settings import redacted
from crossbuild.sources.archives import check_project, identity, unpack_sdist
from crossbuild.sources.surroundings import Tree, copy_place
from crossbuild.system.documents import read_toml
from crossbuild.system.requirement_text import read_requirement, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.index.index import Index

SOURCES, PROJECT = "source", "project"
"""In the directory of a build: where its sources are, and a link to the project there."""
_REPOSITORIES = ("git+", "hg+", "svn+", "bzr+")
REFERENCE = re.compile(r"\w[\w.-]*\s*(?:\[[^\]]*\]\s*)?@")
"""What a requirement with a URL begins with: a name, perhaps extras, and ``@``."""
_CHECK_OUT = "Check it out, and give the directory; or use crossbuild wheel, which takes it."


@dataclass(frozen=True, kw_only=True)
class Source:
    """A project to build, as a directory."""

    name: str | None
    """As the sdist says; None for a directory, whose backend will say it."""
    version: str | None
    directory: Path
    """The one with ``pyproject.toml`` or ``setup.py``."""
    origin: str
    """Where it is from, for messages: a path, or a URL without passwords."""
    sdist: Path | None = None
    """The archive that the directory was unpacked from."""
    subdirectory: str = ""
    """Where in the archive the project is."""
    top: Path | None = None
    """The tree that it belongs to, which may be built in: an unpacked archive, a repository that was checked out, or a
    copy. None for a directory of the user's."""
    left_out: tuple[str, ...] = ()
    """Why something is not in a copy, for each file and directory that a build might miss."""

    @classmethod
    def from_directory(cls, directory: Path) -> Source:
        """Take a project in place. Raises SourceError if there is none."""
        check_project(directory, str(directory))
        return cls(name=None, version=None, directory=directory.absolute(), origin=str(directory))

    @classmethod
    def from_sdist(cls, sdist: Path, *, into: Path, origin: str = "", subdirectory: str = "") -> Source:
        """Unpack ``sdist`` below ``into``. Raises SourceError as :func:`unpack_sdist` does."""
        directory = unpack_sdist(sdist, into, subdirectory=subdirectory)
        name, version = identity(directory, sdist)
        return cls(
            name=name,
            version=version,
            directory=directory,
            origin=origin or str(sdist),
            sdist=sdist,
            subdirectory=subdirectory,
            top=directory.parents[len(Path(subdirectory).parts) - 1] if subdirectory else directory,
        )

    @property
    def is_the_users(self) -> bool:
        """Whether it is a directory that the user named, rather than other people's files."""
        return self.sdist is None and "://" not in self.origin

    @property
    def label(self) -> str:
        """Name and version for messages, as far as they are known."""
        return f"{self.name or self.directory.name} {self.version or ''}".strip()

    @property
    def project_name(self) -> str:
        """The project's name as far as it can be known before its backend is asked; else the directory's."""
        if self.name:
            return self.name
        try:
            return str(read_toml(self.directory / "pyproject.toml")["project"]["name"])
        except (OSError, ValueError, KeyError, TypeError):
            return self.directory.name

    def brought_below(self, parent: Path, environ: Mapping[str, str]) -> Source:
        """Return the project below ``parent``: moved there if it was unpacked, else copied with its surroundings."""
        parent.mkdir(parents=True)
        if self.sdist and self.top:
            moved = Path(shutil.move(self.top, parent))
            return replace(self, directory=moved / self.directory.relative_to(self.top), top=moved)
        project, parent = self.directory.resolve(), parent.resolve()
        tree = Tree(top=self.top.resolve(), project=project) if self.top else Tree.from_project(project, environ)
        place = copy_place(tree.top, parent, environ, with_neighbours=self.top is None)
        copied = tree.copy(place, environ)
        return replace(self, directory=copied.project, top=place, left_out=copied.left_out)

    def unpacked_again(self) -> Source:
        """Return the project as it was before a build that went wrong: beside what is left of that one."""
        if self.sdist is None or self.top is None:
            return self
        into = Path(tempfile.mkdtemp(prefix="again-", dir=self.top.parent.parent))
        return Source.from_sdist(self.sdist, into=into, origin=self.origin, subdirectory=self.subdirectory)


def get_source(spec: Requirement | Path, *, index: Index, python: tuple[int, int, int], into: Path) -> Source:
    """Return the project that ``spec`` (of :func:`parse_spec`) means; what must be unpacked is unpacked below ``into``.

    ``python`` is the host's. Raises SourceError, and for requirements whatever ``Index.find_sdist`` raises.
    """
    if isinstance(spec, Requirement):
        found = index.find_sdist(spec, python)
        return Source.from_sdist(found.path, into=into, origin=found.url)
    return Source.from_directory(spec) if spec.is_dir() else Source.from_sdist(spec, into=into)


def describe_spec(spec: Requirement | Path) -> str:
    """Return ``spec`` in words that hold no password."""
    if isinstance(spec, Requirement) and spec.url:
        return f"{spec.name} @ {redacted(spec.url)}"
    return str(spec)


def parse_spec(text: str) -> Requirement | Path:
    """Read a requirement (PEP 508), the path of an sdist, or that of a directory.

    A path has a slash in it, starts with a dot, or ends as an sdist does: ``numpy`` is a project on an index even
    where a directory of that name is. Raises UsageError for anything else.
    """
    if text.startswith(_REPOSITORIES):
        raise UsageError(f"{redacted(text)} is a repository.", fix=_CHECK_OUT)
    if looks_like_path(text):
        return _path(text)
    try:
        requirement = read_requirement(text)
    except InvalidRequirement as error:
        what = f"{shown(text)} is not a valid requirement, sdist or directory."
        raise UsageError(what, why=str(error), fix=_hint(text)) from None
    return _checked(requirement)


def looks_like_path(text: str) -> bool:
    """Return whether ``text`` means a file or a directory, there or not, rather than a requirement."""
    if "://" in text or REFERENCE.match(text):
        return False
    return os.sep in text or text.startswith((".", "~")) or text.endswith((*SDIST_SUFFIXES, ".whl"))


def expanded(text: str) -> Path:
    """Return the path that ``text`` means, with the home directory for ``~``, if there is one."""
    path = Path(text)
    with suppress(RuntimeError):
        # There is no user of that name, and perhaps a directory.
        path = path.expanduser()
    return path


def _path(text: str) -> Path:
    path = expanded(text)
    if text.endswith(".whl"):
        raise UsageError(
            f"{text} is a wheel, which is built already.", fix="Give the sdist or the project's directory."
        )
    if not os.path.lexists(path):
        raise UsageError(
            f"{shown(text)} does not exist.", fix="Give an sdist, a directory, or a requirement such as numpy."
        )
    if path.is_dir() or text.endswith(SDIST_SUFFIXES):
        return path
    raise UsageError(
        f"{text} is neither a directory nor an sdist.", fix=f"An sdist ends in {', '.join(SDIST_SUFFIXES)}."
    )


def _checked(requirement: Requirement) -> Requirement:
    if requirement.marker:
        raise UsageError(
            f"{requirement}: a marker means nothing for what is asked for by name.",
            fix=f"Say {requirement.name} alone.",
        )
    if requirement.url and requirement.url.startswith(_REPOSITORIES):
        raise UsageError(f"{requirement.name}: {redacted(requirement.url or '')} is a repository.", fix=_CHECK_OUT)
    return requirement


def _hint(text: str) -> str:
    if "://" in text:
        return "A URL needs the project's name before it: name @ https://…/name-1.0.tar.gz"
    return "A requirement looks like numpy, numpy==2.3.*, or 'numpy>=2'; a path has a slash in it."
