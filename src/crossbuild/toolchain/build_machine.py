"""Compilers for the build machine, for generators, build scripts and other programs that run during a build.

The machine's own are used where there are any. Where there are none, zig stands in. It is a large download that most
builds never need, and nothing says beforehand which will: so the stand-ins are small programs that are always there,
and zig is downloaded when the first of them is called.
"""

from __future__ import annotations

import os
import platform as this
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from shlex import join, quote
from typing import TYPE_CHECKING

from crossbuild.errors import ToolchainError
from crossbuild.platforms.platform import ARCHITECTURES, Platform
from crossbuild.system.cache import digest
from crossbuild.toolchain.compile_record import RECORD_VARIABLE
from crossbuild.toolchain.compilers import SITE_VARIABLE, compiler_files, write_compiler_files
from crossbuild.toolchain.linkable import LIBRARIES_VARIABLE
from crossbuild.toolchain.zig import fetch_zig, search_flags, zig_program, zig_tools

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.model import Toolchain
    from crossbuild.toolchain.zig import ZigSource

BUILD_TOOLS = {
    "CC": ("cc", "gcc", "clang"),
    "CXX": ("c++", "g++", "clang++"),
    "AR": ("ar", "llvm-ar"),
    "RANLIB": ("ranlib", "llvm-ranlib"),
}
"""The programs that serve as each tool, the first choice first. The stand-in has that name, too."""

_DOWNLOAD_SETTINGS = (
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "UV_INSECURE_HOST", "UV_OFFLINE", "UV_CACHE_DIR"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)
"""The variables that say where to download from, and how."""


def own_tool(name: str, path: str) -> str | None:
    """Return the machine's program for ``name`` of BUILD_TOOLS on ``path``; None if it has none."""
    found = (shutil.which(program, path=path) for program in BUILD_TOOLS[name])
    return next(filter(None, found), None)


@dataclass(frozen=True, kw_only=True)
class StandIns:
    """Compilers for this machine that are zig, under every name that a build may call a compiler of its machine by."""

    directory: Path
    cache: Cache

    @classmethod
    def for_machine(cls, machine: str, cache: Cache, *, root: Path = Path("/")) -> StandIns | None:
        """Write those for ``machine``, this one's name, into ``cache``; return None if zig does not know it.

        They find the headers and libraries below ``root``, after zig's own. Nothing is downloaded yet.
        """
        platform = _platform(machine)
        if platform is None:
            return None
        # What the environment of a build says of the host is not for them.
        start = f"foreign=\nunset {RECORD_VARIABLE} {LIBRARIES_VARIABLE} {SITE_VARIABLE}\n"
        toolchain = _toolchain(platform, root, cache)
        texts = dict(compiler_files(toolchain, caches=cache.root, start=start, mapped=""))

        def make(scratch: Path) -> None:
            write_compiler_files(scratch, texts)

        return cls(directory=cache.entry("build-compilers", digest(texts), make), cache=cache)

    def download_command(self, downloads: Mapping[str, str]) -> str:
        """Return the shell command that downloads zig, as the variables ``downloads`` say, unless it is there.

        It is written into files that builds see, and these see no passwords: where there may be one, it works offline.
        """
        settings = {name: downloads[name] for name in _DOWNLOAD_SETTINGS if downloads.get(name)}
        public = {name: value for name, value in settings.items() if "@" not in value}
        if public != settings:
            public["UV_OFFLINE"] = "1"
        # -P: what is in the directory of the build must not be imported in the place of ours.
        # The Python may be one of an isolated environment, which finds crossbuild by its path alone.
        # What else in their environment says where to look is for their pip.
        variables = {
            **public,
            "PIP_NO_INDEX": "",
            "PIP_FIND_LINKS": "",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        words = [sys.executable, "-P", "-m", "crossbuild", "fetch-zig", "--cache-dir", str(self.cache.root)]
        assignments = " ".join(f"{name}={quote(value)}" for name, value in variables.items())
        return f"[ -x {quote(str(zig_program(self.cache)))} ] || {assignments} {join(words)} >&2"


def fetch_stand_in(cache: Cache, source: ZigSource) -> None:
    """Download zig for the stand-ins from ``source``. Raises ToolchainError if that fails."""
    try:
        fetch_zig(cache, source)
    except ToolchainError as error:
        raise ToolchainError(
            "This build needs a compiler for this machine. There is none, and zig could not be downloaded.",
            why=error.why,
            fix="Install a compiler (Debian and Ubuntu: apt install g++), or check the index settings. "
            "If the index needs a password, which builds do not see, build once with --toolchain zig: "
            "crossbuild then downloads zig itself, and keeps it.",
        ) from None


def _platform(machine: str) -> Platform | None:
    architecture = ARCHITECTURES.get(machine)
    if architecture is None:
        return None
    libc, version = this.libc_ver()
    if libc != "glibc":
        return Platform(architecture=architecture, libc="musl", libc_version=None)
    major, minor = (int(number) for number in version.split(".")[:2])
    return Platform(architecture=architecture, libc="glibc", libc_version=(major, minor))


def _toolchain(platform: Platform, root: Path, cache: Cache) -> Toolchain:
    """Return zig for programs that run here: they may need no newer glibc than this machine has."""
    return zig_tools(str(zig_program(cache)), platform, flags=search_flags(platform, root), sysroot=root)
