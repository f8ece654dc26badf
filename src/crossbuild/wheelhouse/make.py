"""A directory of wheels for the host: everything that was asked for, and all that it requires."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.building.wheel import delivered
from crossbuild.host.markers import marker_environment
from crossbuild.requirements.pylock import lock_text
from crossbuild.requirements.request import read_request
from crossbuild.system.filesystem import write_text
from crossbuild.wheelhouse.gate import Gate, deliver
from crossbuild.wheelhouse.gather import gather
from crossbuild.wheelhouse.plan import planned
from crossbuild.wheelhouse.static_index import write_index

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from crossbuild.building.wheel import BuiltWheel
    from crossbuild.host.model import KnownHost
    from crossbuild.reporting import ProgressReporter
    from crossbuild.requirements.request import Request
    from crossbuild.resolve.candidates import Candidate
    from crossbuild.session.session import Session
    from crossbuild.wheelhouse.gate import Admitted
    from crossbuild.wheels.distribution import Distribution


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
) -> Generator[Admitted]:
    """Yield the wheels of all that ``request`` comes to on the host, each as soon as it is there and let through.

    Each is there as long as the iteration lasts. ``there``: what the host has, by normalised name, and keeps where
    it will do. Raises the errors of reading the request, of choosing, and of fetching and building.
    """
    parsed, options = read_request(request, index=session.options.index, environ=session.environ)
    session = session.with_index(options)
    for warning in parsed.warnings:
        session.reporter.warning(warning)
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
            gate = Gate(session=session)
            for name in sorted(session.options.no_check - {choice.name for choice in resolution.choices}):
                session.reporter.warning(f"--no-check {name} has no effect: {name} is not needed.")
            work = gather(gate.before(resolution), session=session, progress=progress, fail_fast=fail_fast)
            with closing(work) as found:
                yield from map(gate.admitted, found)


def fill_wheelhouse(
    request: Request, wheelhouse: Wheelhouse, *, session: Session, progress: ProgressReporter, fail_fast: bool = False
) -> Iterator[BuiltWheel]:
    """Put the wheels of all that ``request`` comes to into ``wheelhouse``, and yield each when it is there.

    The index gets those that could be had, also if others fail; a lock file is written when all are there. Raises what
    :func:`distributions` raises; what was delivered before stays.
    """
    had: list[Distribution] = []
    try:
        with closing(distributions(request, session=session, progress=progress, fail_fast=fail_fast)) as found:
            for one in found:
                distribution = replace(one.distribution, wheel=deliver(one, wheelhouse.wheel_dir))
                had.append(distribution)
                built = delivered(distribution.wheel, one.report, distribution.seconds)
                yield replace(built, origin=distribution.origin, packages=distribution.packages)
    finally:
        if wheelhouse.index_dir and had:
            write_index([one.wheel for one in had], wheelhouse.index_dir)
    if wheelhouse.lock:
        write_lock(had, wheelhouse.lock, session.plan().known_host)


def write_lock(distributions: Sequence[Distribution], file: Path, host: KnownHost) -> None:
    """Write the lock file of ``distributions``, as chosen for ``host``."""
    write_text(file, lock_text(distributions, file, environment=marker_environment(host)))
