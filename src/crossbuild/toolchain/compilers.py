"""The compilers as real files on the cross PATH, under every name that a build may call them by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Compilers:
    """A directory of executables that compile for the host: ``aarch64-linux-gnu-gcc`` and kin, ``cc``, ``ar`` …"""

    directory: Path
    cc: Path
    cxx: Path
    ar: Path
    ranlib: Path
    strip: Path
    fc: Path | None = None
