"""Runs commands with the host's Python where that is at home: on the host itself by ssh, or in a container."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.system.programs import run_program
from crossbuild.system.ssh import ssh_command
from crossbuild.testing.stage import ENVIRONMENT, JUNIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crossbuild.system.processes import Runner
    from crossbuild.testing.stage import Stage

_VENV = f"-m venv --without-pip {ENVIRONMENT}"
"""What makes an environment of a directory that has packages already, and needs no further package of Debian's."""
_SEEN = 'import sys, venv; print("%d.%d" % sys.version_info[:2])'
ENGINES: Mapping[str, tuple[str, ...]] = {"docker": ("--user", f"{os.getuid()}:{os.getgid()}"), "podman": ()}
"""Engines for containers, with what lets files that are made inside belong to this user; podman does so by itself."""


@dataclass(frozen=True, kw_only=True)
class SshRunner:
    """Runs commands on the host itself, in a directory that is removed afterwards."""

    destination: str
    """What ssh calls it."""
    version: str
    """``3.11``."""
    program: str
    """What the host's Python is called there."""

    @property
    def shown(self) -> str:
        """How commands run."""
        return f"on {self.destination}, by ssh"

    def place(self, directory: Path) -> PurePosixPath:
        """Return a directory for temporary files."""
        return PurePosixPath("/", "tmp", directory.name)

    def check(self, environ: Mapping[str, str]) -> None:
        """Raise HostError if ssh fails, or the Python there is missing or another one."""
        _check(
            [*ssh_command(self.destination, environ), f"{self.program} -c {shlex.quote(_SEEN)}"], self.version, environ
        )

    def run(self, command: str, stage: Stage, *, runner: Runner, environ: Mapping[str, str]) -> None:
        """Copy the stage, run ``command`` there, fetch what it leaves for {junit}, and remove the copy."""
        place, quoted = shlex.quote(str(stage.place)), shlex.quote(str(stage.directory))
        unpack = f"umask 077 && mkdir {place} && cd {place} && tar -xof - && {self.program} {_VENV}"
        try:
            copy = f"tar -C {quoted} -cf - . | {shlex.join([*self._ssh, unpack])}"
            runner.run(["sh", "-c", copy], environ=environ)
            runner.run([*self._ssh, stage.script(command)], environ=environ)
        finally:
            self._fetch(stage.directory / JUNIT, f"{place}/{JUNIT}", environ)
            run_program([*self._ssh, f"rm -rf {place}"], env=dict(environ))

    def _fetch(self, file: Path, name: str, environ: Mapping[str, str]) -> None:
        done = run_program([*self._ssh, f"cat {name}"], env=dict(environ))
        if done.returncode == 0:
            file.write_text(done.stdout, encoding="utf-8")

    @property
    def _ssh(self) -> list[str]:
        return ["ssh", self.destination]


@dataclass(frozen=True, kw_only=True)
class ContainerRunner:
    """Runs commands in a container of an image that has the host's Python."""

    engine: str
    """A key of :data:`ENGINES`."""
    image: str
    platform: str
    """What the engine calls the machine: ``linux/arm64``."""
    version: str
    program: str
    """What the host's Python is called there."""

    @property
    def shown(self) -> str:
        """How commands run."""
        return f"in a container of {self.image}, by {self.engine}"

    def place(self, directory: Path) -> PurePosixPath:
        """Return the same directory."""
        return PurePosixPath(directory)

    def check(self, environ: Mapping[str, str]) -> None:
        """Raise HostError if the engine fails, or the Python in the image is missing or another one."""
        _check([*self._run, self.image, self.program, "-c", _SEEN], self.version, environ)

    def run(self, command: str, stage: Stage, *, runner: Runner, environ: Mapping[str, str]) -> None:
        """Make the environment's Python, and run ``command`` with it."""
        place = str(stage.place)
        script = f"cd {shlex.quote(place)} && {self.program} {_VENV} && {{ {stage.script(command)}; }}"
        options = ["--volume", f"{stage.directory}:{place}", "--env", f"HOME={place}", *ENGINES[self.engine]]
        runner.run([*self._run, *options, self.image, "sh", "-c", script], environ=environ)

    @property
    def _run(self) -> list[str]:
        return [self.engine, "run", "--rm", "--platform", self.platform]


def _check(command: Sequence[str], version: str, environ: Mapping[str, str]) -> None:
    """Raise HostError if ``command``, which runs the host's Python, does not say ``version``."""
    try:
        done = run_program(command, env=dict(environ))
    except FileNotFoundError:
        raise HostError(f"There is no {command[0]} on PATH.", fix="Install it, or choose another --runner.") from None
    if done.returncode or done.stdout.strip() != version:
        raise HostError(
            f"Python {version} does not run there: `{shlex.join(command)}`.",
            why=(done.stderr or done.stdout).strip(),
            fix="Install that Python there with its venv module, or choose another --runner.",
        )
