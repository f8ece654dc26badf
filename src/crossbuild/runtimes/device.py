"""The device that the user names with ``--runner ssh://USER@HOST``, for programs that a build makes for the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.emulation.device import Device, device_script
from crossbuild.errors import HostError
from crossbuild.options.passed_variables import Passed
from crossbuild.runtimes.loader import runs_here
from crossbuild.system.cache import digest
from crossbuild.system.filesystem import write_script
from crossbuild.system.programs import run_program
from crossbuild.system.ssh import NEVER_ASK, ssh_command, ssh_destination

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.session.session import Session

_KIND, _PROGRAM = "tools", "run-on-device"


def provide_device(session: Session) -> Device | None:
    """Return the device; None if there is none, or this machine's CPU runs its programs. Raises HostError."""
    destination, platform = ssh_destination(session.options.runner), session.plan().known_host.platform
    if destination is None or runs_here(platform):
        return None
    _check(destination, session)
    script = device_script(destination)

    def make(scratch: Path) -> None:
        write_script(scratch / _PROGRAM, script)

    entry = session.services.cache.entry(_KIND, digest(script), make)
    return Device(program=entry / _PROGRAM, destination=destination, architecture=platform.architecture)


def _check(destination: str, session: Session) -> None:
    # As a build sees it.
    environ = Passed.from_environ(session.services.environ).host
    done = run_program([*ssh_command(destination, environ, NEVER_ASK), "true"], env=dict(environ))
    if done.returncode:
        raise HostError(
            f"Programs for the host cannot run on {destination}: `ssh {destination} true` ended with status "
            f"{done.returncode}.",
            why=done.stderr.strip(),
            fix="A build asks for no password. It sees an ssh agent only with CROSSBUILD_PASS_ENV=SSH_AUTH_SOCK.",
        )
