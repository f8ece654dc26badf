"""``ldconfig -p``, which setup scripts ask where libraries are: answered from the sysroot.

Source: print_entry in glibc's elf/cache.c, for the form of a line and what it says of the machine.
"""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.platforms.system_directories import library_directories
from crossbuild.system.filesystem import write_script
from crossbuild.system.rooted_paths import directories_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.host.model import Host

_FLAGS = {
    "aarch64": "libc6,AArch64",
    "armv6l": "libc6,hard-float",
    "armv7l": "libc6,hard-float",
    "loongarch64": "libc6,double-float",
    "ppc64le": "libc6,64bit",
    "riscv64": "libc6,double-float",
    "s390x": "libc6,64bit",
    "x86_64": "libc6,x86-64",
}


def write_ldconfig(directory: Path, host: Host) -> None:
    """Write ``ldconfig`` into ``directory``: it prints the shared libraries of the sysroot, and changes nothing."""
    flags = _FLAGS.get(host.platform.architecture.name, "libc6")
    libraries = list(_libraries(host))
    lines = [f"{len(libraries)} libs found in cache `/etc/ld.so.cache'"]
    lines += [f"\t{library.name} ({flags}) => {library}" for library in libraries]
    printed = quote("\n".join(lines))
    write_script(directory / "ldconfig", f"case $1 in -p | --print-cache) echo {printed} ;; esac\n")


def _libraries(host: Host) -> Iterator[Path]:
    """Yield the shared libraries in the sysroot; none for musl, which keeps no such cache."""
    if host.sysroot is None or host.platform.libc != "glibc":
        return
    for directory in directories_in(host.sysroot, library_directories(host.platform)):
        yield from sorted(directory.glob("lib*.so*"))
