"""Paths in a directory that stands for ``/``: their links are followed as in a chroot, and none leads out of it.

Sources: path_resolution(7) and chroot(2), for ``..`` at the root, for links to absolute paths, and for their number.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MOST_LINKS = 40
_HERE = Path("/")


def follow(path: Path, *, root: Path | None, base_of: Callable[[Path, Path], Path] = lambda *_: _HERE) -> Path:
    """Return ``path`` with its links followed, whether it exists or not.

    What is below ``root`` stays there: a link to an absolute path starts from ``root``, and ``..`` leads no higher.
    A link elsewhere, before the path has reached the root, starts from what ``base_of`` returns for the link and its
    target: by default this machine's ``/``. Raises OSError, where the links go round in circles for one.
    """
    if root is None or not path.is_relative_to(root):
        # Maybe it leads there by links of this machine, and these know the root by its real name.
        path, root = path.absolute(), root and Path(os.path.realpath(root))
    here = root if root and path.is_relative_to(root) else _HERE
    ahead = list(reversed(path.relative_to(here).parts))
    links = 0
    while ahead:
        part = ahead.pop()
        step = here / part if part != ".." else here if here == root else here.parent
        if not step.is_symlink():
            here = step
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        target = step.readlink()
        if target.is_absolute():
            here = root if root and step.is_relative_to(root) else base_of(step, target)
        ahead += reversed(target.parts[1:] if target.is_absolute() else target.parts)
    return here


def in_root(path: str, root: Path) -> Path:
    """Return where ``path``, which the machine of ``root`` calls so, is on this machine. Raises OSError."""
    return follow(root / path.lstrip("/"), root=root)


def directories_in(root: Path, paths: Iterable[str]) -> tuple[Path, ...]:
    """Return those of ``paths`` that are directories of ``root``, as they are called here, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        with suppress(OSError):
            found.setdefault(in_root(path, root))
    return tuple(place for place in found if place.is_dir())
