"""Temporary directories that are removed even after a kill: by the next run of crossbuild.

One that is in use is locked (flock(2)), and the sticky bit tells it from a directory that is kept.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from contextlib import contextmanager, suppress
from functools import partial
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from crossbuild.system.interruption import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_T = TypeVar("_T")
NAMES = "crossbuild-" + 12 * "[0-9a-f]"
"""What temporary directories are called, also those that are kept; for fnmatch and for re."""
_NAME = re.compile(NAMES)
_OWNER = "owner"
"""A file with the number of the process whose temporary files all are in the directory."""
_PATIENCE = 10.0
_TEMPORARY = 0o1700
_KEPT = 0o700


@contextmanager
def temporary_directory(*, inherited: bool = False) -> Iterator[Path]:
    """Give a locked directory, which is removed afterwards unless :func:`keep` was called for it.

    ``inherited``: whether programs that inherit descriptors keep it locked, too, as long as they run.
    """
    with _made(partial(_make, temporary_place()), _give_up) as (directory, descriptor):
        os.set_inheritable(descriptor, inherited)
        yield directory


def keep(directory: Path) -> None:
    """Let ``directory``, of :func:`temporary_directory`, stay."""
    directory.chmod(_KEPT)


@contextmanager
def own_temporary_files() -> Iterator[None]:
    """Put all temporary files of this process into one directory; remove those of killed processes."""
    place, before = temporary_place(), tempfile.tempdir
    _sweep(place)
    with temporary_directory() as directory:
        (directory / _OWNER).write_text(str(os.getpid()), encoding="utf-8")
        tempfile.tempdir = str(directory)
        try:
            yield
        finally:
            tempfile.tempdir = before


def with_temporary_files(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return ``environ`` for a program whose temporary files are to go with those of this process.

    A ``TMPDIR`` that leads elsewhere than where this process' directories are is left alone.
    """
    own, theirs = Path(tempfile.gettempdir()), environ.get("TMPDIR")
    if not _is_temporary(own) or (theirs and Path(theirs).resolve() != own.resolve().parent):
        return environ
    return {**environ, "TMPDIR": str(own)}


def temporary_place() -> Path:
    """Return where temporary directories are made; that of this process does not count."""
    place = Path(tempfile.gettempdir()).resolve()
    return place.parent if _is_temporary(place) else place


@contextmanager
def beside(final: Path) -> Iterator[Path]:
    """Give an empty directory beside ``final``, to be renamed to that; what killed processes left there is removed."""
    prefix = f".{final.name}.tmp-"
    for left_over in final.parent.glob(f"{escape(prefix)}*"):
        remove_tree(left_over)
    with _made(lambda: Path(tempfile.mkdtemp(prefix=prefix, dir=final.parent)), remove_tree) as directory:
        yield directory


@contextmanager
def _made(make: Callable[[], _T], remove: Callable[[_T], None]) -> Iterator[_T]:
    """Give what ``make`` returns, and remove it; neither is left half done by a signal."""
    made = []
    try:
        with ALL.finishing():
            made.append(make())
        yield made[0]
    finally:
        with ALL.finishing():
            for one in made:
                remove(one)


def _give_up(held: tuple[Path, int]) -> None:
    directory, descriptor = held
    if _is_temporary(directory):
        remove_tree(directory)
    os.close(descriptor)


def _make(place: Path) -> tuple[Path, int]:
    while True:
        directory = place / f"crossbuild-{secrets.token_hex(6)}"
        with suppress(FileExistsError, FileNotFoundError, BlockingIOError):
            directory.mkdir(_TEMPORARY)
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                if directory.exists():  # nobody has swept it before it was locked
                    return directory, descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)


def _is_temporary(directory: Path) -> bool:
    with suppress(OSError):
        status = directory.lstat()
        return bool(
            _NAME.fullmatch(directory.name)
            and status.st_uid == os.geteuid()
            and stat.S_ISDIR(status.st_mode)
            and stat.S_IMODE(status.st_mode) == _TEMPORARY
        )
    return False


def _sweep(place: Path) -> None:
    # Whoever uses one has a shared lock on it, so only what nobody uses can be locked alone.
    left = [*filter(_is_temporary, place.glob("crossbuild-*"))]
    for directory in left:
        _wait_for_programs(directory)
    for directory in left:
        with suppress(OSError):
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_tree(directory)
            finally:
                os.close(descriptor)


def _wait_for_programs(directory: Path) -> None:
    """Wait for the programs of a process that was killed: ``directory`` is locked until the last one has ended."""
    until = time.monotonic() + _PATIENCE
    with suppress(OSError, ValueError):
        owner = Path("/proc", str(int((directory / _OWNER).read_text(encoding="utf-8"))))
        while not owner.exists() and _is_locked(directory) and time.monotonic() < until:
            time.sleep(0.02)


def _is_locked(directory: Path) -> bool:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def remove_tree(directory: Path) -> None:
    """Remove ``directory``, also if a build has made parts of it read-only."""
    shutil.rmtree(directory, ignore_errors=True)
    if directory.exists():
        for place, names, _ in os.walk(directory):
            for name in names:
                with suppress(OSError):
                    if not Path(place, name).is_symlink():
                        Path(place, name).chmod(0o700)
        shutil.rmtree(directory, ignore_errors=True)
