"""qemu-user, which runs a host's programs on this machine: its names, and where it is."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.platforms.platform import Architecture

_OTHER_NAMES = {"powerpc64le": "ppc64le"}
"""Where qemu has another name for a CPU than multiarch tuples: its ``configure``, list of user-mode targets."""
_OPTIONS = {"aarch64": ("-cpu", "max,pauth-impdef=on")}
"""By architecture. Distributions sign return addresses on 64-bit Arm; qemu's quick cipher for that is six times
faster than the architecture's (qemu's docs/system/arm/cpu-features.rst)."""


def qemu_name(architecture: Architecture) -> str:
    """Return ``qemu-aarch64``."""
    cpu = architecture.multiarch_cpu
    return f"qemu-{_OTHER_NAMES.get(cpu, cpu)}"


def qemu_options(architecture: Architecture) -> tuple[str, ...]:
    """Return what qemu is told of the CPU."""
    return _OPTIONS.get(architecture.name, ())


def find_qemu(architecture: Architecture, environ: Mapping[str, str]) -> str:
    """Return the qemu-user for ``architecture`` on ``PATH``; empty if there is none."""
    name, path = qemu_name(architecture), environ.get("PATH", os.defpath)
    # The programs of Debian's qemu-user-static have its suffix.
    return shutil.which(name, path=path) or shutil.which(f"{name}-static", path=path) or ""
