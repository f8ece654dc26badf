"""The binary tools beside compiler, archiver and ``strip``: which there are, and where those for zig come from.

Sources: the manuals of GNU binutils, and LLVM's command guide, for what its tools take the place of.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from crossbuild.system.programs import directories_on, file_names
from crossbuild.toolchain.debian_packages import cross_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from crossbuild.platforms.platform import Platform
    from crossbuild.toolchain.model import Toolchain

BINUTILS = (
    *("as", "ld", "ld.bfd", "ld.gold", "nm", "objcopy", "objdump", "readelf", "size", "strings", "addr2line"),
    *("c++filt", "elfedit", "dwp"),
)
"""GNU's names of the tools that a toolchain may have."""
_FROM_LLVM = {
    **{name: f"llvm-{name}" for name in ("nm", "objcopy", "objdump", "readelf", "size", "strings", "addr2line", "dwp")},
    "c++filt": "llvm-cxxfilt",
}
"""LLVM's tools that take GNU's options; they know every machine."""
_READ_ALL_MACHINES = frozenset(("nm", "readelf", "size", "strings", "addr2line", "c++filt"))
"""GNU's tools that read the ELF files of all machines, whichever they were configured for."""


def find_binutils(tool: Callable[[str], tuple[str, ...] | None]) -> dict[str, tuple[str, ...]]:
    """Return the tools that ``tool`` finds by their GNU names."""
    found = {name: tool(name) for name in BINUTILS}
    return {name: command for name, command in found.items() if command}


def binutils_for_zig(platform: Platform, path: str) -> dict[str, tuple[str, ...]]:
    """Return the programs on ``path`` that do what zig has no tool for.

    GNU's for ``platform`` come first, then LLVM's, then GNU's for this machine where they read all files. What makes
    code for one machine, such as an assembler, is never taken from there.
    """
    # Read once: PATH would be searched for each tool and each name that it may have.
    there = frozenset(file_names(directories_on(path)))

    def tool(name: str) -> tuple[str, ...] | None:
        if name in ("as", "ld"):  # which zig has
            return None
        candidates = (f"{platform.gnu_type}-{name}", *_names_of_llvm(name, there), *_own_names(name))
        found = (shutil.which(candidate, path=path) for candidate in candidates if candidate in there)
        program = next(filter(None, found), None)
        return (program,) if program else None

    return find_binutils(tool)


def how_to_get_binutils(toolchain: Toolchain) -> str:
    """Return why ``toolchain`` lacks a binary tool, and what the user can do to have it."""
    if toolchain.kind == "gnu":
        return f"there is none beside {toolchain.cc[0]}. Install the binutils of that toolchain"
    platform = toolchain.platform
    packages = " or ".join(filter(None, ("llvm", cross_packages(platform, "binutils"))))
    return (
        f"zig has none. Install LLVM's or GNU's for {platform.gnu_type} (Debian and Ubuntu: apt install {packages}), "
        "or build with --toolchain gnu"
    )


def _own_names(name: str) -> tuple[str, ...]:
    return (name,) if name in _READ_ALL_MACHINES else ()


def _names_of_llvm(name: str, there: Collection[str]) -> Iterator[str]:
    """Yield what LLVM's tool is called, also by distributions that give each version a name: ``llvm-nm-14``."""
    if name in _FROM_LLVM:
        versioned = re.compile(rf"{re.escape(_FROM_LLVM[name])}-\d+")
        yield _FROM_LLVM[name]
        yield from sorted(filter(versioned.fullmatch, there), key=_version, reverse=True)


def _version(name: str) -> int:
    return int(name.rpartition("-")[2])
