"""Reading a host's files with care: links that mean another root, files that are no files, and sizes out of reason."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from crossbuild.errors import HostError

_MOST_LINKS = 40
"""How many links a path may lead through, as in Linux."""


def follow(path: Path, *, root: Path | None = None) -> Path:
    """Return ``path`` with its links followed, whether it exists or not.

    An absolute link inside a root means a file of that root, and ``..`` leads no higher than ``root``. Where that is
    not given, it is the nearest directory above the link in which the file exists, else this machine's. Raises
    HostError where the links go round in circles.
    """
    here = Path("/")
    ahead = list(reversed(path.absolute().parts[1:]))
    links = 0
    while ahead:
        part = ahead.pop()
        step = here / part if part != ".." else here if here == root else here.parent
        if not step.is_symlink():
            here = step
            continue
        links += 1
        if links > _MOST_LINKS:
            raise HostError(f"{path} cannot be read: its symbolic links go round in circles.")
        target = step.readlink()
        if target.is_absolute():
            here = _root_of(target, step, root)
        ahead.extend(part for part in reversed(target.parts) if part != "/")
    return here


def _root_of(target: Path, link: Path, root: Path | None) -> Path:
    if root and link.is_relative_to(root):
        return root
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
