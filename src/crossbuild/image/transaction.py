"""Changes of a root that are made as a whole, or not at all, however often the process is killed meanwhile.

All that is new is written into a directory of the root first, then the plan of what goes where; with the plan in its
place the change is decided, and whoever comes next finishes it. Each step may be done twice.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from crossbuild.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STAGING = ".crossbuild-install"
_NEW = "new"
_PLAN = "plan.json"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to be done to a root; the paths are relative to it, without links on the way."""

    writes: Mapping[str, str]
    """By their paths, the files in the staging directory that are to be there."""
    removals: tuple[str, ...] = ()
    """The files and links that are to be there no longer."""
    kept: tuple[str, ...] = ()
    """The directories that stay, also empty; of the others, those that a removal empties go."""


@contextmanager
def locked(root: Path, locks: Path) -> Iterator[None]:
    """Have ``root`` alone; ``locks`` is the directory for lock files, the same for all who change roots."""
    name = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:16]
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / f"root-{name}.lock"):
        yield


@contextmanager
def staging(root: Path) -> Iterator[Path]:
    """Give an empty directory for new files; what is not committed when the block ends is thrown away."""
    recover(root)
    made = [directory for directory in (root, *root.parents) if not directory.exists()]
    new = root / STAGING / _NEW
    try:
        new.mkdir(parents=True)
        yield new
    except BaseException:
        if not (root / STAGING / _PLAN).exists():
            shutil.rmtree(root / STAGING, ignore_errors=True)
            with suppress(OSError):
                for directory in made:
                    directory.rmdir()
        raise
    recover(root)


def commit(root: Path, change: Change) -> None:
    """Do ``change``, whose new files are in the staging directory of ``root``. Raises InstallError."""
    plan = root / STAGING / _PLAN
    text = json.dumps({"writes": dict(change.writes), "removals": change.removals, "kept": change.kept})
    scratch = plan.with_suffix(".tmp")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(plan)
    recover(root)


def recover(root: Path) -> None:
    """Finish the change that was decided for ``root``, or drop what was only begun. Raises InstallError."""
    directory = root / STAGING
    if not os.path.lexists(directory):
        return
    if directory.is_symlink() or not directory.is_dir():
        raise InstallError(f"{directory} is not what crossbuild made of it.", fix="Remove it.")
    try:
        if (directory / _PLAN).exists():
            _finish(root, directory)
        shutil.rmtree(directory)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InstallError(
            f"A change of {root} could not be finished.",
            why=str(error),
            fix="Mend that and run it again: it is taken up where it stopped.",
        ) from None


def _finish(root: Path, directory: Path) -> None:
    plan = json.loads((directory / _PLAN).read_text(encoding="utf-8"))
    writes, kept = plan["writes"], frozenset(plan["kept"])
    if any(
        Path(path).is_absolute() or ".." in Path(path).parts for path in (*writes, *writes.values(), *plan["removals"])
    ):
        raise ValueError(f"{directory / _PLAN} names files outside of the root.")
    for path in plan["removals"]:
        if path not in writes:
            with suppress(FileNotFoundError, NotADirectoryError):
                (root / path).unlink()
    # What is a directory before may be a file afterwards, and the other way round.
    _prune(root, plan["removals"], kept)
    for path, name in writes.items():
        _move(directory / _NEW / name, root / path)
    # The plan goes first: without its files it would be one that cannot be done again.
    (directory / _PLAN).unlink()


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


def _move(new: Path, final: Path) -> None:
    """Rename ``new`` to ``final``, unless an earlier attempt did."""
    if not new.exists():
        return
    _make_directory(final.parent)
    try:
        new.replace(final)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = final.with_name(f".{final.name}{STAGING}")
        shutil.copy2(new, beside)
        beside.replace(final)
        new.unlink()


def _make_directory(directory: Path) -> None:
    """Make ``directory`` and those above it, with the same permissions whatever the umask is."""
    if not directory.is_dir():
        _make_directory(directory.parent)
        directory.mkdir(exist_ok=True)
        directory.chmod(0o755)
