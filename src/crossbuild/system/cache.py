"""A directory of immutable entries, each made once, under a lock, and renamed into place."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from crossbuild.errors import UsageError
from crossbuild.system.interruption import ALL
from crossbuild.system.scratch import beside

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


@dataclass(frozen=True, kw_only=True)
class Cache:
    """The cache below ``root``. Safe to share between processes; any part of it may be deleted between runs."""

    root: Path

    def path(self, kind: str, key: str) -> Path:
        """Return where the entry ``key`` of ``kind`` is, or will be."""
        return self.root / kind / key

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
        final = self.path(kind, key)
        with self._usable():
            if is_whole(final):
                return final
            final.parent.mkdir(parents=True, exist_ok=True)
            # Done here to report a cache that is not writable; below, an OSError may come from make().
            (final.parent / f".{key}.lock").touch()
        lock = FileLock(final.parent / f".{key}.lock")
        with _acquired(lock, while_waiting):
            # Another process may have made it in the meantime.
            if not is_whole(final):
                self._make(final, make)
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
