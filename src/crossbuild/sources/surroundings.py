"""A copy of a project together with all that it may reach for: a build leaves the project's directory as it is.

The *tree* of a project is copied: its repository, or the Cargo workspace that it is a member of, or the directory
alone. The copy lies below a copy of the directories above it, which hold links to what is in them. So each path that
the project has for a file leads to that file.
"""

from __future__ import annotations

import itertools
import os
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Self

from crossbuild.errors import SourceError
from crossbuild.sources.checkouts import Checkout, git_directory, is_same_repository, lend, lend_git, lend_git_above
from crossbuild.sources.copying import copy_file
from crossbuild.system.documents import read_toml
from crossbuild.system.scratch import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OTHER_VERSION_CONTROL = (".hg", ".svn", ".bzr", ".jj")
_CACHES = ("cache", "wcache")
"""Of Mercurial, which makes them again."""
_PRODUCTS = ("__pycache__", NAMES)
"""Directories that no build needs: bytecode, and crossbuild's own where the project has its TMPDIR."""
_PRODUCTS_IF_IGNORED = ("build", "builddir", "_build", "_skbuild", "cmake-build-*", "dist", "target", ".eggs")
_PRODUCTS_IN_BUILD = ("lib", "lib.*", "temp.*", "bdist.*")
"""distutils' names. Among them may be products for another host."""
_MARKS = ("CACHEDIR.TAG", "pyvenv.cfg")
"""Files that mark a directory as a cache, or as a virtual environment."""
_LARGE, _HUGE = 16 << 20, 1 << 30
"""Bytes: more than what is generated for a build to read, and more than a wheel has."""
HUGE = "is not tracked by git, and larger than 1 GiB"
"""Why something is not copied even if it is in the project."""


@dataclass(frozen=True, kw_only=True)
class Tree:
    """The directory that has to be copied for a project in it to be built. Paths are without links."""

    top: Path
    project: Path
    checkout: Checkout | None = None
    """What git knows of it, if it was asked."""

    @classmethod
    def from_project(cls, project: Path, environ: Mapping[str, str]) -> Self:
        """Find the one of ``project``. Raises SourceError for a project in ``/``."""
        if project == project.parent:
            raise SourceError("The project is in /, which cannot be copied.", fix="Move it to a directory of its own.")
        home = Path(environ.get("HOME") or "/").resolve()
        base = _cargo_workspace(project, home) or project
        # Not in /, which would be a copy of the whole machine.
        top = next((place for place in (base, *base.parents[:-1]) if _is_versioned(place)), base)
        if top == base:
            return cls(top=base, project=project)
        checkout = Checkout.from_directory(top, environ)
        belongs = _belongs(str(base.relative_to(top)), checkout, is_home=home.is_relative_to(top))
        return cls(top=top, project=project, checkout=checkout) if belongs else cls(top=base, project=project)

    def copy(self, place: Path, environ: Mapping[str, str]) -> Copied:
        """Copy it to ``place``.

        Files that git ignores are copied, since a build may need what another generated; but no products, nothing huge,
        and, beside the project, nothing large.
        """
        copying = _Copying(tree=self, place=place, environ=environ)
        copying.directory(self.top, place, Checkout(), "")
        return Copied(project=place / self.project.relative_to(self.top), left_out=tuple(copying.left_out))


@dataclass(frozen=True, kw_only=True)
class Copied:
    """A project, where it was copied to."""

    project: Path
    left_out: tuple[str, ...]
    """Why something was not copied, for each file and directory that a build might miss."""


def copy_place(top: Path, parent: Path, environ: Mapping[str, str], *, with_neighbours: bool) -> Path:
    """Return where a copy of ``top`` belongs below ``parent``, in directories that are called as those above ``top``.

    ``with_neighbours``: whether those hold links to what is beside the original.
    """
    place = parent
    for above, below in itertools.pairwise([*reversed(top.parents), top]):
        if with_neighbours:
            _link_entries(above, place, environ, left_out=below.name)
        place /= below.name
        if below != top:
            place.mkdir()
    return place


def _link_entries(directory: Path, place: Path, environ: Mapping[str, str], *, left_out: str) -> None:
    try:
        entries = [*directory.iterdir()]
    except OSError:
        return
    data = git_directory(directory)
    for entry in entries:
        if data and entry.name == ".git":
            with suppress(FileNotFoundError, PermissionError, shutil.Error):
                lend_git_above(data, place, environ)
        elif entry.name != left_out and not fnmatchcase(entry.name, NAMES):
            (place / entry.name).symlink_to(entry)


