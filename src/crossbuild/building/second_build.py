"""Builds that are done twice, to see whether the wheel is the same (``--reproducible``)."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from crossbuild.building.wheel import build_project
from crossbuild.errors import AuditError, BackendError
from crossbuild.reproducible.again import PAUSE, varied, what_differed
from crossbuild.reproducible.causes import Circumstances
from crossbuild.reproducible.clock import clock_ahead
from crossbuild.reproducible.compare import compare_wheels
from crossbuild.reproducible.report import different, failed
from crossbuild.system.kept_places import keep_build
from crossbuild.system.scratch import temporary_directory

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.building.overlay.provide import HostWheels
    from crossbuild.session.session import Session
    from crossbuild.session.target import Target
    from crossbuild.sources.project import Source


def build_again(wheel: Path, source: Source, *, target: Target, session: Session, host_wheels: HostWheels) -> None:
    """Build ``source`` a second time, under other circumstances. Raises NotReproducibleError unless it gives ``wheel``.

    Then both wheels are kept.
    """
    with temporary_directory() as directory:
        clock = clock_ahead(session, directory)
        other = varied(session, directory, clock=clock)
        with session.reporter.step(f"Build {source.label} again, to compare"):
            time.sleep(0 if clock else PAUSE)
            try:
                second, _ = build_project(
                    source, target=target, session=other, wheel_dir=directory / "second", host_wheels=host_wheels
                )
            except (BackendError, AuditError) as error:
                raise failed(source.label, error) from None
            if differences := compare_wheels(wheel, second):
                circumstances = Circumstances(names=what_differed(session, other))
                first = directory / "first" / wheel.name
                first.parent.mkdir()
                shutil.copyfile(wheel, first)
                keep_build(directory, session.services.cache)
                raise different(first, second, differences, circumstances, session.services.environ)
    session.reporter.note(f"{wheel.name} is reproducible: a second build gave the same bytes")
