"""A change of a root as a list of renames, and the way back from any step of it.

New files lie beside the root's own before the change begins, and so do the old ones afterwards, until it is complete.
In between, there are only renames: they need no space, and can be reversed.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from stat import S_IMODE
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_Facts = TypeVar("_Facts", dict[str, Any], list[str])

STAGING = ".crossbuild-install"
"""The directory of the root that has the new and the old files."""
APART = f"{STAGING}-apart"
"""The same for files on another file system, in the uppermost directory there."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to be done to a root; the paths are relative to it, without links on the way."""

    writes: Mapping[str, str]
    """The new files: their paths, with the names that they have in the staging directory."""
    removals: tuple[str, ...] = ()
    """The files and links to remove."""
    kept: tuple[str, ...] = ()
    """The directories that stay, even if empty. Other directories are removed with their last file."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The renames of a change. Paths and places are relative to the root."""

    writes: Mapping[str, str]
    """The new files: their paths, with the places that they are moved from."""
    saved: Mapping[str, str]
    """The files that are replaced or removed: their paths, with the places that they are moved to."""
    made: tuple[str, ...] = ()
    """The directories to make, the outermost first."""
    emptied: Mapping[str, int] = field(default_factory=dict)
    """The directories to remove if they are empty, the innermost first, with their modes."""

    @classmethod
    def from_change(cls, root: Path, change: Change) -> Self:
        """Plan ``change``. Nothing is written, and directories for the places may be missing."""
        stagings = _Stagings(root=root)
        paths = enumerate(dict.fromkeys((*change.removals, *change.writes)))
        parents = {parent for path in change.writes for parent in _parents(path)}
        left = {parent for path in change.removals for parent in _parents(path)} - parents - {*change.kept}
        return cls(
            writes={path: stagings.place(path, "new", name) for path, name in change.writes.items()},
            saved={path: stagings.place(path, "old", str(n)) for n, path in paths if _is_file(root / path)},
            made=tuple(sorted(parent for parent in parents if not (root / parent).is_dir())),
            emptied={
                path: S_IMODE((root / path).stat().st_mode)
                for path in sorted(left, reverse=True)
                if (root / path).is_dir()
            },
        )

    @classmethod
    def from_facts(cls, facts: Any) -> Self:
        """Read :attr:`facts`. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            writes=of_kind(facts["writes"], dict),
            saved=of_kind(facts["saved"], dict),
            made=tuple(of_kind(facts["made"], list)),
            emptied=of_kind(facts["emptied"], dict, values=int),
        )

    @property
    def facts(self) -> dict[str, Any]:
        """The plan as :meth:`from_facts` reads it."""
        return asdict(self)

    @property
    def apart(self) -> list[str]:
        """The staging directories on other file systems."""
        places = (PurePosixPath(place) for place in (*self.writes.values(), *self.saved.values()))
        return sorted({str(parent) for place in places for parent in place.parents if parent.name == APART})

    def prepare(self, root: Path, change: Change) -> None:
        """Make the places, and copy to other file systems what goes there. Raises OSError."""
        for place in (*self.writes.values(), *self.saved.values()):
            (root / place).parent.mkdir(parents=True, exist_ok=True)
        for path, name in change.writes.items():
            new = root / STAGING / "new" / name
            if root / self.writes[path] != new:
                shutil.copy2(new, root / self.writes[path])

    def carry_out(self, root: Path) -> None:
        """Change ``root``. Raises OSError."""
        # What is removed goes first: a directory of the old version may be a file of the new one. What is replaced goes
        # only when its successor is put there, so that it is missing for a moment.
        for path, place in self.saved.items():
            if path not in self.writes:
                (root / path).rename(root / place)
        for path in self.emptied:
            with suppress(OSError):
                (root / path).rmdir()
        for path in self.made:
            _make_directory(root / path, 0o755)
        for path, place in self.writes.items():
            if path in self.saved:
                (root / path).rename(root / self.saved[path])
            _put(root / place, root / path)

    def undo(self, root: Path) -> None:
        """Put ``root`` back as it was, however much was done or undone already. Raises OSError."""
        # Once before anything is done, and again at each step: one may put a link in the way of the next.
        confine(root, (*self.writes, *self.writes.values(), *self.saved, *self.saved.values()))
        confine(root, map(_inside, (*self.made, *self.emptied)))
        for path, place in self.writes.items():
            if not os.path.lexists(root / place):
                with suppress(FileNotFoundError):
                    _move(root, path, place)
        for path in reversed(self.made):
            confine(root, [_inside(path)])
            # It stays if somebody else has put a file there.
            with suppress(OSError):
                (root / path).rmdir()
        for path, mode in reversed([*self.emptied.items()]):
            confine(root, [_inside(path)])
            _make_directory(root / path, S_IMODE(mode))
        for path, place in self.saved.items():
            if os.path.lexists(root / place):
                _move(root, place, path)


@dataclass(frozen=True, kw_only=True)
class _Stagings:
    """Where the files of each directory can be moved to and from."""

    root: Path
    _known: dict[Path, Path] = field(default_factory=dict)

    def place(self, path: str, kind: str, name: str) -> str:
        """Return the place for the new or the old file of ``path``."""
        directory = next(parent for parent in (self.root / path).parents if parent.is_dir())
        return str((self._find(directory) / kind / name).relative_to(self.root))

    def _find(self, directory: Path) -> Path:
        if directory == self.root:
            return self.root / STAGING
        if directory not in self._known:
            above = self._find(directory.parent)
            self._known[directory] = directory / APART if _is_apart(directory, above.parent) else above
        return self._known[directory]


def confine(root: Path, paths: Iterable[str | PurePosixPath]) -> None:
    """Raise ValueError if one of ``paths`` leads out of ``root``, directly or by a link."""
    for path in paths:
        pure = PurePosixPath(path)
        links = (parent for parent in _parents(path) if (root / parent).is_symlink())
        if pure.is_absolute() or ".." in pure.parts or any(links):
            raise ValueError(f"It names {path}, which is outside of the root.")


def of_kind(facts: Any, kind: type[_Facts], *, values: type = str) -> _Facts:
    """Return ``facts``, which are of that ``kind`` and have such ``values``. Raises TypeError if they are not."""
    inside = facts.values() if isinstance(facts, dict) else facts
    if not isinstance(facts, kind) or not all(isinstance(one, values) for one in inside):
        raise TypeError(f"It is not a {kind.__name__} of {values.__name__}.")
    return facts


def _inside(directory: str) -> str:
    return f"{directory}/any"


def _move(root: Path, path: str, final: str) -> None:
    confine(root, (path, final))
    (root / path).rename(root / final)


def _parents(path: str | PurePosixPath) -> Iterator[str]:
    return (str(parent) for parent in PurePosixPath(path).parents if parent.name)


def _is_file(path: Path) -> bool:
    return os.path.lexists(path) and (path.is_symlink() or not path.is_dir())


def _is_apart(directory: Path, other: Path) -> bool:
    """Return whether files cannot be renamed between the two: file systems differ, or mounts of the same one."""
    if directory.stat().st_dev != other.stat().st_dev:
        return True
    try:
        # Linux compares the mounts before it looks for the file, of which there is none.
        (directory / f"{APART}-none").rename(other / f"{APART}-none")
    except OSError as error:
        return error.errno == errno.EXDEV
    return False


def _make_directory(directory: Path, mode: int) -> None:
    """Make ``directory``, with the same permissions under every umask."""
    with suppress(FileExistsError):
        directory.mkdir()
    if S_IMODE(directory.stat().st_mode) != mode:
        directory.chmod(mode)


def _put(file: Path, final: Path) -> None:
    # A file system that ignores case can have a file of another spelling.
    if os.path.lexists(final):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final))
    file.rename(final)
