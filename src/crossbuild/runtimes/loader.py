"""The dynamic loader of a root whose programs this machine's CPU runs, so that they take no emulator."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.emulation.emulator import Loader
from crossbuild.platforms.elf import read_elf
from crossbuild.platforms.platform import ARCHITECTURES
from crossbuild.platforms.system_directories import library_directories
from crossbuild.system.programs import run_program
from crossbuild.system.rooted_paths import directories_in, in_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.platforms.platform import Architecture, Platform

_RUNS = {"x86_64": {"x86_64", "i686"}, "aarch64": {"aarch64", "armv7l", "armv6l", "armv5tel"}}
"""What code each machine can run beside its own; not every 64-bit Arm has the 32-bit instructions."""
_DIRECTORIES = ("/lib", "/lib64")
"""Where loaders are (glibc's sysdeps/unix/sysv/linux/*/shlib-versions, musl's configure)."""


def find_loader(root: Path, platform: Platform) -> Loader | None:
    """Return the loader in ``root`` for ``platform``; None if it has none, or this machine's CPU does not run it."""
    if not runs_here(platform):
        return None
    loaders = dict(_loaders(root, platform))
    program = next(iter(loaders.values()), None)
    if program is None or not _starts(program):
        return None
    places = library_directories(platform)
    wanted = {**loaders, **{place: found for place in places for found in directories_in(root, [place])}}
    missing = {path: file for path, file in wanted.items() if not Path(path).exists() and Path(path).parent.is_dir()}
    machine = ARCHITECTURES.get(os.uname().machine)
    is_32_bit = machine is not None and platform.architecture.bits < machine.bits
    return Loader(program=program, libraries=directories_in(root, places), missing=missing, is_32_bit=is_32_bit)


def runs_here(platform: Platform) -> bool:
    """Return whether this machine's CPU may run the code of ``platform``."""
    machine = os.uname().machine
    return platform.architecture.name in _RUNS.get(machine, {machine})


def runs_as_it_is(platform: Platform) -> bool:
    """Return whether programs for ``platform`` find their loader and their C library on this machine."""
    machine = ARCHITECTURES.get(os.uname().machine)
    libc = "glibc" if "CS_GNU_LIBC_VERSION" in os.confstr_names else "musl"
    return machine is not None and (machine.abi, libc) == (platform.architecture.abi, platform.libc)


def _loaders(root: Path, platform: Platform) -> Iterator[tuple[str, Path]]:
    for directory in _DIRECTORIES:
        for place in directories_in(root, [directory]):
            for name in sorted(file.name for file in place.glob("ld*.so.[0-9]*")):
                path = f"{directory}/{name}"
                file = in_root(path, root)
                if name.startswith("ld-musl-") == (platform.libc == "musl") and _is_for(file, platform.architecture):
                    yield path, file


def _is_for(file: Path, architecture: Architecture) -> bool:
    try:
        elf = read_elf(file.name, file.read_bytes(), symbols=False)
    except (OSError, ValueError):
        return False
    return (elf.machine, elf.bits) == (architecture.elf_machine, architecture.bits)


def _starts(program: Path) -> bool:
    """Return whether the kernel starts ``program``: not every one has code for 32 bits."""
    try:
        run_program([program, "--version"])
    except OSError:
        return False
    return True
