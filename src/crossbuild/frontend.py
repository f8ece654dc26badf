"""From a requirement, an sdist or a directory to a verified wheel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crossbuild.options import BuildOptions
    from crossbuild.reporting import Reporter


@dataclass(frozen=True, kw_only=True)
class BuiltWheel:
    """A wheel that was delivered."""

    path: Path
    name: str
    """The project's normalised name."""
    version: str
    tags: tuple[str, ...]
    """``cp311-cp311-linux_aarch64``; more than one where the file name holds a compressed set."""
    size: int
    """Bytes."""
    sha256: str
    seconds: float
    elf_files: int
    """How many ELF files it holds, each of them checked."""


def build_wheels(
    specs: Sequence[str], *, wheel_dir: Path, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> list[BuiltWheel]:
    """Build the wheels of ``specs`` (requirements, sdists, directories) for the host into ``wheel_dir``."""
    raise NotImplementedError


def sdist_to_wheel(
    path: Path, *, wheel_dir: Path, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> BuiltWheel:
    """Build a wheel from an sdist; a directory is made into an sdist first, by the build Python."""
    raise NotImplementedError
