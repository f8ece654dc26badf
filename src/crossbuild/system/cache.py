"""A directory of immutable entries, each made once, under a lock, and renamed into place."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from crossbuild import __version__
from crossbuild.errors import UsageError
from crossbuild.system.interruption import ALL
from crossbuild.system.scratch import beside
from crossbuild.system.uses import Uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

_PATIENCE = 0.5
"""Seconds after which a wait for a lock checks for an interruption."""
_REFUSALS = frozenset(
    (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG)
)
"""Errors that mean that crossbuild may not write here, not that the disk is full or broken."""


def digest(*facts: Any) -> str:
    """Return a short name for ``facts``: 16 hexadecimal digits of the SHA-256 of their canonical JSON.

    Anything JSON cannot hold (a path, say) counts by its ``str``.
    """
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def mark_of(entry: Path) -> Path:
    """Return the file beside a cache entry that is locked while it is made, and changed when it is used.

    It holds the version of crossbuild that used the entry last. What has no such file is not crossbuild's.
    """
    return entry.with_name(f".{entry.name}.lock")


@dataclass(frozen=True, kw_only=True)
class Cache:
    """The cache below ``root``. Safe to share between processes.

    An entry that this object returned is in use as long as the object exists: no other process removes it.
    """

    root: Path
    uses: Uses = field(default_factory=Uses, init=False, compare=False, repr=False)
    made: list[Path] = field(default_factory=list, init=False, compare=False, repr=False)
    """The directories that this object added."""

    def path(self, kind: str, key: str = "") -> Path:
        """Return where the entry ``key`` of ``kind`` is, or will be. A kind may be one entry as a whole."""
        return self.root / kind / key

    @property
    def uses_file(self) -> Path:
        """The file with the locks on entries that are in use."""
        return self.root / "uses.lock"

    def entry(
        self,
        kind: str,
        key: str,
        make: Callable[[Path], None],
        *,
        while_waiting: Callable[[], AbstractContextManager[object]] = nullcontext,
        is_whole: Callable[[Path], bool] = Path.is_dir,
    ) -> Path:
        """Return the directory ``kind/key``, made first by ``make(scratch)`` if it is not there.

        ``make`` fills an empty scratch directory that is renamed into place afterwards; paths that it writes
        into files must be those of :meth:`path`. If it raises, or the process dies, no entry appears.
        ``while_waiting`` is entered while another process makes it. A damaged entry, which is not ``is_whole``, is
        made again.
        """
        final = self.use(kind, key)
        with self._usable():
            if is_whole(final):
                return final
            final.parent.mkdir(parents=True, exist_ok=True)
            # Done here to report a cache that is not writable; below, an OSError may come from make().
            mark_of(final).touch()
        with _acquired(FileLock(mark_of(final)), while_waiting):
            # Another process may have made it in the meantime.
            if not is_whole(final):
                self._make(final, make)
        return final

    def use(self, kind: str, key: str = "") -> Path:
        """Return where the entry is, or will be, and let nobody else remove it as long as this object is there."""
        final = self.path(kind, key)
        if self.uses.add(final.relative_to(self.root).as_posix(), file=self.uses_file):
            _mark(final)
        return final

    def open(self, kind: str, key: str = "") -> Path:
        """Return the directory of an entry that others fill, and change, as long as it is there. Raises OSError."""
        final = self.use(kind, key)
        if not final.is_dir():
            final.mkdir(parents=True, exist_ok=True)
            self.made.append(final)
        _mark(final)
        return final

    def locks(self) -> Path:
        """Return the directory for locks on other places than the cache; make it if necessary. Raises UsageError."""
        directory = self.root / "locks"
        with self._usable():
            directory.mkdir(parents=True, exist_ok=True)
            if not os.access(directory, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(directory))
        return directory

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in _REFUSALS:
                raise
            raise UsageError(
                f"The cache {self.root} is incomplete, and cannot be written to.",
                why=f"{error.filename}: {error.strerror}.",
                fix="Make it writable, or choose another with --cache-dir or CROSSBUILD_CACHE_DIR.",
            ) from None

    def _make(self, final: Path, make: Callable[[Path], None]) -> None:
        with ExitStack() as stack:
            with self._usable():
                scratch = stack.enter_context(beside(final))
            # mkdtemp lets only the owner in, but this directory stays.
            scratch.chmod(0o755)
            make(scratch)
            shutil.rmtree(final, ignore_errors=True)
            scratch.rename(final)
        _mark(final)
        self.made.append(final)


def _mark(entry: Path) -> None:
    """Note that ``entry``, if it is there, is used now, by this version, in a cache that can be written to."""
    with suppress(OSError):
        if not entry.is_dir():
            return
        descriptor = os.open(mark_of(entry), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            os.write(descriptor, __version__.encode())
        finally:
            os.close(descriptor)


@contextmanager
def _acquired(lock: FileLock, while_waiting: Callable[[], AbstractContextManager[object]]) -> Iterator[None]:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        with while_waiting():
            _wait_for(lock)
    try:
        yield
    finally:
        lock.release()


def _wait_for(lock: FileLock) -> None:
    """Acquire ``lock``. Raises KeyboardInterrupt when everything is to end, also in threads, which get no signals."""
    while not lock.is_locked:
        ALL.check()
        with suppress(Timeout):
            lock.acquire(timeout=_PATIENCE)
