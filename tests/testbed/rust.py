"""A Rust that compiles for other machines: Debian's rustc and cargo, with the standard libraries of several machines.

rustc loads no standard library but its own version's, built in the same way: Debian's packages of one version are,
whatever release they are for.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.cache import digest
from crossbuild.errors import SysrootError
from crossbuild.processes import CommandFailedError
from tests.testbed.bed import BedError
from tests.testbed.debian import apt, machine_architecture
from tests.testbed.machines import MACHINES
from tests.testbed.tools import TOOLS_SUITE, relocate_programs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.testbed.bed import Bed

SUITES = (TOOLS_SUITE, "trixie")
"""Where standard libraries are looked for, in this order. rustc itself must run here: it is from the first."""
RUST_MACHINES = ("aarch64", "armv7l", "riscv64")
_PROGRAMS, _LIBRARY = ("rustc-web", "cargo-web"), "libstd-rust-web-dev"


@dataclass(frozen=True, kw_only=True)
class Rust:
    """Directories with ``rustc`` and ``cargo``."""

    programs: Path
    """With the standard libraries of :data:`RUST_MACHINES` and of this machine."""
    native: Path
    """With that of this machine alone."""


def rust(bed: Bed) -> Rust:
    """Return the newest Rust whose standard library Debian has for all machines in question."""

    def make(scratch: Path) -> None:
        offers = {machine: _offers(bed, MACHINES[machine].debian) for machine in RUST_MACHINES}
        own = _offers(bed, machine_architecture(bed), suites=SUITES[:1])
        common = set(own).intersection(*offers.values())
        if not common:
            raise BedError(f"Debian has no one version of Rust for this machine and {', '.join(RUST_MACHINES)}.")
        version = max(common, key=lambda text: tuple(map(int, text.split("."))))
        _unpack_programs(bed, scratch, own[version][1])
        for machine in RUST_MACHINES:
            suite, full = offers[machine][version]
            _unpack(bed, suite, MACHINES[machine].debian, [f"{_LIBRARY}={full}"], into=scratch)
        relocate_programs(bed, scratch)
        _write_native(bed, scratch)

    root = bed.cache.entry("rust", f"{TOOLS_SUITE}-{digest(RUST_MACHINES, _PROGRAMS)}", make)
    return Rust(programs=root / "usr/bin", native=root / "native/bin")


def _offers(bed: Bed, debian: str, suites: Iterable[str] = SUITES) -> dict[str, tuple[str, str]]:
    """Return the suite and Debian's version of each version of Rust that there is a standard library of."""
    offers: dict[str, tuple[str, str]] = {}
    for suite in suites:
        try:
            with apt(bed, suite, debian) as ours:
                versions = [record["Version"] for record in ours.records([_LIBRARY])]
        except (SysrootError, CommandFailedError):  # not every suite has every machine
            continue
        for version in versions:
            offers.setdefault(version.partition("+")[0], (suite, version))
    return offers


def _unpack_programs(bed: Bed, root: Path, version: str) -> None:
    debian = machine_architecture(bed)
    with apt(bed, TOOLS_SUITE, debian) as ours:
        closure = ours.resolve([f"{name}={version}" for name in (*_PROGRAMS, _LIBRARY)])
    # The machine's own compiler links, and its libc must be the loader's.
    wanted = [
        package
        for package in closure
        if package.name in (*_PROGRAMS, _LIBRARY)
        or (package.name.startswith("lib") and not package.name.endswith("-dev") and package.name != "libc6")
    ]
    _unpack(bed, TOOLS_SUITE, debian, [f"{package.name}={package.version}" for package in wanted], into=root)


def _unpack(bed: Bed, suite: str, debian: str, packages: Iterable[str], *, into: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary, apt(bed, suite, debian) as ours:
        directory = Path(temporary)
        bed.run(["apt-get", "-c", ours.directory / "apt.conf", "-q", "download", *packages], cwd=directory)
        for package in sorted(directory.glob("*.deb")):
            bed.run(["dpkg-deb", "-x", package, into])


def _write_native(bed: Bed, root: Path) -> None:
    """Let a rustc find only this machine's standard library."""
    programs, libraries = root / "native/bin", root / "native/lib/rustlib"
    programs.mkdir(parents=True)
    libraries.mkdir(parents=True)
    (triple,) = (root / "usr/lib/rustlib").glob(f"{os.uname().machine}-*")
    (libraries / triple.name).symlink_to(Path("../../../usr/lib/rustlib", triple.name))
    (programs / "cargo").symlink_to("../../usr/bin/cargo")
    rustc = programs / "rustc"
    rustc.write_text('#!/bin/sh\nroot=${0%/*}/../..\nexec "$root/usr/bin/rustc" --sysroot "$root/native" "$@"\n')
    rustc.chmod(0o755)
