"""Which platform a host Python is for, from what it recorded and from its ELF header; the two have to agree.

``MULTIARCH`` is trusted before ``SOABI``, and both before ``HOST_GNU_TYPE``, which tells of the kernel it was built on:
Debian's armhf and armel Pythons say ``armv8l`` there. Source: CPython's configure.ac (PLATFORM_TRIPLET).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.platforms.near_misses import near_architecture
from crossbuild.platforms.platform import ARCHITECTURES, Platform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.host.reading.binaries import HostBinary
    from crossbuild.platforms.platform import Architecture, LibcFamily


def platform_of(variables: Mapping[str, str | int], binary: HostBinary | None, *, name: str) -> Platform:
    """Return the platform, with no libc version, of a Python with these recorded ``variables`` and this ``binary``.

    Raises HostError if nothing says it, if what was recorded contradicts the binary, or if the machine is unknown.
    """
    recorded = _recorded(variables, name)
    if recorded and binary:
        _check_agreement(recorded, binary, name)
    if binary:
        libc = binary.libc or _libc_without_evidence(recorded, binary)
        found = Platform(architecture=binary.architecture, libc=libc, libc_version=None)
    elif recorded:
        found = recorded
    else:
        raise HostError(
            f"Nothing in {name} says which machine it is for.",
            why="Its sysconfigdata has no MULTIARCH, SOABI or HOST_GNU_TYPE that tells, and it has no binaries.",
            fix="Give a platform tag instead, such as linux_aarch64.",
        )
    _check_pointers(variables, found.architecture, name)
    return found


def with_machine(platform: Platform, machine: str, *, name: str) -> Platform:
    """Return ``platform`` for ``machine``, what the host ``name`` calls its CPU. Raises HostError if it cannot be that.

    The files of a Python tell which instructions they are made of, not which CPU they run on: ``armv6l`` and ``armv7l``
    share everything else.
    """
    wanted = ARCHITECTURES.get(machine)
    if wanted is None:
        raise HostError(
            f"crossbuild does not know the machine {machine!r}.",
            fix=(f"Did you mean {near}? " if (near := near_architecture(machine)) else "")
            + f"Known architectures: {', '.join(sorted(ARCHITECTURES))}.",
        )
    if wanted.abi != platform.architecture.abi:
        raise HostError(
            f"{name} is for {platform.architecture.name}, which cannot be a {machine}.",
            fix="Leave --machine out, or name another host.",
        )
    return replace(platform, architecture=wanted)


def _recorded(variables: Mapping[str, str | int], name: str) -> Platform | None:
    """Read the first variable that tells. A musl Python before 3.11 says ``gnu`` here all the same."""
    for key in ("MULTIARCH", "SOABI", "EXT_SUFFIX", "HOST_GNU_TYPE"):
        value = str(variables.get(key) or "")
        found = re.search(r"(\w+)-linux-(gnu|musl)(\w*)", value)
        if found:
            cpu = value.partition("-")[0] if key == "HOST_GNU_TYPE" else found[1]
            libc: LibcFamily = "musl" if found[2] == "musl" else "glibc"
            return Platform(
                architecture=_architecture(cpu, found[3], f"{key}={value}", name), libc=libc, libc_version=None
            )
    return None


def _libc_without_evidence(recorded: Platform | None, binary: HostBinary) -> LibcFamily:
    # Only programs name a loader. A module that needs no libc by name says nothing against any.
    if not binary.elf.interpreter:
        return recorded.libc if recorded else "glibc"
    raise HostError(
        f"{binary.path} is for a C library that crossbuild does not know; its loader is {binary.elf.interpreter}.",
        fix="Hosts have glibc or musl.",
    )


def _architecture(cpu: str, suffix: str, recorded: str, name: str) -> Architecture:
    cpu = re.sub(r"^i[3-6]86$", "i686", re.sub(r"^arm(v\w+)?$", "arm", cpu))
    for known in ARCHITECTURES.values():
        if cpu in (known.name, known.gnu_cpu, known.multiarch_cpu) and suffix == known.eabi:
            return known
    raise HostError(
        f"{name} is for a machine that crossbuild does not know: {recorded}.",
        fix=f"Known architectures: {', '.join(sorted(ARCHITECTURES))}.",
    )


def _check_agreement(recorded: Platform, binary: HostBinary, name: str) -> None:
    # A tuple does not tell ARMv6 from ARMv7.
    same_machine = binary.architecture.abi == recorded.architecture.abi
    # The other way round is a musl Python before 3.11, which records gnu.
    if same_machine and not (recorded.libc == "musl" and binary.libc == "glibc"):
        return
    raise HostError(
        f"{name} contradicts itself: its sysconfigdata is for {recorded.multiarch}, "
        f"but {binary.path} is a binary for {binary.architecture.name}{f' and {binary.libc}' if binary.libc else ''}.",
        why="Files of two Pythons were mixed, or the standard library was copied from another machine.",
        fix="Name a host Python whose executable and standard library belong together.",
    )


def _check_pointers(variables: Mapping[str, str | int], architecture: Architecture, name: str) -> None:
    size = variables.get("SIZEOF_VOID_P")
    if size is not None and size != architecture.bits // 8:
        raise HostError(
            f"{name} contradicts itself: it is for {architecture.name}, but its pointers have {size!r} bytes.",
            why=f"SIZEOF_VOID_P in its build variables is {size!r}; on {architecture.name}, "
            f"it is {architecture.bits // 8}.",
            fix="Name a host Python whose executable and standard library belong together.",
        )
