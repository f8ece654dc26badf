"""Programs among files: machine code that can be started."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from crossbuild.platforms.elf import ELF_MAGIC, read_elf

if TYPE_CHECKING:
    from pathlib import Path


def is_program(file: Path) -> bool:
    """Return whether ``file`` is machine code that can be started, and no link to it."""
    if file.is_symlink() or not file.is_file() or not os.access(file, os.X_OK):
        return False
    with file.open("rb") as stream:
        if stream.read(len(ELF_MAGIC)) != ELF_MAGIC:
            return False
    try:
        elf = read_elf(file.name, file.read_bytes(), symbols=False)
    except ValueError:
        return False
    return elf.kind == "ET_EXEC" or elf.is_program
