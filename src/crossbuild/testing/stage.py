"""The directory of a test: the environment, what the command needs, and how the command is started there."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path, PurePosixPath

ENVIRONMENT, WORK, JUNIT, PROJECT = "env", "work", "junit.xml", "project"
"""What lies in the directory: the environment, where the command runs, and what the placeholders stand for."""
_PLACEHOLDER = re.compile(r"\{(project|package|wheel|junit)\}")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The directory of a test, here and where the test runs."""

    directory: Path
    place: PurePosixPath
    """What it is called where the test runs."""

    @property
    def environment(self) -> Path:
        """The environment, with ``bin`` and ``lib`` in it."""
        return self.directory / ENVIRONMENT

    @property
    def site_packages(self) -> Path:
        """Where the wheel and its requirements are installed."""
        return next(self.environment.glob("lib/python*/site-packages"))

    @property
    def python(self) -> PurePosixPath:
        """The host's Python in the environment, where the test runs."""
        return self.place / ENVIRONMENT / "bin/python"

    def filled_in(self, command: str, wheel: Path) -> str:
        """Return ``command`` with paths in the place of its placeholders."""
        project = self.place / PROJECT / "source"
        paths: Mapping[str, PurePosixPath] = {
            "project": project,
            "package": project,
            "wheel": self.place / wheel.name,
            "junit": self.place / JUNIT,
        }
        return _PLACEHOLDER.sub(lambda found: str(paths[found[1]]), command)

    def script(self, command: str) -> str:
        """Return the shell's words that run ``command`` in the environment, and end as it does."""
        environment, quoted = self.place / ENVIRONMENT, shlex.quote
        # A shell in between: of a command that a signal ended, it leaves the number, which ssh and containers pass on.
        return (
            f"cd {quoted(str(self.place / WORK))} && export VIRTUAL_ENV={quoted(str(environment))} "
            f'PATH={quoted(str(environment / "bin"))}:"$PATH" && sh -c {quoted(command)}; exit $?'
        )
