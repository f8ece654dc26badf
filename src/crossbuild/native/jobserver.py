"""One number of jobs for builds that run at once: GNU make's jobserver, which ninja and cargo know, too.

Sources: GNU make's manual, "POSIX Jobserver Interaction" (one job runs without a token, each other one needs its own;
``fifo:`` since make 4.4); ninja's manual, "The GNU Jobserver" (since 1.13, if no ``-j`` is given); the crate jobserver,
which cargo uses (``CARGO_MAKEFLAGS`` before ``MAKEFLAGS``), and then whatever ``CARGO_BUILD_JOBS`` says.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.system.filesystem import write_script
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOKEN = b"+"
_PATIENCE = 500
"""Milliseconds between two looks whether to go on waiting for a token."""
_FIRST_FIFO = {"make": (4, 4), "ninja": (1, 13)}
"""The versions from which on these know a jobserver with a named pipe."""
_SAMURAI = "samu"
"""Another ninja, of version 1.9."""
_NAMES = {"make": ("make", "gmake"), "ninja": ("ninja", "ninja-build", _SAMURAI)}
"""What they are called by."""

_MAKE = """\
# A make that knows no named pipes gets the jobserver's as two descriptors.
case "$MAKEFLAGS" in *--jobserver-auth=fifo:*)
    fifo=${MAKEFLAGS##*--jobserver-auth=fifo:}
    fifo=${fifo%% *}
    exec 8<>"$fifo" 9>&8
    MAKEFLAGS="${MAKEFLAGS%%--jobserver-*}--jobserver-auth=8,9 --jobserver-fds=8,9"
    export MAKEFLAGS ;;
esac
"""


@dataclass(frozen=True, kw_only=True)
class Jobserver:
    """A named pipe with a token for each job that may run."""

    fifo: Path
    jobs: int
    at_once: int
    """How many builds share the jobs."""
    _descriptor: int
    _stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def share(self) -> int:
        """How many jobs a program that knows no jobserver may run."""
        return max(self.jobs // self.at_once, 1)

    @property
    def makeflags(self) -> str:
        """The ``MAKEFLAGS`` that lead to it."""
        return f"-j{self.share} --jobserver-auth=fifo:{self.fifo}"

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a token: the one job that a build may run without asking. Raises InterruptedError when stopped."""
        token = self._take()
        try:
            yield
        finally:
            os.write(self._descriptor, token)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Let others have the token of :meth:`slot` meanwhile. Raises InterruptedError when stopped."""
        os.write(self._descriptor, _TOKEN)
        try:
            yield
        finally:
            self._take()

    def stop(self) -> None:
        """Let nobody wait any longer."""
        self._stopped.set()

    def _take(self) -> bytes:
        waiting = select.poll()
        waiting.register(self._descriptor, select.POLLIN)
        while not self._stopped.is_set():
            if waiting.poll(_PATIENCE):
                with suppress(BlockingIOError):  # somebody else was faster
                    return os.read(self._descriptor, 1)
        raise InterruptedError("The builds were given up.")


@contextmanager
def jobserver(jobs: int, directory: Path, *, at_once: int) -> Iterator[Jobserver]:
    """Give a jobserver for ``jobs`` jobs of ``at_once`` builds, with its pipe in the absolute ``directory``."""
    fifo = directory / "jobs"
    os.mkfifo(fifo)
    # For both: to open it for one end only would wait for the other, and without a writer reads would end.
    descriptor = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(descriptor, _TOKEN * jobs)
        if re.search(r"\s", str(fifo)):  # which MAKEFLAGS cannot hold
            fifo = Path(f"/proc/{os.getpid()}/fd/{descriptor}")
        yield Jobserver(fifo=fifo, jobs=jobs, at_once=at_once, _descriptor=descriptor)
    finally:
        os.close(descriptor)


def parallel_variables(jobs: int, server: Jobserver | None) -> dict[str, str]:
    """Return the variables that tell tools how many jobs to run: ``jobs``, or as many as they get from ``server``.

    Where there is a server nothing may say a number to make, ninja or CMake: they would not ask it.
    """
    if server is None:
        return {"CMAKE_BUILD_PARALLEL_LEVEL": str(jobs), "CARGO_BUILD_JOBS": str(jobs), "MAKEFLAGS": f"-j{jobs}"}
    flags = server.makeflags
    return {"CARGO_BUILD_JOBS": str(server.share), "MAKEFLAGS": flags, "CARGO_MAKEFLAGS": flags}


def write_make(directory: Path, *, path: str) -> None:
    """Write a ``make`` into ``directory`` that understands the jobserver, if the one on ``path`` is too old for it."""
    for name, real in _too_old("make", {"PATH": path}):
        write_script(directory / name, f'{_MAKE}exec {quote(real)} "$@"\n')


def write_ninja(directory: Path, server: Jobserver, environ: Mapping[str, str], *, newer: Path | None) -> None:
    """Write a ``ninja`` into ``directory`` that understands ``server``, if that which ``environ`` leads to is too old.

    It starts ``newer``, a ninja that does; where there is none, and of samurai, the old one with its share of the jobs.
    """
    for name, real in _too_old("ninja", environ):
        program = quote(str(newer)) if newer and name != _SAMURAI else f"{quote(real)} -j{server.share}"
        write_script(directory / name, f'exec {program} "$@"\n')


def own_ninja() -> Path | None:
    """Return the ninja that was installed with crossbuild; None if its programs are elsewhere."""
    from ninja import BIN_DIR

    program = Path(BIN_DIR, "ninja")
    return program if program.is_file() else None


def _too_old(program: str, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the names and the paths of those that know no jobserver with a named pipe."""
    found = ((name, shutil.which(name, path=environ["PATH"])) for name in _NAMES[program])
    return [(name, real) for name, real in found if real and _version(real, environ) < _FIRST_FIFO[program]]


def _version(program: str, environ: Mapping[str, str]) -> tuple[int, ...]:
    done = run_program([program, "--version"], env=environ)
    found = re.search(r"(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)
