"""The command that reaches another machine by ssh."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from crossbuild.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Mapping


NEVER_ASK = "-oBatchMode=yes"
"""The option with which ssh fails where it would ask for a password (ssh_config(5))."""
_SCHEME = "ssh://"


def ssh_destination(runner: str) -> str | None:
    """Return what ssh calls the machine that ``runner`` names; None if that names something else."""
    return runner.removeprefix(_SCHEME) if runner.startswith(_SCHEME) else None


def ssh_command(destination: str, environ: Mapping[str, str], *options: str) -> tuple[str, ...]:
    """Return the beginning of a command that runs at ``destination``, by the ssh on ``PATH`` with its ``options``.

    Raises HostError.
    """
    ssh = shutil.which("ssh", path=environ.get("PATH", ""))
    if not ssh:
        raise HostError("There is no ssh on PATH.", fix="Install an ssh client (Debian: openssh-client).")
    # ssh would take it for an option, and -oProxyCommand=… runs a program here.
    if not destination or destination.startswith("-"):
        raise HostError(f"{destination!r} is not a destination of ssh, such as pi@board.")
    return ssh, *options, destination
