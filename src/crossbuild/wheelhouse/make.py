"""A directory of wheels for the host: everything that was asked for, and all that it requires."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.host.markers import marker_environment
from crossbuild.requirements.pylock import lock_text
from crossbuild.system.filesystem import write_text
from crossbuild.wheelhouse.gate import deliver, guarded
from crossbuild.wheelhouse.gather import gather
from crossbuild.wheelhouse.plan import planned, read_for
from crossbuild.wheelhouse.stated import with_statement
from crossbuild.wheelhouse.static_index import write_index
from crossbuild.wheels.distribution import BuiltWheel

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from crossbuild.host.model import KnownHost
    from crossbuild.reporting import ProgressReporter
    from crossbuild.requirements.request import Request
    from crossbuild.resolve.candidates import Candidate
    from crossbuild.session.session import Session
    from crossbuild.wheels.distribution import Distribution

    Passing = Callable[[Iterable[Distribution]], Iterable[Distribution]]


@dataclass(frozen=True, kw_only=True)
class Wheelhouse:
    """Where wheels are put, and what is written of them."""

    wheel_dir: Path
    index_dir: Path | None = None
    """Where to lay them out as a static index."""
    lock: Path | None = None
    """The lock file to write."""


def distributions(
    request: Request,
    *,
    session: Session,
    progress: ProgressReporter,
    fail_fast: bool = False,
    there: Mapping[str, Candidate] | None = None,
    passing: Passing = iter,
) -> Generator[Distribution]:
    """Yield the wheels of all that ``request`` comes to on the host, each as soon as it is there and audited.

    Each is there as long as the iteration lasts. ``there``: what the host has, by normalised name, and keeps where
    it will do. ``passing`` yields those of them that are good enough, and may raise what is wrong with the others.
    Raises the errors of reading the request, of choosing, and of fetching and building.
    """
    parsed, session = read_for(request, session)
    with tempfile.TemporaryDirectory(prefix="crossbuild-sources-") as directory:
        planning = planned(
            parsed,
            session=session,
            directory=Path(directory),
            dependencies=request.dependencies,
            there=there or {},
            keeps=request.keeps(parsed),
        )
        with planning as resolution:
            for name in sorted(session.options.no_check - {choice.name for choice in resolution.choices}):
                session.reporter.warning(f"--no-check {name} has no effect: {name} is not needed.")
            # Closed as soon as the caller stops, since running builds use the directory.
            wanted = guarded(resolution, session)
            with closing(gather(wanted, session=session, progress=progress, fail_fast=fail_fast)) as found:
                yield from passing(found)


def fill_wheelhouse(
    request: Request,
    wheelhouse: Wheelhouse,
    *,
    session: Session,
    progress: ProgressReporter,
    fail_fast: bool = False,
    passing: Passing = iter,
) -> Iterator[BuiltWheel]:
    """Put the wheels of all that ``request`` comes to into ``wheelhouse``, and yield each when it is there.

    The index gets those that succeed, even if others fail; a lock file is written when all are there. ``passing`` is
    that of :func:`distributions`. Raises what that raises; what was delivered before stays.
    """
    had: list[Distribution] = []
    try:
        work = distributions(request, session=session, progress=progress, fail_fast=fail_fast, passing=passing)
        with closing(work) as found:
            for one in found:
                had.append(with_statement(deliver(one, wheelhouse.wheel_dir)))
                yield BuiltWheel.from_distribution(had[-1])
    finally:
        if wheelhouse.index_dir and had:
            write_index([one.wheel for one in had], wheelhouse.index_dir)
    # Not in "finally": a lock file without the projects that failed would be taken for a whole one.
    if wheelhouse.lock:
        write_lock(had, wheelhouse.lock, session.plan().known_host)


def write_lock(distributions: Sequence[Distribution], file: Path, host: KnownHost) -> None:
    """Write the lock file of ``distributions``, as chosen for ``host``."""
    write_text(file, lock_text(distributions, file, environment=marker_environment(host)))
