"""Compilers for the build machine, for generators, build scripts and other programs that run during a build.

Those of the machine are used where there are any. Where there are none, zig stands in. It is a large download that most
builds never need, and nothing tells beforehand which will: so the stand-ins are small programs that are always there,
and the first one to be called fetches zig into the cache.
"""

from __future__ import annotations

import platform as machine
import shutil
import sys
from pathlib import Path
from shlex import join, quote
from typing import TYPE_CHECKING

from crossbuild.cache import digest
from crossbuild.errors import ToolchainError
from crossbuild.platforms import ARCHITECTURES, Platform
from crossbuild.toolchain.compilers import SITE_VARIABLE, compiler_files
from crossbuild.toolchain.linkable import LIBRARIES_VARIABLE
from crossbuild.toolchain.record import RECORD_VARIABLE
from crossbuild.toolchain.zig import fetch_zig, zig_program, zig_tools

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.cache import Cache
    from crossbuild.toolchain.model import Toolchain

BUILD_TOOLS = {
    "CC": ("cc", "gcc", "clang"),
    "CXX": ("c++", "g++", "clang++"),
    "AR": ("ar", "llvm-ar"),
    "RANLIB": ("ranlib", "llvm-ranlib"),
}
"""The programs that serve as each tool, the first choice first. The stand-in has that name, too."""

_INCLUDES = ("usr/local/include", "usr/include/{}", "usr/include")
_LIBRARIES = ("usr/local/lib", "usr/lib/{}", "lib/{}", "usr/lib64", "lib64", "usr/lib", "lib")


def own_tool(name: str, path: str) -> str | None:
    """Return the machine's program for ``name`` of BUILD_TOOLS on ``path``; None if it has none."""
    found = (shutil.which(program, path=path) for program in BUILD_TOOLS[name])
    return next(filter(None, found), None)


def prepare_stand_ins(cache: Cache, *, root: Path = Path("/")) -> Path | None:
    """Return the directory of the stand-ins, in ``cache``; None if zig does not know this machine.

    They have every name that a build may call a compiler of this machine by, and find the headers and libraries below
    ``root``, after those of zig. Nothing is fetched yet.
    """
    platform = _this_machine()
    if platform is None:
        return None
    toolchain = _toolchain(platform, root, cache)
    texts = dict(compiler_files(toolchain, caches=cache.root, start=_start(cache), mapped=""))

    def make(scratch: Path) -> None:
        for name, text in texts.items():
            file = scratch / name
            file.write_text(text, encoding="utf-8")
            file.chmod(0o755)

    return cache.entry("build-compilers", digest(texts), make)


def fetch_stand_in(cache: Cache, environ: Mapping[str, str]) -> None:
    """Fetch zig for the stand-ins. Raises ToolchainError if the download in ``environ`` fails."""
    try:
        fetch_zig(cache, environ)
    except ToolchainError as error:
        raise ToolchainError(
            "This machine has no compiler of its own, and zig, which would stand in for it, could not be downloaded.",
            why=error.why,
            fix="Install a compiler (Debian and Ubuntu: apt install g++), or let zig be downloaded once: without "
            "--offline, and from an index that needs no password, since builds do not see passwords.",
        ) from None


def _this_machine() -> Platform | None:
    architecture = ARCHITECTURES.get(machine.machine())
    if architecture is None:
        return None
    libc, version = machine.libc_ver()
    if libc != "glibc":
        return Platform(architecture=architecture, libc="musl", libc_version=None)
    major, minor = (int(number) for number in version.split(".")[:2])
    return Platform(architecture=architecture, libc="glibc", libc_version=(major, minor))


def _toolchain(platform: Platform, root: Path, cache: Cache) -> Toolchain:
    """Return zig for programs that run here: they may need no newer glibc than this machine has."""
    includes, libraries = (
        dict.fromkeys(root / place.format(platform.multiarch) for place in places) for places in (_INCLUDES, _LIBRARIES)
    )
    flags = [word for directory in includes if directory.is_dir() for word in ("-idirafter", str(directory))]
    flags += [f"-L{directory}" for directory in libraries if directory.is_dir()]
    return zig_tools(str(zig_program(cache)), platform, flags=flags, sysroot=root)


def _start(cache: Cache) -> str:
    """Return what the stand-ins do first: forget what is the host's, and fetch zig if it is not there."""
    # Neither the project in the working directory nor PYTHONPATH has a say in how crossbuild is imported.
    fetch = join([sys.executable, "-EP", "-m", "crossbuild", "fetch-zig", "--cache-dir", str(cache.root)])
    return (
        "foreign=\n"
        f"unset {RECORD_VARIABLE} {LIBRARIES_VARIABLE} {SITE_VARIABLE}\n"
        f"[ -x {quote(str(zig_program(cache)))} ] || {fetch} >&2 || exit\n"
    )
