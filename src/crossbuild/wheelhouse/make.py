"""A directory of wheels for the host: everything that was asked for, and all that it requires."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.building import delivered
from crossbuild.cache import replaced, write_text
from crossbuild.errors import AuditError
from crossbuild.host.markers import marker_environment
from crossbuild.sources.lockfile import lock_text
from crossbuild.wheelhouse.gather import gather
from crossbuild.wheelhouse.plan import planned
from crossbuild.wheelhouse.request import read_request
from crossbuild.wheelhouse.static_index import write_index
from crossbuild.wheels.check import check_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crossbuild.building import BuiltWheel
    from crossbuild.closure.choices import Choice
    from crossbuild.distributions import Distribution
    from crossbuild.host.model import KnownHost
    from crossbuild.reporting import Board
    from crossbuild.session import Session
    from crossbuild.wheelhouse.request import Request
    from crossbuild.wheels.audit import WheelReport


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
    board: Board,
    fail_fast: bool = False,
    there: Mapping[str, Choice] | None = None,
) -> Iterator[Distribution]:
    """Yield the wheels of all that ``request`` comes to on the host, each as soon as it is there.

    Each is there as long as the iteration lasts. ``there``: what the host has, by normalised name, and keeps where
    it will do. Raises the errors of reading the request, of choosing, and of fetching and building.
    """
    asked, options = read_request(request, index=session.options.index, environ=session.environ)
    session = session.with_index(options)
    with tempfile.TemporaryDirectory(prefix="crossbuild-sources-") as directory:
        planning = planned(
            asked,
            session=session,
            directory=Path(directory),
            dependencies=request.dependencies,
            there=there or {},
            keeps=request.keeps(asked),
        )
        with planning as resolution:
            yield from gather(resolution, session=session, board=board, fail_fast=fail_fast)


def fill_wheelhouse(
    request: Request, wheelhouse: Wheelhouse, *, session: Session, board: Board, fail_fast: bool = False
) -> Iterator[BuiltWheel]:
    """Put the wheels of all that ``request`` comes to into ``wheelhouse``, and yield each when it is there.

    The index gets those that could be had, also if others fail; a lock file is written when all are there. Raises what
    :func:`distributions` raises; what was delivered before stays.
    """
    had: list[Distribution] = []
    try:
        for one in distributions(request, session=session, board=board, fail_fast=fail_fast):
            wheel = deliver(one.wheel, wheelhouse.wheel_dir)
            had.append(replace(one, wheel=wheel))
            built = delivered(wheel, _report(wheel, session, one.packages), one.seconds)
            yield replace(built, origin=one.origin, packages=one.packages)
    finally:
        if wheelhouse.index_dir and had:
            write_index([one.wheel for one in had], wheelhouse.index_dir)
    if wheelhouse.lock:
        write_lock(had, wheelhouse.lock, session.plan().known_host)


def deliver(wheel: Path, directory: Path) -> Path:
    """Copy ``wheel`` into ``directory``, whole or not at all; return where it is then."""
    final = directory / wheel.name
    if final.exists() and final.samefile(wheel):
        return final
    with replaced(final) as beside:
        shutil.copyfile(wheel, beside)
    return final


def _report(wheel: Path, session: Session, packages: frozenset[str]) -> WheelReport | None:
    """Return what is in a wheel; what an index has is the index's, and only warned of."""
    try:
        return check_wheel(wheel, session.host(packages))
    except AuditError as error:
        session.reporter.warning(f"{error.what}\n{error.why}")
        return None


def write_lock(distributions: Sequence[Distribution], file: Path, host: KnownHost) -> None:
    """Write the lock file of ``distributions``, as chosen for ``host``."""
    write_text(file, lock_text(distributions, file, environment=marker_environment(host)))
