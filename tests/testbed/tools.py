"""The programs that the tests need beside crossbuild: emulators and compilers, the machine's own where it has them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.index.index import Index
from crossbuild.index.zig_wheel import ZigWheels
from crossbuild.options.build_options import IndexOptions
from crossbuild.platforms.elf import read_elf
from crossbuild.reporting import SilentReporter
from crossbuild.system.cache import Cache
from crossbuild.toolchain.build_machine import StandIns
from crossbuild.toolchain.zig import fetch_zig
from tests.testbed.bed import BedError
from tests.testbed.debian import debian_root, machine_architecture, unpack_closure
from tests.testbed.machines import MACHINES

if TYPE_CHECKING:
    from tests.testbed.bed import Bed

TOOLS_SUITE = "bookworm"
"""Where tools come from. They run on any younger machine; and since Debian's cross compilers link against a libc of
their own, what a younger suite's compile would not load on the oldest host."""


def emulator(bed: Bed, machine: str) -> Path:
    """Return the qemu-user that runs programs of ``machine``."""
    name = f"qemu-{MACHINES[machine].qemu}"
    on_path = bed.which(name) or bed.which(f"{name}-static")
    if on_path:
        return on_path

    if machine == "loongarch64":
        # Debian's packages use vectors there, which qemu 7.2 does not know.
        return debian_root(bed, "trixie", machine_architecture(bed), ["qemu-user"]) / "usr/bin" / name

    def make(scratch: Path) -> None:
        unpack_closure(bed, TOOLS_SUITE, machine_architecture(bed), ["qemu-user-static"], into=scratch)
        wanted = {f"qemu-{known.qemu}-static" for known in MACHINES.values()}
        for program in (scratch / "usr/bin").iterdir():
            if program.name not in wanted:
                program.unlink()

    return bed.cache.entry("qemu", TOOLS_SUITE, make) / f"usr/bin/{name}-static"


def make(bed: Bed) -> tuple[Path, ...]:
    """Return the directory with ``make``; nothing where the machine has its own."""
    if bed.which("make"):
        return ()

    def unpack(scratch: Path) -> None:
        unpack_closure(bed, TOOLS_SUITE, machine_architecture(bed), ["make"], into=scratch, without={"libc6"})

    return (bed.cache.entry("make", TOOLS_SUITE, unpack) / "usr/bin",)


def native_compilers(bed: Bed) -> tuple[Path, ...]:
    """Return the directory with ``cc`` and kin, which are zig, for this machine; nothing where it has its own.

    They are crossbuild's, which find the machine's headers: those of its Python, above all.
    """
    if bed.which("gcc"):
        return ()
    zig(bed)
    stand_ins = StandIns.for_machine(os.uname().machine, _cache_of_crossbuild(bed))
    if stand_ins is None:
        raise BedError(f"There is no compiler here, and zig does not know {os.uname().machine}.")
    return (stand_ins.directory,)


def write_zig_compilers(bed: Bed, directory: Path, target: str, *prefixes: str) -> None:
    """Write ``<prefix>gcc`` and kin into ``directory``, which are zig and compile for ``target``."""
    # zig takes __DATE__ for an error, traps on undefined behaviour, and links musl statically, unless told.
    options = f"-target {target} -dynamic -Wno-date-time -fno-sanitize=undefined"
    compilers = dict.fromkeys(("cc", "gcc"), f"cc {options}") | dict.fromkeys(("c++", "g++"), f"c++ {options}")
    cache = bed.cache.path("zig", "compiled")
    # Debian's Pythons have been compiled with link-time optimisation, and name the archiver that is for that.
    for name, subcommand in {**compilers, "ar": "ar", "gcc-ar": "ar", "ranlib": "ranlib"}.items():
        for prefix in prefixes:
            program = directory / f"{prefix}{name}"
            program.write_text(
                f'#!/bin/sh\nexport ZIG_GLOBAL_CACHE_DIR="{cache}"\nexec "{zig(bed)}" {subcommand} "$@"\n'
            )
            program.chmod(0o755)


