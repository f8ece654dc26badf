"""Reading a host's files with care: links that mean another root, files that are no files, and sizes out of reason."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from crossbuild.errors import HostError
from crossbuild.system import rooted_paths


def follow(path: Path, *, root: Path | None = None) -> Path:
    """Return ``path`` with its links followed as in ``root``, whether it exists or not.

    Without a root, and before the path has reached it, an absolute link starts from the nearest directory above it in
    which its target exists, else from this machine's ``/``. Raises HostError where it cannot be followed.
    """
    try:
        return rooted_paths.follow(path, root=root, base_of=_base_of)
    except OSError as error:
        circles = "its symbolic links go round in circles" if error.errno == errno.ELOOP else error.strerror
        raise HostError(f"{path} cannot be read: {circles}.") from None


def _base_of(link: Path, target: Path) -> Path:
    # Unpacked images are full of absolute links, and nobody has said yet where their root is.
    for above in link.parents:
        if above != Path("/") and os.path.lexists(above / target.relative_to("/")):
            return above
    return Path("/")


def begins_with(path: Path, magic: bytes) -> bool:
    """Return whether ``path`` is a regular file whose first bytes are ``magic``. Raises HostError."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return stream.read(len(magic)) == magic
    except OSError as error:
        raise HostError(f"{path} cannot be read.", why=error.strerror or str(error)) from None


def read_file(path: Path, *, limit: int) -> bytes:
    """Return what is in ``path``. Raises HostError unless it is a regular, readable file of at most ``limit`` bytes."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise HostError(f"{path} is not a regular file.")
        if status.st_size > limit:
            raise HostError(f"{path} has {status.st_size} bytes; no file of its kind has more than {limit}.")
        return path.read_bytes()
    except OSError as error:
        raise HostError(f"{path} cannot be read.", why=error.strerror or str(error)) from None


def read_text(path: Path, *, limit: int = 1 << 20) -> str:
    """Return the text in ``path``, at most ``limit`` bytes; what is not UTF-8 in it is replaced. Raises HostError."""
    return read_file(path, limit=limit).decode("utf-8", errors="replace")
