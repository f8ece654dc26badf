"""Is the machine code for the host's machine and C library?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.wheels.findings import WheelFinding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crossbuild.platforms.elf import ElfFile, VersionNeed
    from crossbuild.platforms.platform import Architecture, FloatAbi, LibcFamily, Platform

_GLIBC_LIBRARY = re.compile(
    r"lib(c\.so\.6(\.1)?|m\.so\.6(\.1)?|(dl|util)\.so\.2|rt\.so\.1|pthread\.so\.0)|ld-linux.*|ld64\.so\.\d"
)
_MUSL_LIBRARY = re.compile(r"libc\.so|libc\.musl-.*|ld-musl-.*")
# musl's loader takes every name that begins with one of its reserved ones for itself, whatever follows the dot, so
# what zig links (NEEDED libc.so) loads on Alpine too, where the file is called libc.musl-<arch>.so.1:
# load_library() in musl's ldso/dynlink.c.
_MUSL_OWN = re.compile(r"lib(c|pthread|rt|m|dl|util|xnet)\..*|ld-musl-.*")
_VERSION = re.compile(r"GLIBC_(\d+)\.(\d+)(?:\.\d+)?")
_ABI_VERSIONS = {
    "GLIBC_ABI_DT_RELR": (2, 36),
    "GLIBC_ABI_GNU_TLS": (2, 42),
    "GLIBC_ABI_GNU2_TLS": (2, 42),
    "GLIBC_ABI_DT_X86_64_PLT": (2, 42),
}
"""What glibc offers for code that only newer loaders can load, each with the first glibc that may offer it."""
_LINKED = {"ET_DYN", "ET_EXEC"}
_NO_CPU = frozenset(("EM_BPF", "EM_CUDA", "EM_AMDGPU"))
"""Code that the kernel or a driver loads into something other than the host's CPU."""
_SHOWN_SYMBOLS = 4


def machine_problems(elf: ElfFile, platform: Platform) -> Iterator[WheelFinding]:
    """Yield a problem if ``elf`` is for another machine, word size, byte order or float ABI, or a newer Arm."""
    if not is_for_cpu(elf):
        return
    architecture = platform.architecture
    if not _is_of(elf, architecture):
        text = f"is {describe_machine(elf)} code, but the host is {architecture.name}"
        yield WheelFinding(id="wrong-machine", file=elf.name, text=text)
    else:
        yield from _float_problems(elf, architecture.float_abi)
        yield from _arm_problems(elf, architecture)


def loader_problems(elf: ElfFile) -> Iterator[WheelFinding]:
    """Yield a problem if the loader refuses ``elf``, whatever it is called."""
    if elf.refusal and is_for_cpu(elf):
        text = f"{elf.refusal}, so the loader refuses it"
        yield WheelFinding(id="invalid-header", file=elf.name, text=text)


def is_for_cpu(elf: ElfFile) -> bool:
    """Return whether ``elf`` runs on a CPU. What the kernel or a driver loads elsewhere suits machines of all kinds."""
    return elf.machine not in _NO_CPU


def is_for(elf: ElfFile, platform: Platform) -> bool:
    """Return whether ``elf`` is for ``platform``'s machine, as far as it says."""
    return _is_of(elf, platform.architecture) and elf.float_abi in {"", platform.architecture.float_abi}


def _is_of(elf: ElfFile, architecture: Architecture) -> bool:
    wanted = (architecture.elf_machine, architecture.bits, architecture.little_endian)
    return (elf.machine, elf.bits, elf.little_endian) == wanted


def describe_machine(elf: ElfFile) -> str:
    """Return the architecture's name, or the header's facts where the architecture is none that is known."""
    if elf.architecture:
        return elf.architecture.name
    endian = "little" if elf.little_endian else "big"
    return f"{elf.machine.removeprefix('EM_')} ({elf.bits}-bit, {endian}-endian)"


def _float_problems(elf: ElfFile, wanted: FloatAbi) -> Iterator[WheelFinding]:
    if elf.float_abi and elf.float_abi != wanted:
        text = f"uses the {elf.float_abi}-float ABI, but the host's is {wanted}-float"
        yield WheelFinding(id="wrong-float-abi", file=elf.name, text=text)
    elif wanted and not elf.float_abi and elf.kind in _LINKED:
        text = f"does not say which float ABI it uses; what is linked for the host's says {wanted}-float"
        yield WheelFinding(id="wrong-float-abi", file=elf.name, text=text)


