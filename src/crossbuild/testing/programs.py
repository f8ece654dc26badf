"""Programs of the host in the environment of a test, which are started as the host's Python is."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from crossbuild.platforms.elf import ELF_MAGIC, read_elf
from crossbuild.system.filesystem import write_script

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def wrap_programs(environment: Path, before: Sequence[str]) -> None:
    """Put a script in the place of each program in ``environment`` that is machine code, and the program beside it.

    The script starts it by the command ``before``: neither this machine nor an emulator that was asked to start another
    program can do so by itself. It stays in its directory, where it may look for files of its own.
    """
    for file in sorted(environment.rglob("*")):
        if not file.is_symlink() and file.is_file() and os.access(file, os.X_OK) and _is_program(file):
            real = file.rename(file.with_name(f"{file.name}.host"))
            write_script(file, f'exec {shlex.join([*before, str(real)])} "$@"\n')


def _is_program(file: Path) -> bool:
    with file.open("rb") as stream:
        if stream.read(len(ELF_MAGIC)) != ELF_MAGIC:
            return False
    try:
        elf = read_elf(file.name, file.read_bytes(), symbols=False)
    except ValueError:
        return False
    return elf.kind == "ET_EXEC" or elf.is_program
