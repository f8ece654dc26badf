"""What runs commands with the host's Python, and the one that does it on this machine."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol

from crossbuild.emulation.host_venv import write_host_python
from crossbuild.errors import HostError
from crossbuild.options.passed_variables import Passed
from crossbuild.system.programs import run_program
from crossbuild.testing.programs import wrap_programs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.system.processes import Runner
    from crossbuild.testing.stage import Stage


class HostRunner(Protocol):
    """Runs commands with the host's Python."""

    @property
    def shown(self) -> str:
        """How it does that: what follows "Tests run"."""

    def place(self, directory: Path) -> PurePosixPath:
        """Return what ``directory`` will be called where commands run."""

    def check(self, environ: Mapping[str, str]) -> None:
        """Raise HostError if the host's Python does not run."""

    def run(self, command: str, stage: Stage, *, runner: Runner, environ: Mapping[str, str]) -> None:
        """Run a shell's ``command`` in ``stage``, and fetch what it leaves. Raises CommandFailedError and HostError."""


@dataclass(frozen=True, kw_only=True)
class LocalRunner:
    """Starts the host's Python on this machine."""

    python: Path
    version: str
    """``3.11``."""
    before: tuple[str, ...]
    """The command that gets the path of a program of the host's; nothing if the system starts it."""
    shown: str

    def place(self, directory: Path) -> PurePosixPath:
        """Return the same directory."""
        return PurePosixPath(directory)

    def check(self, environ: Mapping[str, str]) -> None:
        """Raise HostError if the Python does not run, or is another one."""
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            done = run_program([*self.before, self.python, "-IBSc", code], env=dict(environ))
        except OSError as error:
            raise self._unusable(str(error)) from None
        if done.stdout.strip() != self.version:
            raise self._unusable((done.stderr or done.stdout).strip() or f"It ended with status {done.returncode}.")

    def _unusable(self, why: str) -> HostError:
        command = shlex.join([*self.before, str(self.python)])
        return HostError(
            f"The host's Python {self.version} does not run here: `{command}`.",
            why=why,
            fix="Choose another way with --runner: a command, ssh://USER@HOST, docker://IMAGE or podman://IMAGE.",
        )

    def run(self, command: str, stage: Stage, *, runner: Runner, environ: Mapping[str, str]) -> None:
        """Make the environment's Python, and run ``command`` with it."""
        if self.before:
            wrap_programs(stage.environment, self.before)
        write_host_python(stage.environment, self.python, before=self.before)
        variables = {
            **Passed.from_environ(environ).native,
            # Roots stay as they are.
            "PYTHONPYCACHEPREFIX": str(stage.directory / "bytecode"),
        }
        runner.run(["sh", "-c", stage.script(command)], environ=variables, cwd=stage.directory)
