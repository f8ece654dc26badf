"""The machine that the tests run on: where its cache is, what it has, and how a program is started on it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.system.cache import Cache

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class BedError(Exception):
    """Something that the tests need could not be prepared."""


@dataclass(frozen=True, kw_only=True)
class Bed:
    """Where hosts and tools are kept, and the environment they are prepared in."""

    cache: Cache
    environ: Mapping[str, str]
    shared: Path | None = None
    """A directory that the processes of one run of the tests share."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], *, shared: Path | None = None) -> Bed:
        """Keep everything in ``CROSSBUILD_TEST_CACHE``, else in ``~/.cache/crossbuild-tests``."""
        default = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crossbuild-tests"
        root = Path(environ.get("CROSSBUILD_TEST_CACHE") or default).absolute()
        return cls(cache=Cache(root=root), environ=dict(environ), shared=shared)

    def which(self, program: str) -> Path | None:
        """Return ``program`` on ``PATH``, if it is there."""
        found = shutil.which(program, path=self.environ.get("PATH", os.defpath))
        return Path(found) if found else None

    def run(
        self, command: Sequence[str | Path], *, cwd: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> str:
        """Run ``command`` in C's locale and return what it printed; raise BedError with the end of it if it fails."""
        arguments = [os.fspath(part) for part in command]
        done = subprocess.run(
            arguments,
            cwd=cwd,
            env={**(environ or self.environ), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            tail = "\n".join((done.stdout + done.stderr).splitlines()[-40:])
            raise BedError(f"{shlex.join(arguments)} failed with exit status {done.returncode}:\n{tail}")
        return done.stdout


def jobs() -> int:
    """Return how many compilers may run at once."""
    return len(os.sched_getaffinity(0))
