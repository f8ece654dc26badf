"""Changes of a root that are made completely or not at all, even if the process is killed.

New files are written into a directory of the root. Then comes the plan, and the change is carried out by renaming. It
is complete when the plan is gone. Until then, the next process undoes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from filelock import FileLock

from crossbuild.errors import InstallError, system_failure
from crossbuild.image.older import OlderPlan
from crossbuild.image.renames import APART, STAGING, Plan, confine
from crossbuild.system.documents import parse_json, read_bytes
from crossbuild.system.filesystem import write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crossbuild.image.renames import Change

_T = TypeVar("_T")

_PLAN = "plan.json"
_APART = "apart.json"
"""The list of the staging directories on other file systems."""
_LARGEST = 1 << 30
"""Bytes of either: a plan of a million files has less."""


@contextmanager
def locked(root: Path, locks: Path) -> Iterator[None]:
    """Have ``root`` alone; ``locks`` is the directory for lock files, the same for all who change roots."""
    # By its real path, so that a root has one lock, whichever of its names it is given by.
    name = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:16]
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / f"root-{name}.lock"):
        yield


@contextmanager
def staging(root: Path) -> Iterator[Path]:
    """Give an empty directory for new files. When the block ends, a change that is not complete is undone.

    Raises InstallError, also for an OSError of the block.
    """
    recover(root)
    # A root that was made for this is removed again if it fails.
    made = [directory for directory in (root, *root.parents) if not os.path.lexists(directory)]
    new = root / STAGING / "new"
    try:
        new.mkdir(parents=True)
        yield new
    except OSError as error:
        cause = system_failure(error, root)
        raise InstallError(cause.what, why=f"{root} is as it was.", fix=cause.fix) from None
    finally:
        recover(root)
        with suppress(OSError):
            for directory in made:
                directory.rmdir()


def commit(root: Path, change: Change) -> None:
    """Do ``change``, whose new files are in the directory of :func:`staging`. Raises OSError."""
    plan = Plan.from_change(root, change)
    # Written before they are made: they must be found even if the process is killed in between.
    write_text(root / STAGING / _APART, json.dumps(plan.apart))
    plan.prepare(root, change)
    write_text(root / STAGING / _PLAN, json.dumps(plan.facts))
    plan.carry_out(root)
    (root / STAGING / _PLAN).unlink()


def recover(root: Path) -> None:
    """Undo the unfinished change of ``root``, if there is one. Raises InstallError."""
    _clean(root, lossy=False)


def roll_back(root: Path) -> bool:
    """Undo the unfinished change of ``root``, also one that an older crossbuild left; return whether there was one.

    Raises InstallError.
    """
    return _clean(root, lossy=True)


def _clean(root: Path, *, lossy: bool) -> bool:
    directory = root / STAGING
    if not os.path.lexists(directory):
        return False
    # Check before it is removed with everything in it.
    if directory.is_symlink() or not directory.is_dir():
        raise InstallError(f"{directory} is not the directory that crossbuild makes there.", fix="Remove it.")
    unfinished = (directory / _PLAN).exists()
    try:
        if unfinished:
            _undo(root, _read(directory / _PLAN, _understand), lossy=lossy)
            (directory / _PLAN).unlink()
        _drop(root)
    except (OSError, ValueError) as error:
        raise InstallError(
            f"The unfinished change of {root} cannot be undone.",
            why=str(error),
            fix=f"Remove {directory} to keep {root} as it is now. Or fix the cause, then run: {_rollback(root)}",
        ) from None
    return unfinished


def _understand(facts: Any) -> Plan | OlderPlan:
    return (OlderPlan if "removals" in facts else Plan).from_facts(facts)


def _undo(root: Path, plan: Plan | OlderPlan, *, lossy: bool) -> None:
    if isinstance(plan, OlderPlan) and not lossy:
        packages = ", ".join(plan.packages)
        raise InstallError(
            f"An older crossbuild left an unfinished change in {root}.",
            why="It kept no copies of the files that it removed or replaced.",
            fix=f"Remove the rest of {packages}, so that you can install again: {_rollback(root)}",
        )
    plan.undo(root)


def _drop(root: Path) -> None:
    directory = root / STAGING
    if (directory / _APART).exists():
        apart = _read(directory / _APART, lambda facts: [*map(PurePosixPath, facts)])
        confine(root, apart)
        for path in apart:
            if path.name == APART and (root / path).exists():
                shutil.rmtree(root / path)
    shutil.rmtree(directory)


def _read(file: Path, understand: Callable[[Any], _T]) -> _T:
    try:
        return understand(parse_json(read_bytes(file, limit=_LARGEST)))
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{file} is damaged.") from None


def _rollback(root: Path) -> str:
    return f"crossbuild rollback {shlex.quote(str(root))}"
