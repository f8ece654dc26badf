"""What is built: a project in a directory, unpacked or the user's own."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.sources.archives import check_project, identity, unpack_sdist
from crossbuild.sources.surroundings import Tree, copy_place
from crossbuild.system.documents import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    unpacked: Path | None = None
    """The directory that it was unpacked below."""
    subdirectory: str = ""
    """Where in the archive or the repository the project is."""
    top: Path | None = None
    """The tree that it belongs to, which may be built in: an unpacked archive, a repository that was checked out, or a
    copy. None for a directory of the user's."""
    through_sdist: bool = False
    """Whether it is made into an sdist first, and that is built."""
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
        top = unpack_sdist(sdist, into, subdirectory=subdirectory)
        directory = top / subdirectory
        name, version = identity(directory, sdist)
        return cls(
            name=name,
            version=version,
            directory=directory,
            origin=origin or str(sdist),
            sdist=sdist,
            unpacked=into,
            subdirectory=subdirectory,
            top=top,
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
        # What was unpacked is crossbuild's own, and unpacked again for another build.
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
        if self.sdist is None:
            return self
        # The first tree may still be there, in whole or in part: a build moves it, and can fail at any time.
        into = Path(tempfile.mkdtemp(prefix="again-", dir=self.unpacked))
        return Source.from_sdist(self.sdist, into=into, origin=self.origin, subdirectory=self.subdirectory)
