"""Cargo, and what builds with it or below it: maturin, setuptools-rust, PyO3, and the crates cc and bindgen.

Sources: The Cargo Book, "Environment Variables" and "Build Cache" (what is for CARGO_BUILD_TARGET is put into a
directory of that name, build scripts and procedural macros are not); the documentation of cc and bindgen for their
variables; PyO3's guide, "Cross Compiling"; maturin's guide, "Environment Variables".
"""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from shlex import join, quote
from typing import TYPE_CHECKING

from crossbuild.platforms.platform import ARCHITECTURES
from crossbuild.system.filesystem import write_script

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.toolchain.compilers import Compilers

_VENDORS = ("unknown-linux-gnu", "unknown-linux-gnueabihf", "unknown-linux-musl", "alpine-linux-musl")
"""What follows the CPU in the triples of the build machines that rustc is distributed for."""


def write_cargo(directory: Path, path: str) -> None:
    """Write ``cargo`` into ``directory``, if there is one on ``path``: it first looks whether rustc knows the host."""
    real = shutil.which("cargo", path=path)
    if real:
        body = files("crossbuild.native").joinpath("cargo.sh").read_text(encoding="utf-8")
        write_script(directory / "cargo", f"real={quote(real)}\n{body}")


def write_rustc(directory: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Write ``rustc`` into ``directory``, if there is one: it tells the real one what to call this machine's places.

    Return the variable that leads cargo there. Options in ``RUSTFLAGS`` would take the place of a project's own, and
    become part of the names that cargo gives to symbols.
    """
    real = shutil.which(environ.get("RUSTC") or "rustc", path=environ.get("PATH", os.defpath))
    if not real:
        return {}
    body = files("crossbuild.native").joinpath("rustc.sh").read_text(encoding="utf-8")
    return {"RUSTC": str(write_script(directory / "rustc", f"real={quote(real)}\n{body}"))}


def cargo_variables(
    directory: Path,
    *,
    host: Host,
    compilers: Compilers,
    build_compilers: Mapping[str, str],
    stdlib: Path,
    machine: str,
    environ: Mapping[str, str],
) -> dict[str, str]:
    """Return the environment that makes cargo build for ``host``; ``environ`` is the user's.

    ``build_compilers`` are the variables of :func:`crossbuild.native.cross_path.write_build_compilers`, ``stdlib`` is
    the directory with the host's sysconfigdata, and ``machine`` the build machine's name. Writes into ``directory``
    only where rustc has the same triple for both machines.
    """
    triple = host.platform.rust_triple
    build_cc = build_compilers.get("CC_FOR_BUILD")
    cpu = ARCHITECTURES[machine].rust_cpu if machine in ARCHITECTURES else machine
    build_triples = [f"{cpu}-{vendor}" for vendor in _VENDORS] if build_cc else []
    # rustc links with `cc`, which on this PATH is the host's: build scripts have to be given another linker.
    linkers = dict.fromkeys(build_triples, str(build_cc)) | {triple: str(compilers.cc)}
    if triple in build_triples:
        linkers[triple] = str(_write_linker(directory, host_cc=compilers.cc, build_cc=str(build_cc), triple=triple))
    return {
        # Also if both machines have the same triple: without it, build scripts get the host's RUSTFLAGS.
        "CARGO_BUILD_TARGET": triple,
        **{f"{_of_target(name)}_LINKER": linker for name, linker in linkers.items()},
        **dict(_rust_flags(host, environ)),
        **dict(_c_variables(triple, compilers)),
        **dict(_bindgen_variables(host, compilers)),
        "PYO3_CROSS_LIB_DIR": str(stdlib),
        # What it would download has no standard library but the build machine's.
        "MATURIN_NO_INSTALL_RUST": "1",
    }


def _of_target(triple: str) -> str:
    return f"CARGO_TARGET_{triple.upper().replace('-', '_')}"


def _write_linker(directory: Path, *, host_cc: Path, build_cc: str, triple: str) -> Path:
    """Write a linker that tells by its output which of two machines of one triple it links for."""
    return write_script(
        directory / "rust-linker",
        "previous=\n"
        "for argument do\n"
        f'    case $previous$argument in -o*/{triple}/*) exec {quote(str(host_cc))} "$@" ;; esac\n'
        "    case $argument in -o) previous=-o ;; *) previous= ;; esac\n"
        "done\n"
        f'exec {quote(build_cc)} "$@"\n',
    )


def _rust_flags(host: Host, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what lets rustc make extension modules for musl, for which it links statically by itself."""
    if host.platform.libc == "musl":
        # Cargo takes the first of these that is set, and no other.
        specific = f"{_of_target(host.platform.rust_triple)}_RUSTFLAGS"
        name = "RUSTFLAGS" if "RUSTFLAGS" in environ else specific
        yield name, f"{environ.get(name, '')} -C target-feature=-crt-static".lstrip()


def _c_variables(triple: str, compilers: Compilers) -> Iterator[tuple[str, str]]:
    suffix = triple.replace("-", "_")
    yield f"CC_{suffix}", str(compilers.cc)
    yield f"CXX_{suffix}", str(compilers.cxx)
    yield f"AR_{suffix}", str(compilers.ar)
    yield f"RANLIB_{suffix}", str(compilers.ranlib)


def _bindgen_variables(host: Host, compilers: Compilers) -> Iterator[tuple[str, str]]:
    """Yield what makes bindgen read the headers that the compiler reads, last those that a libclang may lack itself."""
    name = f"BINDGEN_EXTRA_CLANG_ARGS_{host.platform.rust_triple.replace('-', '_')}"
    # Without either option, clang reads this machine's /usr/include.
    places = f"--sysroot={host.sysroot}" if host.sysroot else "-nostdlibinc"
    searched = [word for path in compilers.headers for word in ("-idirafter", path)]
    yield name, join([f"--target={host.platform.gnu_type}", places, *searched])
