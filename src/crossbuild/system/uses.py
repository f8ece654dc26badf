"""Who uses which entries of a cache, and who may remove one: locks on single bytes of one file.

They are open file description locks (fcntl(2)): the kernel releases those of a process that ends, however it ends. The
byte of an entry is at the hash of its name. Who uses the entry reads that byte, who removes it writes it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import struct
import threading
import weakref
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FLOCK = struct.Struct("hhqqi0q")
"""``struct flock``: type, whence, start, length and process."""
_HELD = frozenset((errno.EAGAIN, errno.EACCES))
_DIGITS = 7
"""Bytes of the hash: an offset has eight, and a sign."""


@dataclass(kw_only=True, eq=False)
class Uses:
    """What one object uses of one cache, until it is released or gone."""

    names: set[str] = field(default_factory=set)
    """The entries in use, there or not."""
    _descriptor: int | None = None
    _closing: weakref.finalize[..., Uses] | None = None
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, *, file: Path) -> bool:
        """Let no other process remove the entry ``name``; return whether that is new. ``file`` has the locks.

        It waits while somebody renames the entry to remove it. Where nothing can be locked, nothing can be removed.
        """
        with self._alone:
            if name in self.names:
                return False
            with suppress(OSError):
                fcntl.fcntl(self._opened(file), fcntl.F_OFD_SETLKW, _lock(fcntl.F_RDLCK, name))
            self.names.add(name)
        return True

    def release(self) -> None:
        """Use nothing any longer."""
        with self._alone:
            if self._closing:
                self._closing()
            self._descriptor = self._closing = None
            self.names.clear()

    def _opened(self, file: Path) -> int:
        if self._descriptor is None:
            self._descriptor = _open_to_read(file)
            self._closing = weakref.finalize(self, os.close, self._descriptor)
        return self._descriptor


@contextmanager
def alone_with(file: Path, name: str) -> Iterator[bool]:
    """Give whether nobody uses the entry ``name``; if so, whoever wants to waits meanwhile. Raises OSError."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        yield _is_free(descriptor, name)
    finally:
        os.close(descriptor)


def _is_free(descriptor: int, name: str) -> bool:
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _lock(fcntl.F_WRLCK, name))
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True


def _open_to_read(file: Path) -> int:
    try:
        return os.open(file, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        return os.open(file, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except PermissionError:
        return os.open(file, os.O_RDONLY | os.O_CLOEXEC)


def _lock(kind: int, name: str) -> bytes:
    hashed = hashlib.sha256(os.fsencode(name)).digest()[:_DIGITS]
    return _FLOCK.pack(kind, os.SEEK_SET, int.from_bytes(hashed), 1, 0)
