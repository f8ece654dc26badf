"""A Rust that compiles for other machines: Debian's rustc and cargo, with the standard libraries of several machines.

rustc loads no standard library but its own version's, built in the same way. One release of Debian has one version for
all its machines, so all is from one release, whatever this machine's is: its programs come with their own C library.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.system.cache import digest
from tests.testbed.bed import BedError
from tests.testbed.choices import first_available
from tests.testbed.debian import apt, machine_architecture, unpack_closure
from tests.testbed.machines import MACHINES
from tests.testbed.tools import relocate_programs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.testbed.bed import Bed

RUST_MACHINES = ("aarch64", "armv7l", "riscv64")


@dataclass(frozen=True, kw_only=True)
class Rust:
    """Directories with ``rustc`` and ``cargo``."""

    programs: Path
    """With the standard libraries of :data:`RUST_MACHINES` and of this machine."""
    native: Path
    """With that of this machine alone."""


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A release that has rustc, and the end of its packages' names."""

    suite: str
    end: str = ""

    def __str__(self) -> str:
        return f"{self.suite} rustc{self.end}"

    @property
    def programs(self) -> list[str]:
        return [f"rustc{self.end}", f"cargo{self.end}"]

    @property
    def library(self) -> str:
        return f"libstd-rust{self.end}-dev"


SOURCES = (_Source(suite="trixie", end="-web"), _Source(suite="trixie"), _Source(suite="forky"))
"""Debian builds its browsers with the first, which is newer than the release."""


def rust(bed: Bed) -> Rust:
    """Return a Rust whose standard library there is for this machine and :data:`RUST_MACHINES`."""
    sources = {str(source): partial(_rust, bed, source) for source in SOURCES}
    return first_available(bed, "Rust for several machines", sources)


def _rust(bed: Bed, source: _Source) -> Rust:
    key = f"{source.suite}-{digest(RUST_MACHINES, source.library)}"

    def make(scratch: Path) -> None:
        own = machine_architecture(bed)
        wanted = {*source.programs, source.library, "libc6"}
        closure = _closure(bed, source, wanted)
        # The machine's own compiler links.
        without = {name for name in closure if name not in wanted and (name[:3] != "lib" or name.endswith("-dev"))}
        unpack_closure(bed, source.suite, own, wanted, into=scratch, without=without)
        version = closure[source.library].partition("+b")[0]
        for machine in RUST_MACHINES:
            _unpack_library(bed, source, MACHINES[machine].debian, version, into=scratch)
        relocate_programs(bed, scratch, final=bed.cache.path("rust", key))
        _write_native(scratch)

    root = bed.cache.entry("rust", key, make)
    return Rust(programs=root / "usr/bin", native=root / "native/bin")


def _closure(bed: Bed, source: _Source, packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of ``packages`` and of all that they depend on, by name."""
    with apt(bed, source.suite, machine_architecture(bed)) as ours:
        return {package.name: package.version for package in ours.resolve(sorted(packages))}


def _unpack_library(bed: Bed, source: _Source, debian: str, version: str, *, into: Path) -> None:
    """Unpack the standard library of ``version``, of whichever of its rebuilds there is for ``debian``."""
    with tempfile.TemporaryDirectory() as temporary, apt(bed, source.suite, debian) as ours:
        versions = [record["Version"] for record in ours.records([source.library])]
        fitting = [one for one in versions if one.partition("+b")[0] == version]
        if not fitting:
            raise BedError(f"{source} is {version} here, and {' or '.join(versions)} for {debian}.")
        name = f"{source.library}={fitting[0]}"
        bed.run(["apt-get", "-c", ours.directory / "apt.conf", "-q", "download", name], cwd=Path(temporary))
        for package in Path(temporary).glob("*.deb"):
            bed.run(["dpkg-deb", "-x", package, into])


def _write_native(root: Path) -> None:
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