def _arm_problems(elf: ElfFile, architecture: Architecture) -> Iterator[WheelFinding]:
    if elf.arm_version > architecture.arm_version:
        own = f"ARMv{architecture.arm_version}"
        text = f"holds ARMv{elf.arm_version} code, but the host is {architecture.name}, which is {own}"
        fix = (
            f"Use --toolchain zig, or a compiler made for {own} (Debian's and Ubuntu's arm-linux-gnueabihf-gcc, with "
            "what it links in, is for ARMv7), and leave out options such as -march."
        )
        yield WheelFinding(id="newer-cpu", file=elf.name, text=text, fix=fix)


def libc_problems(elf: ElfFile, platform: Platform, provided: frozenset[str]) -> Iterator[WheelFinding]:
    """Yield problems if ``elf`` needs another C library than ``platform``'s, or a newer one.

    ``provided``: the libraries inside the wheel, whose symbol versions are no demand on the host.
    """
    evidence = libc_evidence(elf)
    if evidence and evidence[0] != platform.libc:
        text = f"is linked against {evidence[0]} (it needs {evidence[1]}), but the host's C library is {platform.libc}"
        yield WheelFinding(id="wrong-libc", file=elf.name, text=text)
        return
    if platform.libc != "glibc":
        return
    # The newest first, since it decides how new the host has to be.
    for need in sorted(elf.version_needs, key=lambda need: glibc_version(need.version) or (0, 0), reverse=True):
        if need.library not in provided:
            yield from _floor_problems(elf, need, platform.libc_version)


def libc_evidence(elf: ElfFile) -> tuple[LibcFamily, str] | None:
    """Return which C library ``elf`` is linked against, and what shows it; None if nothing does."""
    names = [*elf.needed, elf.interpreter.rpartition("/")[2]]
    for name in names:
        if _MUSL_LIBRARY.fullmatch(name):
            return "musl", name
        if _GLIBC_LIBRARY.fullmatch(name):
            return "glibc", name
    versions = [need.version for need in elf.version_needs if need.version.startswith("GLIBC_")]
    return ("glibc", versions[0]) if versions else None


def is_libc(library: str, family: LibcFamily) -> bool:
    """Return whether the NEEDED entry ``library`` is the C library of that family, or its loader."""
    own = _MUSL_OWN if family == "musl" else _GLIBC_LIBRARY
    return bool(own.fullmatch(library))


def needed_floor(
    elf_files: Iterable[ElfFile], provided: Callable[[ElfFile], frozenset[str]] = lambda _: frozenset()
) -> tuple[int, int] | None:
    """Return the oldest glibc that has every symbol version the files need; None if they need none.

    ``provided`` returns the libraries that come along with a file.
    """
    floors = [
        floor
        for elf in elf_files
        for need in elf.version_needs
        if need.library not in provided(elf) and (floor := glibc_version(need.version))
    ]
    return max(floors, default=None)


def glibc_version(version: str) -> tuple[int, int] | None:
    """Return the release that the symbol version ``GLIBC_2.34`` came with; None if it is not one of glibc's."""
    if version in _ABI_VERSIONS:
        return _ABI_VERSIONS[version]
    found = _VERSION.fullmatch(version)
    return (int(found[1]), int(found[2])) if found else None


def _floor_problems(elf: ElfFile, need: VersionNeed, limit: tuple[int, int] | None) -> Iterator[WheelFinding]:
    if need.version == "GLIBC_PRIVATE":
        text = f"uses symbols private to one build of glibc{_shown(need)}"
        yield WheelFinding(id="private-symbols", file=elf.name, text=text)
    version = glibc_version(need.version)
    if limit and version and version > limit:
        text = f"needs {need.version}{_shown(need)}, but the host has glibc {limit[0]}.{limit[1]}"
        yield WheelFinding(id="newer-glibc", file=elf.name, text=text)


def _shown(need: VersionNeed) -> str:
    if not need.symbols:
        return ""
    more = ", …" if len(need.symbols) > _SHOWN_SYMBOLS else ""
    return f" ({', '.join(need.symbols[:_SHOWN_SYMBOLS])}{more})"
