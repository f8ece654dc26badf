"""What runs the host's programs on this machine: qemu-user, or its own CPU with the loader of the host's root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from crossbuild.platforms.qemu import baseline_cpu

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.platforms.platform import Architecture


class Emulator(Protocol):
    """Runs the host's programs with the libraries of a root."""

    @property
    def source(self) -> str:
        """Where it is from, for messages."""

    @property
    def command(self) -> tuple[str, ...]:
        """What gets the path of a program to run, where its variables are set."""

    @property
    def variables(self) -> dict[str, str]:
        """What it reads."""


@dataclass(frozen=True, kw_only=True)
class Qemu:
    """qemu-user, and the root of what it runs."""

    program: Path
    source: str
    architecture: Architecture
    root: Path

    @property
    def command(self) -> tuple[str, ...]:
        """The emulator alone."""
        return (str(self.program),)

    @property
    def variables(self) -> dict[str, str]:
        """What qemu reads (its user's manual, "QEMU User space emulator")."""
        cpu = baseline_cpu(self.architecture)
        return {"QEMU_LD_PREFIX": str(self.root), **({"QEMU_CPU": cpu} if cpu else {})}


@dataclass(frozen=True, kw_only=True)
class Loader:
    """The dynamic loader of a root whose programs this machine's CPU runs; see ld.so(8)."""

    program: Path
    libraries: tuple[Path, ...]
    """The directories in which it is to look."""
    missing: Mapping[str, Path]
    """What its programs want to find on this machine and do not: paths, such as ``/lib/ld-linux.so.2``, and files."""
    is_32_bit: bool
    """Whether its programs are for 32 bits, and this machine for 64: they are to hear of a CPU of their kind."""
    source: str = "this machine's kernel"

    @property
    def command(self) -> tuple[str, ...]:
        """The loader, which is told where its libraries are."""
        return (str(self.program), "--library-path", ":".join(map(str, self.libraries)))

    @property
    def variables(self) -> dict[str, str]:
        """Nothing: a library path would be for this machine's programs, too."""
        return {}
