"""Writing what packages consist of below a root, as dpkg would with that root as ``/``.

A link never leads out of the root, be it absolute or followed by another package. Source: dpkg's treatment of
directories and links (dpkg(1), Debian policy 6.6): a directory that is there stays, though it be a link to one.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from posixpath import join, normpath, relpath, split
from typing import TYPE_CHECKING

from crossbuild.errors import SysrootError
from crossbuild.system.rooted_paths import in_root

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A root and where its directories really are."""

    root: Path
    _directories: dict[str, str] = field(default_factory=dict)

    def write(self, member: tarfile.TarInfo, archive: tarfile.TarFile) -> str:
        """Write ``member`` and return its path in the package, absolute. Raises SysrootError for what is no file."""
        if ".." in member.name.split("/"):
            raise SysrootError(f"{member.name} would be written outside of the root.")
        name = normpath(f"/{member.name}")
        if member.isdir():
            self._make_directory(name)
        elif member.issym():
            self.link(name, member.linkname)
        elif member.islnk():
            self._replace(name, lambda place: place.hardlink_to(self._place(normpath(f"/{member.linkname}"))))
        elif member.isreg():
            self._replace(name, lambda place: _copy(member, archive, place))
        else:
            raise SysrootError(f"{name} is neither a file, a directory nor a link.")
        return name

    def link(self, name: str, target: str) -> None:
        """Make ``name`` a link to ``target``, both as paths of the root, in the place of any link that is there."""
        place = self._place(name)
        if place.is_dir() and not place.is_symlink():
            return
        directory = self._resolved(split(name)[0])
        inside = normpath(join(directory, target))
        # Nobody runs chroot: what starts from `/`, or climbs above the root, would lead to this machine's files.
        escapes = target.startswith("/") or normpath(join(directory.lstrip("/"), target)).startswith("..")
        self._replace(name, lambda place: place.symlink_to(relpath(inside, directory) if escapes else target))

    def has(self, name: str) -> bool:
        """Return whether the absolute path ``name`` is there, its links followed inside the root."""
        return self._place(self._resolved(name)).exists()

    def _make_directory(self, name: str) -> None:
        place = self.root / self._resolved(name).lstrip("/")
        place.mkdir(parents=True, exist_ok=True)

    def _replace(self, name: str, make: Callable[[Path], object]) -> None:
        """Let ``make`` make ``name``. What was there may be a hard link into another root: that one keeps it."""
        place = self._place(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        make(place)

    def _place(self, name: str) -> Path:
        directory, file = split(name)
        return self.root / self._resolved(directory).lstrip("/") / file

    def _resolved(self, name: str) -> str:
        """Return the absolute path ``name`` of the root with all links followed, as if the root were ``/``."""
        if name in self._directories:
            return self._directories[name]
        try:
            here = in_root(name, self.root)
        except OSError as error:
            raise SysrootError(f"{name} cannot be followed in the root: {error.strerror}.") from None
        found = normpath(f"/{here.relative_to(self.root)}")
        if here.is_dir():
            # A directory stays one; what is not there yet may become a link.
            self._directories[name] = found
        return found


def _copy(member: tarfile.TarInfo, archive: tarfile.TarFile, place: Path) -> None:
    content = archive.extractfile(member)
    if content:
        with place.open("xb") as file:
            shutil.copyfileobj(content, file)
        # No set-user-ID programs, and nothing that its owner could not remove again.
        place.chmod(member.mode & 0o755 | 0o200)
        os.utime(place, (member.mtime, member.mtime))
