"""A decided change of a root, step by step, and the way back. Each step may be repeated.

A plan is kept as a JSON file in the root until it is carried out. It names the new files, in a directory beside it, and
copies of the files that they replace.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_BESIDE = ".crossbuild-install.tmp"
"""The name of a file while it is copied to another file system. It is short, so every directory can hold it."""


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
    """A change that can be carried out, and undone."""

    change: Change
    saved: Mapping[str, str]
    """The files that the change replaces or removes: their paths, with the names of their copies."""
    made: tuple[str, ...]
    """The directories that the change makes, the outermost first."""

    @classmethod
    def prepare(cls, root: Path, change: Change, old: Path) -> Self:
        """Copy what ``change`` replaces or removes into the directory ``old``, which is made.

        Raises OSError, also for a directory that cannot be written.
        """
        old.mkdir()
        for path in (*change.writes, *change.removals):
            _check_writable(root, path)
        saved = {}
        for number, path in enumerate(dict.fromkeys((*change.writes, *change.removals))):
            if _is_file(root / path):
                saved[path] = str(number)
                _link_or_copy(root / path, old / saved[path])
        return cls(change=change, saved=saved, made=tuple(_missing_directories(root, change.writes)))

    @classmethod
    def from_file(cls, file: Path) -> Self:
        """Read a plan. Raises OSError, and ValueError for a file that is not a plan."""
        try:
            facts = json.loads(file.read_text(encoding="utf-8"))
            change = facts["change"]
            plan = cls(
                change=Change(
                    writes=dict(change["writes"]), removals=tuple(change["removals"]), kept=tuple(change["kept"])
                ),
                saved=dict(facts["saved"]),
                made=tuple(facts["made"]),
            )
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"{file} is damaged.") from None
        for path in plan.paths():
            if Path(path).is_absolute() or ".." in Path(path).parts:
                raise ValueError(f"{file} names {path}, which is outside of the root.")
        return plan

    def paths(self) -> Iterator[str]:
        """Yield every path and name in the plan."""
        yield from (*self.change.writes, *self.change.writes.values(), *self.change.removals)
        yield from (*self.saved, *self.saved.values(), *self.made)

    @property
    def text(self) -> str:
        """The plan as :meth:`from_file` reads it."""
        return json.dumps(asdict(self))

    def carry_out(self, root: Path, new: Path) -> None:
        """Change ``root``, with the new files in the directory ``new``. Raises OSError."""
        for path in self.change.removals:
            if path not in self.change.writes:
                _remove(root / path)
        # A directory can become a file, and a file a directory.
        _prune(root, self.change.removals, frozenset(self.change.kept))
        for path, name in self.change.writes.items():
            # An earlier attempt may have moved it.
            if (new / name).exists():
                _make_directory((root / path).parent)
                _move(new / name, root / path)

    def undo(self, root: Path, old: Path) -> None:
        """Put ``root`` back as it was, with the copies in the directory ``old``. Raises OSError."""
        for path in self.change.writes:
            if path not in self.saved:
                _remove(root / path)
        for path in reversed(self.made):
            # It stays if somebody else has put a file there.
            with suppress(OSError):
                (root / path).rmdir()
        for path, name in self.saved.items():
            if os.path.lexists(old / name):
                _make_directory((root / path).parent)
                _move(old / name, root / path)


def _check_writable(root: Path, path: str) -> None:
    """Raise OSError if no file can be put at ``path`` in ``root``, or removed from there."""
    directory = next(parent for parent in (root / path).parents if parent.is_dir())
    if not os.access(directory, os.W_OK | os.X_OK):
        read_only = os.statvfs(directory).f_flag & os.ST_RDONLY
        number = errno.EROFS if read_only else errno.EACCES
        raise OSError(number, os.strerror(number), str(directory))


def _missing_directories(root: Path, paths: Iterable[str]) -> list[str]:
    parents = {str(parent) for path in paths for parent in Path(path).parents}
    return sorted(parent for parent in parents if not (root / parent).is_dir())


def _is_file(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def _link_or_copy(file: Path, copy: Path) -> None:
    try:
        os.link(file, copy, follow_symlinks=False)
    except OSError:
        # Not every file system has hard links, and Linux may allow them for one's own files only.
        shutil.copy2(file, copy, follow_symlinks=False)


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        path.unlink()


def _prune(root: Path, removed: Iterable[str], kept: frozenset[str]) -> None:
    for path in removed:
        for parent in Path(path).parents:
            if str(parent) in kept or parent == Path():
                break
            try:
                (root / parent).rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                break


def _move(file: Path, final: Path) -> None:
    try:
        file.replace(final)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = final.with_name(_BESIDE)
        try:
            shutil.copy2(file, beside, follow_symlinks=False)
            beside.replace(final)
        finally:
            beside.unlink(missing_ok=True)
        file.unlink()


def _make_directory(directory: Path) -> None:
    """Make ``directory`` and those above it, with the same permissions under every umask."""
    if not directory.is_dir():
        _make_directory(directory.parent)
        directory.mkdir(exist_ok=True)
        directory.chmod(0o755)
