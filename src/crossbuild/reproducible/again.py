"""The second build of a project: as somebody else would build it, somewhere else.

Source: reproducible-builds.org, "Variations in the build environment". What no build sees as it is, such as the locale,
needs no variation of its own: ``steady`` has it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.reporting import SilentReporter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.reporting import Reporter
    from crossbuild.session.session import Session

PAUSE = 2.0
"""Seconds before a second build by the same clock, more than the time stamps of any archive leave out."""
_USER = "somebody-else"
_ENV = "/usr/bin/env"
_ON_FEWER_CPUS = """
import os, sys
cpus = sorted(os.sched_getaffinity(0))
os.sched_setaffinity(0, cpus[1:] or cpus)
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class _Quiet(SilentReporter):
    """Hears of the second build, which has nothing to say that the first has not said."""

    reporter: Reporter

    def command(self, text: str) -> None:
        self.reporter.command(text)

    def output(self, line: str) -> None:
        self.reporter.output(line)


def varied(session: Session, directory: Path, *, clock: Mapping[str, str]) -> Session:
    """Return the session to build a second time in, with ``clock``; ``directory`` is for what is in its way."""
    environ = _somebody_elses(session.services.environ, directory)
    return replace(
        session,
        options=replace(session.options, jobs=session.jobs + 1),
        services=replace(session.services, environ=environ),
        job=replace(session.job, reporter=_Quiet(session.reporter), is_again=True, clock=clock),
    )


def _somebody_elses(environ: Mapping[str, str], directory: Path) -> dict[str, str]:
    # By another name, since what is there is needed: tools that were installed for this user, and their caches.
    home = directory / "home-of-somebody-else"
    if "HOME" in environ:
        home.symlink_to(environ["HOME"])
    moved = {"HOME": str(home)} if "HOME" in environ else {}
    return {**environ, **moved, "USER": _USER, "LOGNAME": _USER, "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"}


def as_somebody_else(clock: Mapping[str, str]) -> tuple[str, ...]:
    """Return the beginning of a command that runs the rest of it by ``clock``, on one CPU less if there are two."""
    assigned = (f"{name}={value}" for name, value in clock.items())
    return sys.executable, "-I", "-S", "-c", _ON_FEWER_CPUS, _ENV, *assigned


def restrict_permissions(tree: Path) -> None:
    """Give files and directories the permissions that they have in a checkout of a user with the umask 077."""
    for place, directories, files in os.walk(tree):
        for path in (Path(place, name) for name in (*directories, *files)):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~0o077)


def what_differed(first: Session, second: Session) -> dict[str, tuple[str, str]]:
    """Return what of the circumstances of two builds can be found in what they made, by what a user calls it."""
    names = {"the home directory": "HOME", "the name of the user": "USER"}
    pairs = {
        called: (first.services.environ.get(name, ""), second.services.environ.get(name, ""))
        for called, name in names.items()
    }
    cpus = len(os.sched_getaffinity(0))
    pairs["the number of CPUs"] = (str(cpus), str(max(cpus - 1, 1)))
    pairs["the number of jobs"] = (str(first.jobs), str(second.jobs))
    return {called: pair for called, pair in pairs.items() if all(pair) and pair[0] != pair[1]}
