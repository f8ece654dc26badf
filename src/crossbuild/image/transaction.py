"""Changes of a root that are made as a whole, or not at all, however often the process is killed meanwhile.

New files are written into a directory of the root, and copies of what they replace beside them. Then comes the plan.
Once the plan is there, the change is decided, and the next process finishes it. If that is impossible, the plan becomes
one to undo the change.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from filelock import FileLock

from crossbuild.errors import InstallError
from crossbuild.image.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.image.plan import Change

STAGING = ".crossbuild-install"
_NEW, _OLD = "new", "old"
_PLAN, _UNDO = "plan.json", "undo.json"


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
        if not any((root / STAGING / name).exists() for name in (_PLAN, _UNDO)):
            shutil.rmtree(root / STAGING, ignore_errors=True)
            with suppress(OSError):
                for directory in made:
                    directory.rmdir()
        raise
    recover(root)


def commit(root: Path, change: Change) -> None:
    """Do ``change``, whose new files are in the staging directory of ``root``.

    Raises InstallError; then ``root`` is as it was, unless the error says otherwise.
    """
    directory = root / STAGING
    try:
        plan = Plan.prepare(root, change, directory / _OLD)
        scratch = directory / "plan.tmp"
        scratch.write_text(plan.text, encoding="utf-8")
    except OSError as error:
        raise _unchanged(root, error) from None
    scratch.replace(directory / _PLAN)
    try:
        _carry_out(root)
    except OSError as error:
        _undo(root)
        raise _unchanged(root, error) from None


def recover(root: Path) -> None:
    """Finish the change that was decided for ``root``, or drop what was only begun. Raises InstallError."""
    directory = root / STAGING
    if not os.path.lexists(directory):
        return
    if directory.is_symlink() or not directory.is_dir():
        raise InstallError(f"{directory} is not the directory that crossbuild makes there.", fix="Remove it.")
    if (directory / _UNDO).exists():
        _undo(root)
    elif (directory / _PLAN).exists():
        try:
            _carry_out(root)
        except (OSError, ValueError) as error:
            raise InstallError(
                f"An interrupted change of {root} cannot be finished.",
                why=str(error),
                fix=f"Fix the cause and run the command again, or undo the change: {_rollback(root)}",
            ) from None
    else:
        shutil.rmtree(directory)


def roll_back(root: Path) -> bool:
    """Undo the change that was decided for ``root`` but is not finished; return whether there was one.

    Raises InstallError.
    """
    directory = root / STAGING
    if directory.is_symlink() or not any((directory / name).exists() for name in (_PLAN, _UNDO)):
        recover(root)
        return False
    _undo(root)
    return True


def _carry_out(root: Path) -> None:
    directory = root / STAGING
    Plan.from_file(directory / _PLAN).carry_out(root, directory / _NEW)
    _drop(directory, _PLAN)


def _undo(root: Path) -> None:
    directory = root / STAGING
    try:
        with suppress(FileNotFoundError):
            (directory / _PLAN).replace(directory / _UNDO)
        Plan.from_file(directory / _UNDO).undo(root, directory / _OLD)
        _drop(directory, _UNDO)
    except (OSError, ValueError) as error:
        raise InstallError(
            f"A change of {root} can be neither finished nor undone, so {root} is incomplete.",
            why=str(error),
            fix=f"Fix the cause, then undo the change: {_rollback(root)}\n"
            f"Or remove {directory} to keep {root} as it is now.",
        ) from None


def _drop(directory: Path, plan: str) -> None:
    # The plan goes first: it cannot be followed without the files.
    (directory / plan).unlink()
    shutil.rmtree(directory)


def _unchanged(root: Path, error: OSError) -> InstallError:
    return InstallError(
        f"{root} cannot be changed; it is as it was.",
        why=str(error),
        fix="Fix the cause, or install into another directory, and run the command again.",
    )


def _rollback(root: Path) -> str:
    return f"crossbuild rollback {shlex.quote(str(root))}"
