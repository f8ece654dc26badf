"""zig as the toolchain: one download that compiles C and C++ for every Linux host, with the libc floor in its target.

Sources: zig's lib/libc (which libc versions it carries), ``zig targets``; measured where it is silent.
"""

from __future__ import annotations

import platform as machine
import subprocess
import sys
from typing import TYPE_CHECKING

from crossbuild.errors import ToolchainError
from crossbuild.toolchain.model import Toolchain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.cache import Cache
    from crossbuild.platforms import Platform

ZIG_VERSION = "0.17.1"
_NEWEST_GLIBC = (2, 44)
_LOWEST_GLIBC = {"ppc64le": (2, 19), "riscv64": (2, 27)}
_LOWEST_GLIBC_ELSEWHERE = (2, 17)
_MUSL = (1, 2)

# In builds without optimisation zig makes undefined behaviour trap; what was meant for gcc and clang expects neither.
# It also makes an error of __DATE__, for reproducibility's sake.
_HABITS_UNDONE = ("-fno-sanitize=undefined", "-Wno-error=date-time")


def zig_toolchain(platform: Platform, *, sysroot: Path | None, cache: Cache, environ: Mapping[str, str]) -> Toolchain:
    """Return zig as the toolchain for ``platform``, downloaded into ``cache`` on first use.

    ``sysroot`` gives the host's libraries and headers, but for libc, which zig brings. ``environ`` is the environment
    for the download. Raises ToolchainError if the platform's libc is older than what
    zig can link for, or if the download fails.
    """
    _check_floor(platform)
    zig = str(_fetch(cache, environ) / "ziglang" / "zig")
    dynamic = ("-dynamic",) if platform.libc == "musl" else ()
    flags = ("-target", zig_target(platform), *_HABITS_UNDONE, *dynamic, *_sysroot_flags(platform, sysroot))
    return Toolchain(
        kind="zig",
        platform=platform,
        version=f"zig {ZIG_VERSION}",
        cc=(zig, "cc", *flags),
        cxx=(zig, "c++", *flags),
        ar=(zig, "ar"),
        ranlib=(zig, "ranlib"),
        # Its objcopy cannot strip ELF files yet ("unimplemented"); what is not stripped is larger, and no worse.
        strip=("true",),
        ld=(zig, "ld.lld"),
        build_cc=(zig, "cc", *_for_build_machine()),
        build_cxx=(zig, "c++", *_for_build_machine()),
        sysroot=sysroot,
    )


def zig_target(platform: Platform) -> str:
    """Return zig's name for ``platform``, with the glibc version if one is promised: ``aarch64-linux-gnu.2.28``."""
    name = f"{platform.architecture.zig_cpu}-linux-{platform.environment}"
    if platform.libc == "musl" or platform.libc_version is None:
        return name
    return "{}.{}.{}".format(name, *min(platform.libc_version, _NEWEST_GLIBC))


def _for_build_machine() -> tuple[str, ...]:
    """Return the options to compile for this machine; its glibc is taken to be no older than zig's default."""
    libc = "gnu" if machine.libc_ver()[0] == "glibc" else "musl"
    return ("-target", f"{machine.machine()}-linux-{libc}", *_HABITS_UNDONE)


def _sysroot_flags(platform: Platform, sysroot: Path | None) -> tuple[str, ...]:
    """Return the options for a sysroot whose libc is not used: its headers come after zig's own."""
    if sysroot is None:
        return ()
    includes = (sysroot / "usr/include" / platform.multiarch, sysroot / "usr/include")
    libraries = (sysroot / "usr/lib" / platform.multiarch, sysroot / "usr/lib", sysroot / "usr/lib64")
    return (
        *(word for directory in includes if directory.is_dir() for word in ("-idirafter", str(directory))),
        *(f"-L{directory}" for directory in libraries if directory.is_dir()),
    )


def _check_floor(platform: Platform) -> None:
    if platform.libc_version is None:
        return
    glibc = _LOWEST_GLIBC.get(platform.architecture.name, _LOWEST_GLIBC_ELSEWHERE)
    lowest = _MUSL if platform.libc == "musl" else glibc
    if platform.libc_version < lowest:
        family = "musllinux" if platform.libc == "musl" else "manylinux"
        raise ToolchainError(
            f"zig cannot compile for {platform.libc_text} on {platform.architecture.name}.",
            why="The lowest it can link for there is {}.{}.".format(*lowest),
            fix="Use --host {}_{}_{}_{}".format(family, *lowest, platform.architecture.name)
            + f", or a GNU compiler for {platform.gnu_type} (--toolchain gnu).",
        )


def _fetch(cache: Cache, environ: Mapping[str, str]) -> Path:
    def make(scratch: Path) -> None:
        from uv import find_uv_bin

        command = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--no-config"]
        command += ["--link-mode=copy", "--python", sys.executable, "--target", str(scratch), f"ziglang=={ZIG_VERSION}"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ToolchainError(
                f"zig {ZIG_VERSION} (the ziglang package) could not be downloaded.",
                why=done.stderr.strip(),
                fix="Check the index settings, or give a GNU cross compiler with --toolchain or --cc.",
            )

    return cache.entry("zig-compiler", ZIG_VERSION, make)
