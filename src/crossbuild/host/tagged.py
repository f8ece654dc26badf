"""Hosts of which only the tags of wheels are known: what all of them have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.host.measured.recorded import recorded_variables
from crossbuild.host.model import Host, PartialHost

if TYPE_CHECKING:
    from crossbuild.platforms.platform import Platform


def tagged_host(platform: Platform, *, name: str, python_version: tuple[int, int, int], abi_flags: str = "") -> Host:
    """Return the host with a CPython of ``python_version`` on ``platform``.

    Its build variables are those that a CPython has which was configured the usual way; nothing is measured, so there
    is no ``pyconfig.h``.
    """
    partial = PartialHost(name=name, platform=platform, python_version=python_version[:2], abi_flags=abi_flags)
    variables = recorded_variables(partial, base={}, pyconfig="")
    return Host(
        **partial.common,
        python_version=python_version,
        build_time_vars=variables,
        headers=Path(str(variables["INCLUDEPY"])),
        pyconfig="",
        synthesised=True,
    )
