"""The command line as a user runs it, and the wheels that the tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.system.cache import digest
from tests.testbed.cpython import build_python
from tests.testbed.hosts import HostRoot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crossbuild.system.cache import Cache
    from tests.testbed.bed import Bed

PROJECTS = Path(__file__).with_name("packages")
"""The sample projects."""
_DATED = {"GIT_COMMITTER_DATE": "2026-01-01T12:00:00+00:00"}


@dataclass(frozen=True, kw_only=True)
class Crossbuild:
    """``python -m crossbuild`` in this machine's environment, with a cache that is kept between runs."""

    bed: Bed
    temporary: Path
    """Where it puts its build directories: those of failed builds go when pytest tidies up."""
    programs: tuple[Path, ...] = ()
    """Directories that come before ``PATH``."""

    def __call__(
        self,
        *arguments: str | Path,
        host: HostRoot | str | None = None,
        compilers: Path | None = None,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        within: Sequence[str] = (),
    ) -> subprocess.CompletedProcess[str]:
        """Run it with ``arguments``; ``compilers`` is a directory to put before ``PATH``.

        ``within`` is the beginning of a command that runs it somewhere else.
        """
        variables = {name: value for name, value in self.bed.environ.items() if name != "CROSSBUILD_HOST"}
        variables |= {"CROSSBUILD_CACHE_DIR": str(self.cache_dir), "TMPDIR": str(self.temporary)}
        # Whether an emulator is at hand depends on what other tests have fetched.
        variables["CROSSBUILD_EMULATE"] = "never"
        first = (*self.programs, *([compilers] if compilers else []))
        variables["PATH"] = os.pathsep.join((*map(str, first), variables.get("PATH", os.defpath)))
        return subprocess.run(
            [*within, sys.executable, "-m", "crossbuild", *map(str, arguments), *self._of_host(host)],
            env={**variables, **(environ or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def about_host(self, command: str, host: HostRoot, *options: str) -> subprocess.CompletedProcess[str]:
        """Run a command of ``crossbuild host``."""
        return self("host", command, host.python, *self.build_python_for(host.version), *options)

    def build_python_for(self, version: tuple[int, int]) -> list[str]:
        """Return the options that choose the build Python of ``version``."""
        return ["--build-python", str(build_python(self.bed, version).executable)]

    @property
    def cache_dir(self) -> Path:
        """What ``--cache-dir`` is."""
        return self.bed.cache.root / "crossbuild"

    def _of_host(self, host: HostRoot | str | None) -> list[str]:
        if isinstance(host, HostRoot):
            return ["--host", str(host.python), *self.build_python_for(host.version)]
        return ["--host", host] if host else []


@dataclass(frozen=True, kw_only=True)
class BuiltWheels:
    """Wheels, each built once in a run of the tests, whichever test or worker asks first."""

    crossbuild: Crossbuild
    cache: Cache

    def build(self, spec: str, *options: str, host: HostRoot | str, compilers: Path | None = None) -> Path:
        """Return the wheel of a requirement for ``host``."""

        def make(scratch: Path) -> None:
            words = (spec, "--no-deps", *options)
            done = self.crossbuild("wheel", *words, "-w", scratch, host=host, compilers=compilers)
            assert done.returncode == 0, done.stderr

        name = host.name if isinstance(host, HostRoot) else host
        entry = self.cache.entry("wheels", digest(spec, *options, name, compilers), make)
        (wheel,) = entry.glob("*.whl")
        return wheel

    def sample(self, name: str, *options: str, host: HostRoot | str, compilers: Path | None = None) -> Path:
        """Return the wheel of the sample project ``name`` for ``host``."""

        def make(scratch: Path) -> None:
            copy_project(name, scratch / name)

        project = self.cache.entry("projects", name, make) / name
        return self.build(str(project), *options, host=host, compilers=compilers)

    @staticmethod
    def unpacked(wheel: Path, directory: Path) -> Path:
        """Unpack ``wheel`` into ``directory``, for it to be imported from there."""
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(directory)
        return directory


def copy_project(name: str, directory: Path) -> Path:
    """Copy the sample project ``name`` to ``directory``, as a fresh checkout: Meson makes sdists of nothing else.

    All copies have the same date, as wheels have that of the last commit.
    """
    shutil.copytree(PROJECTS / name, directory, ignore=shutil.ignore_patterns("__pycache__"))
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    for command in (("init", "--quiet"), ("add", "--all"), (*who, "commit", "--quiet", "--message=All there is")):
        subprocess.run(["git", *command], cwd=directory, env=os.environ | _DATED, check=True, capture_output=True)
    return directory