def gnu_compilers(bed: Bed, machine: str, *languages: str) -> Path:
    """Return the directory with ``<gnu>-gcc``, ``<gnu>-g++``, ``<gnu>-ar`` … for ``machine``.

    ``languages`` are the names of further compilers: ``gfortran``.
    """
    gnu = MACHINES[machine].gnu
    compilers = ("gcc", "g++", *languages)
    on_path = bed.which(f"{gnu}-gcc")
    if on_path and all(bed.which(f"{gnu}-{compiler}") for compiler in compilers):
        return on_path.parent

    def make(scratch: Path) -> None:
        packages = [f"{compiler}-{gnu}" for compiler in compilers]
        # Its libc would have to come with its own loader; the machine's is as good.
        unpack_closure(bed, TOOLS_SUITE, machine_architecture(bed), packages, into=scratch, without={"libc6"})
        relocate_programs(bed, scratch)
        _relocate_linker_scripts(scratch / "usr" / gnu / "lib", gnu)

    return bed.cache.entry("gnu", "-".join((TOOLS_SUITE, gnu, *languages)), make) / "usr/bin"


def relocate_programs(bed: Bed, root: Path, *, final: Path | None = None) -> None:
    """Let the programs below ``root`` find the shared libraries below ``root``, wherever that is.

    Where a C library is among these, its loader has to start the programs, by its absolute path: below ``final``, which
    is where ``root`` will be.
    """
    patchelf = debian_root(bed, TOOLS_SUITE, machine_architecture(bed), ["patchelf"]) / "usr/bin/patchelf"
    shared = [found for found in (root / "usr/lib").glob("*-linux-gnu*/lib*.so.*") if not found.is_symlink()]
    libraries = [root / "usr/lib", *{found.parent for found in shared}]
    # A library with a RUNPATH of its own forgets the program's RPATH.
    bed.run([patchelf, "--remove-rpath", *shared])
    for program in _programs(root):
        places = (os.path.relpath(library, program.parent) for library in libraries)
        # Unlike RUNPATH, RPATH also holds for the libraries that the libraries need.
        options = ["--force-rpath", "--set-rpath", ":".join(f"$ORIGIN/{place}" for place in places)]
        loader = ["--set-interpreter", f"{final}{_interpreter(program)}"] if final else []
        bed.run([patchelf, *options, *loader, program])


def _programs(root: Path) -> list[Path]:
    """Return the dynamically linked programs below ``root``."""
    return [
        path
        for directory, _, names in os.walk(root / "usr")
        for path in (Path(directory, name) for name in names)
        if not path.is_symlink() and os.access(path, os.X_OK) and _interpreter(path)
    ]


def _interpreter(path: Path) -> str:
    """Return the loader that starts the program ``path``; nothing if it is no dynamically linked program."""
    with path.open("rb") as file:
        if file.read(4) != b"\x7fELF":
            return ""
    return read_elf(path.name, path.read_bytes(), symbols=False).interpreter


def _relocate_linker_scripts(libraries: Path, gnu: str) -> None:
    """Let ``libc.so``, a text, name its parts by name alone: the linker then looks for them on its own path."""
    for path in libraries.glob("*.so"):
        content = path.read_bytes()
        if not content.startswith(b"\x7fELF"):
            path.write_bytes(re.sub(rf"/usr/{gnu}/lib(64)?/".encode(), b"", content))


def zig(bed: Bed) -> Path:
    """Return the program ``zig``, which is crossbuild's own."""
    return fetch_zig(_cache_of_crossbuild(bed), zig_source(bed))


def zig_source(bed: Bed) -> ZigWheels:
    """Return the index that zig comes from."""
    index = Index.from_options(IndexOptions(), environ=bed.environ, cache=_cache_of_crossbuild(bed))
    return ZigWheels(index=index, reporter=SilentReporter())


def _cache_of_crossbuild(bed: Bed) -> Cache:
    return Cache(root=bed.cache.root / "crossbuild")
