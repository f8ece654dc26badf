"""What compiles for a host."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self

from crossbuild.declarations.option import Heading, Kind, Scope, option, over

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.platforms.platform import Platform


_of_toolchain = functools.partial(option, heading=Heading.TOOLCHAIN, scope=Scope.HOST)


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
    sysroot: Path | None = None
    """Where the compiler looks for the host's libraries and headers beyond libc, if anywhere."""


@dataclass(frozen=True, kw_only=True)
class ToolchainRequest:
    """What the user said about the toolchain; every part may be left open."""

    choice: str | None = field(
        default=None,
        metadata=_of_toolchain(
            Kind.PREFIX,
            "--toolchain",
            key="toolchain",
            metavar="auto|zig|gnu|PREFIX",
            common=True,
            description="The compilers to use. auto, the default, is zig for a manylinux or musllinux tag, downloaded "
            "on first use; otherwise the compiler that the host records, a GNU cross compiler on PATH, or zig, "
            "whichever is found first. PREFIX is what stands before gcc: /opt/x/bin/aarch64-linux-gnu-.",
        ),
    )
    """``auto``, ``zig``, ``gnu``, or a prefix such as ``/opt/x/bin/aarch64-linux-gnu-``; None is ``auto``, too."""
    relative: bool = field(
        default=False,
        metadata=_of_toolchain(
            Kind.SWITCH,
            "--relative-toolchain",
            key="relative-toolchain",
            description="Look on PATH for the compiler that the host records, wherever it was when its Python was "
            "built.",
        ),
    )
    cc: str | None = field(
        default=None,
        metadata=_of_toolchain(
            Kind.COMMAND, "--cc", description="The C compiler, with arguments that it always needs."
        ),
    )
    cxx: str | None = field(
        default=None, metadata=_of_toolchain(Kind.COMMAND, "--cxx", description="The C++ compiler.")
    )
    ar: str | None = field(default=None, metadata=_of_toolchain(Kind.COMMAND, "--ar", description="The archiver."))
    fc: str | None = field(
        default=None, metadata=_of_toolchain(Kind.COMMAND, "--fc", description="The Fortran compiler.")
    )

    def over(self, other: Self) -> Self:
        """Return this request, and what it leaves open as ``other`` has it: nothing if it chooses a toolchain."""
        return self if self.choice else over(self, other)
