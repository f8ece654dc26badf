"""What runs the host's programs on this machine: qemu-user, and a root with the libraries that they load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.platforms.qemu import baseline_cpu

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.platforms.platform import Architecture


@dataclass(frozen=True, kw_only=True)
class Emulator:
    """qemu-user, and the root of what it runs."""

    qemu: Path
    source: str
    """Where qemu is from, for messages."""
    architecture: Architecture
    root: Path

    @property
    def command(self) -> tuple[str, ...]:
        """What gets the path of a program to run, where its variables are set."""
        return (str(self.qemu),)

    @property
    def variables(self) -> dict[str, str]:
        """What qemu reads (its user's manual, "QEMU User space emulator")."""
        cpu = baseline_cpu(self.architecture)
        return {"QEMU_LD_PREFIX": str(self.root), **({"QEMU_CPU": cpu} if cpu else {})}
