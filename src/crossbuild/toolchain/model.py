"""What compiles for a host."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.platforms.platform import Platform


@dataclass(frozen=True, kw_only=True)
class Toolchain:
    """Compilers and binary tools, proven to produce shared objects for ``platform``.

    Each tool is the beginning of an argument vector: a program and the arguments it always needs, such as zig's
    ``-target`` or a GNU compiler's ``--sysroot``.
    """

    kind: Literal["zig", "gnu"]
    platform: Platform
    version: str
    """What the C compiler says of its version, in one line."""
    cc: tuple[str, ...]
    cxx: tuple[str, ...]
    ar: tuple[str, ...]
    ranlib: tuple[str, ...]
    strip: tuple[str, ...]
    binutils: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The other binary tools that there are, by their GNU names: ``ld``, ``nm``, ``objcopy`` …"""
    fc: tuple[str, ...] | None = None
    """The Fortran compiler, where there is one."""
    debugs: bool = False
    """Whether the compilers make debugging information unless told ``-g0``, and link libraries that have some."""
    sysroot: Path | None = None
    """Where the compiler looks for the host's libraries and headers beyond libc, if anywhere."""


@dataclass(frozen=True, kw_only=True)
class ToolchainRequest:
    """What the user said about the toolchain; every part may be left open."""

    choice: str | None = None
    """``auto``, ``zig``, ``gnu``, or a prefix such as ``/opt/x/bin/aarch64-linux-gnu-``; None is ``auto``, too."""
    cc: str | None = None
    cxx: str | None = None
    ar: str | None = None
    fc: str | None = None
    relative: bool = False
    """Look for the compiler that the host records on ``PATH``, wherever that was."""

    def over(self, other: Self) -> Self:
        """Return this request, and what it leaves open as ``other`` has it: nothing if it chooses a toolchain."""
        if self.choice:
            return self
        return replace(other, **{name: value for name, value in vars(self).items() if value and name != "choice"})
