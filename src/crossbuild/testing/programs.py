"""Programs of the host in the environment of a test, which are started as the host's Python is."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from crossbuild.platforms.programs import is_program
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
        if is_program(file):
            real = file.rename(file.with_name(f"{file.name}.host"))
            write_script(file, f'exec {shlex.join([*before, str(real)])} "$@"\n')
