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
_BASELINES = {
    "x86_64": "qemu64",
    "aarch64": "cortex-a53",
    # qemu has no ARMv7 CPU without NEON, which Debian's armhf does not promise.
    "armv7l": "cortex-a9",
    "armv6l": "arm1176",
    "armv5tel": "arm926",
    "i686": "pentium2",
    "riscv64": "rv64,v=off,zba=off,zbb=off,zbc=off,zbs=off",
    "ppc64le": "power8",
    "s390x": "qemu,vx=off,vxeh=off,vxeh2=off",
}
"""By architecture, a CPU that has what all of its CPUs have, and little else; otherwise qemu's own choice."""


def qemu_name(architecture: Architecture) -> str:
    """Return ``qemu-aarch64``."""
    cpu = architecture.multiarch_cpu
    return f"qemu-{_OTHER_NAMES.get(cpu, cpu)}"


def qemu_options(architecture: Architecture) -> tuple[str, ...]:
    """Return what qemu is told of the CPU."""
    return _OPTIONS.get(architecture.name, ())


def baseline_cpu(architecture: Architecture) -> str:
    """Return qemu's name for the oldest CPU that packages are built for; empty if it knows none."""
    return _BASELINES.get(architecture.name, "")


def find_qemu(architecture: Architecture, environ: Mapping[str, str]) -> str:
    """Return the qemu-user for ``architecture`` on ``PATH``; empty if there is none."""
    name, path = qemu_name(architecture), environ.get("PATH", os.defpath)
    # The programs of Debian's qemu-user-static have its suffix.
    return shutil.which(name, path=path) or shutil.which(f"{name}-static", path=path) or ""
