"""The content of a directory, in one hash: ``dirHash`` of in-toto, the ``Hash1`` of Go's modules.

Source: in-toto attestation framework, ``spec/v1/digest_set.md``: the SHA-256 of the lines that ``sha256sum`` prints for
all regular files, sorted by the bytes of their names.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.system.filesystem import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION_CONTROL = frozenset((".git", ".hg", ".svn", ".bzr"))
"""What another clone of the same revision has otherwise."""


def tree_hash(directory: Path) -> str:
    """Return the hash of the files below ``directory``, without the data of version control."""
    lines = sorted((os.fsencode(file.relative_to(directory)), file) for file in _files(directory))
    total = hashlib.sha256()
    for name, file in lines:
        total.update(sha256_of(file).encode() + b"  " + name + b"\n")
    return total.hexdigest()


def _files(directory: Path) -> Iterator[Path]:
    for parent, below, names in os.walk(directory):
        below[:] = [name for name in below if name not in _VERSION_CONTROL]
        # A worktree and a submodule have a file of that name.
        files = (Path(parent, name) for name in names if name not in _VERSION_CONTROL)
        yield from (file for file in files if file.is_file() and not file.is_symlink())
