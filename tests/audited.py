"""Wheels, read and audited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossbuild.wheels.audit import Origin, audit
from crossbuild.wheels.paths import PathSearch
from crossbuild.wheels.wheel_contents import read_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.wheels.audit import WheelReport


def audited(
    wheel: Path, host: Host, origin: Origin = Origin.BUILT, *, build_paths: Sequence[Path] = (), **options: Any
) -> WheelReport:
    """Return what :func:`audit` says of ``wheel``; ``build_paths`` and ``options`` are its own."""
    contents = read_wheel(wheel, None if origin is Origin.PUBLISHED else PathSearch.from_paths(build_paths))
    return audit(contents, host, origin, build_paths=build_paths, **options)
