"""Hosts that a JSON file describes: a host file, a ``build-details.json``, a ``_sysconfig_vars*.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.request import HostRequest


def read_json_file(path: Path, *, name: str, sysroot: Path | None, request: HostRequest) -> NoReturn:
    """Return the host that ``path`` describes. Raises HostError."""
    raise NotImplementedError(path, name, sysroot, request)
