"""A machine of the host's kind that ssh reaches, which runs the host's programs in place of an emulator."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.platforms.platform import Architecture


@dataclass(frozen=True, kw_only=True)
class Device:
    """Runs each program where it is at home, with a copy of the build's files."""

    program: Path
    """Runs a program there: a script of what :func:`device_script` returns."""
    destination: str
    """What ssh calls it."""
    architecture: Architecture

    @property
    def source(self) -> str:
        """The name by which the user knows it."""
        return self.destination

    @property
    def command(self) -> tuple[str, ...]:
        """What gets the path of a program to run."""
        return (str(self.program),)

    @property
    def variables(self) -> dict[str, str]:
        """Nothing: all that it needs is in its program."""
        return {}


def device_script(destination: str) -> str:
    """Return the script that runs programs at ``destination``; the kernel wants a file without arguments for that."""
    # PYTHON* variables of a build (-E) and modules in its working directory (-P) are not for crossbuild's own Python.
    command = (sys.executable, "-E", "-P", "-m", "crossbuild.building.on_device", destination)
    return f'exec {shlex.join(command)} "$@"\n'