@dataclass(kw_only=True)
class _Copying:
    tree: Tree
    place: Path
    environ: Mapping[str, str]
    left_out: list[str] = field(default_factory=list)

    def directory(self, source: Path, place: Path, checkout: Checkout, prefix: str) -> None:
        """Copy a directory, whose files' names in ``checkout`` begin with ``prefix`` unless it has one of its own."""
        try:
            entries = list(os.scandir(source))
        except FileNotFoundError:
            return  # another program has just removed it
        except PermissionError:
            self._tell(source, "cannot be read")
            return
        place.mkdir()
        data = git_directory(source) if any(entry.name == ".git" for entry in entries) else None
        if data:
            known = self.tree.checkout if source == self.tree.top else None
            checkout, prefix = known or Checkout.from_directory(source, self.environ), ""
            self._version_control(data, place / ".git")
        for entry in entries:
            if not (data and entry.name == ".git"):
                self._entry(entry, place / entry.name, checkout, f"{prefix}{entry.name}")
        with suppress(FileNotFoundError):
            shutil.copystat(source, place)
        # Builds write into the copy, even where the original is read-only.
        place.chmod(stat.S_IMODE(place.stat().st_mode) | stat.S_IRWXU)

    def _entry(self, entry: os.DirEntry[str], place: Path, checkout: Checkout, name: str) -> None:
        path = Path(entry.path)
        try:
            if entry.is_symlink():
                self._link(path, place, is_tracked=name in checkout.tracked)
            elif entry.is_dir() and entry.name in _OTHER_VERSION_CONTROL:
                lend(path, place, left_out=_CACHES)
            elif entry.is_dir() and not self._leaves_out(path, checkout, name):
                self.directory(path, place, checkout, f"{name}/")
            elif entry.is_file() and not self._is_too_large(path, checkout, name):
                copy_file(path, place)
        except FileNotFoundError:
            pass  # another program has just removed it
        except PermissionError:
            self._tell(path, "cannot be read")

    def _version_control(self, data: Path, place: Path) -> None:
        try:
            lend_git(data, place)
        except (PermissionError, shutil.Error):
            self._tell(data, "cannot be read")

    def _link(self, path: Path, place: Path, *, is_tracked: bool) -> None:
        """Copy a link. One that names a file of the tree by its whole path leads to the copy, unless git would see."""
        # To git, where a link leads is its content: a tracked one would be a change.
        target = path.readlink()
        if target.is_absolute() and target.is_relative_to(self.tree.top) and not is_tracked:
            target = self.place / target.relative_to(self.tree.top)
        place.symlink_to(target)
        shutil.copystat(path, place, follow_symlinks=False)

    def _leaves_out(self, path: Path, checkout: Checkout, name: str) -> bool:
        """Return whether the directory ``path`` is left out."""
        if name in checkout.tracked or self.tree.project.is_relative_to(path):
            return False
        # The copy itself would be found here if TMPDIR is in the project.
        if path == self.place or is_same_repository(path, self.tree.top) or _is_product(path):
            return True
        is_ignored = name in checkout.ignored
        if _is_marked(path) or (is_ignored and _is_named(path, _PRODUCTS_IF_IGNORED)):
            if is_ignored:
                self._tell(path, "is ignored by git")
            return True
        return self._is_too_large(path, checkout, name)

    def _is_too_large(self, path: Path, checkout: Checkout, name: str) -> bool:
        """Return whether ``path``, a file or a directory, is larger than what is copied of its kind."""
        if name in checkout.ignored and not path.is_relative_to(self.tree.project):
            is_large, why = _is_larger(path, _LARGE), "is ignored by git, and large"
        else:
            is_large, why = checkout.is_without(name) and _is_larger(path, _HUGE), HUGE
        if is_large:
            self._tell(path, why)
        return is_large

    def _tell(self, path: Path, why: str) -> None:
        self.left_out.append(f"{os.path.relpath(path, self.tree.project)} {why}")


def _is_product(path: Path) -> bool:
    return _is_named(path, (*_PRODUCTS, *(_PRODUCTS_IN_BUILD if path.parent.name == "build" else ())))


def _is_named(path: Path, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(path.name, pattern) for pattern in patterns)


def _is_marked(directory: Path) -> bool:
    return any(os.path.lexists(directory / mark) for mark in _MARKS)


def _is_larger(path: Path, limit: int) -> bool:
    """Return whether the file ``path``, or all files in the directory, have more than ``limit`` bytes."""
    # It stops once the answer is known, since a directory can have millions of files.
    size = path.lstat().st_size
    for place, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                size += Path(place, name).lstat().st_size
        if size > limit:
            return True
    return size > limit


def _is_versioned(directory: Path) -> bool:
    return bool(git_directory(directory)) or any((directory / name).is_dir() for name in _OTHER_VERSION_CONTROL)


def _belongs(name: str, checkout: Checkout, *, is_home: bool) -> bool:
    """Return whether the directory ``name`` belongs to the repository of ``checkout``.

    It does not if it is ignored there. If the home directory is in the repository, it has to be tracked.
    """
    # Many people keep their dotfiles in a repository of their home directory: the projects there are not part of it.
    return name in checkout.tracked or not (is_home or checkout.ignores(name))


def _cargo_workspace(project: Path, home: Path) -> Path | None:
    """Return the directory above ``project`` whose ``Cargo.toml`` has a workspace; a home directory is not one."""
    for place in project.parents[:-1]:
        try:
            manifest = read_toml(place / "Cargo.toml")
        except (OSError, ValueError):
            continue
        if "workspace" in manifest:
            return None if home.is_relative_to(place) else place
    return None
