"""A plain venv of the build Python: what a build needs to run here, installed by a Python that is never lied to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crossbuild.errors import RequirementsError
from crossbuild.processes import CommandFailedError, tail

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crossbuild.processes import Runner

STAND_INS = "build-compilers"
"""Where in the directory around the venv there are compilers for this machine, if it has none of its own."""
_INTO = ("pip", "install", "--quiet", "--python")


@dataclass(frozen=True, kw_only=True)
class BuildVenv:
    """A plain venv of the build Python, filled by uv or pip."""

    directory: Path
    installer: Literal["uv", "pip"]
    runner: Runner
    environ: Mapping[str, str]
    """For the installer: the user's own environment with the index settings."""

    @property
    def bin(self) -> Path:
        """Where its scripts are."""
        return self.directory / "bin"

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.bin / "python"

    @property
    def site_packages(self) -> Path:
        """Its (only) site-packages directory."""
        return next(self.directory.glob("lib/python*/site-packages"))

    @property
    def install_pip(self) -> list[str]:
        """The command that installs pip into it."""
        return [_uv(), *_INTO, str(self.python), "pip"]

    @property
    def installer_environ(self) -> dict[str, str]:
        """What the installer sees: it may hold passwords of indexes. What it compiles is for this machine."""
        path = f"{self.environ.get('PATH', os.defpath)}{os.pathsep}{self.directory.parent / STAND_INS}"
        return {**_without_python(self.environ), "PATH": path}

    def create(self, base_python: Path) -> None:
        """Make it, as a venv of ``base_python``."""
        command = [_uv(), "venv", "--quiet", "--no-project", "--python", str(base_python), str(self.directory)]
        self._run(command, "a virtual environment")
        if self.installer == "pip":
            self.provide_pip()

    def provide_pip(self) -> None:
        """Install pip into it, unless it is there."""
        if not (self.bin / "pip").exists():
            self._run(self.install_pip, "pip")

    def install(self, requirements: Iterable[str], constraints: Iterable[Path]) -> None:
        """Install ``requirements`` for the build machine. Raises RequirementsError with the installer's words."""
        wanted = sorted(requirements)
        if not wanted:
            return
        limits = [word for file in constraints for word in ("--constraint", str(file.absolute()))]
        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command = pip if self.installer == "pip" else [_uv(), *_INTO, str(self.python)]
        self._run([*command, *limits, *wanted], ", ".join(wanted))

    def _run(self, command: list[str], what: str) -> None:
        try:
            self.runner.run(command, environ=self.installer_environ, cwd=self.directory.parent)
        except CommandFailedError as error:
            raise RequirementsError(
                f"{self.installer} could not install what the build needs: {what}.",
                why=tail(error.output),
                fix="Check the index settings and --build-constraint.",
            ) from None


def _without_python(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without what makes a Python look at another Python's files."""
    return {name: value for name, value in environ.items() if not name.startswith(("PYTHON", "_PYTHON_"))}


def _uv() -> str:
    from uv import find_uv_bin

    return find_uv_bin()
