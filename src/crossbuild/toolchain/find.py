"""Which toolchain a build uses: what the user gave, what the host recorded, a GNU one on PATH, else zig."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from crossbuild.errors import ToolchainError
from crossbuild.toolchain.debian_packages import cross_packages
from crossbuild.toolchain.gnu import gnu_toolchain
from crossbuild.toolchain.zig import zig_toolchain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.platforms.platform import Platform
    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.model import Toolchain, ToolchainRequest
    from crossbuild.toolchain.zig import ZigSource


def find_toolchain(
    platform: Platform,
    *,
    request: ToolchainRequest,
    recorded_cc: str,
    sysroot: Path | None,
    cache: Cache,
    environ: Mapping[str, str],
    zig_source: ZigSource,
) -> Toolchain:
    """Return the toolchain for ``platform``; it is not proven yet (see prepare_compilers).

    ``recorded_cc`` is ``CC`` of the host's sysconfigdata, empty where there is none. A platform with a promised libc
    floor goes to zig rather than to a GNU compiler found by chance, whose libc nothing pins; and so does one whose
    GNU type does not tell the CPU. A Fortran compiler needs a GNU toolchain around it. zig is downloaded from
    ``zig_source``. Raises ToolchainError if what was asked for is not there.
    """
    # Debian configures its cross compilers with the sysroot `/`. Without one of the host, they get an empty one.
    empty = cache.entry("empty", "sysroot", lambda _: None)

    def gnu(prefix: str) -> Toolchain | None:
        return gnu_toolchain(platform, prefix=prefix, request=request, sysroot=sysroot, empty=empty, environ=environ)

    def zig() -> Toolchain:
        path = environ.get("PATH", os.defpath)
        return zig_toolchain(platform, sysroot=sysroot, cache=cache, environ=environ, source=zig_source, path=path)

    own_prefix = f"{platform.gnu_type}-"
    choice = request.choice or "auto"
    named = choice not in ("auto", "zig", "gnu")
    if named:
        own_prefix = _as_prefix(choice)
    if named or request.cc or request.fc:
        return gnu(own_prefix) or _missing(request.cc or f"{own_prefix}gcc", platform)
    unpinned = platform.tag_family != "linux" or platform.architecture.shares_names
    if choice == "zig" or (choice == "auto" and unpinned):
        return zig()
    # What crossbuild exported records the files of its cache, which say nothing of the compiler behind them.
    ours = recorded_cc.startswith(f"{cache.root}/")
    recorded = "" if ours else _recorded_prefix(recorded_cc, relative=request.relative)
    if request.relative and recorded:
        return gnu(recorded) or _missing(f"{recorded}gcc", platform)
    # The host's own compiler knows its ABI best, but is mostly on the machine that built its Python only.
    found = gnu(recorded or own_prefix) or gnu(own_prefix)
    if found:
        return found
    if choice == "gnu":
        return _missing(f"{own_prefix}gcc", platform)
    return zig()


def _recorded_prefix(recorded_cc: str, *, relative: bool) -> str:
    """Return what comes before ``gcc`` in the recorded compiler, without its directory if ``relative``.

    A bare ``gcc`` is not for us. Raises ToolchainError if what is recorded is not a command.
    """
    try:
        program = (shlex.split(recorded_cc) or [""])[0]
    except ValueError as error:
        raise ToolchainError(
            f"The host records {recorded_cc!r} as its compiler, which is not a command.",
            why=str(error),
            fix="Name a compiler with --toolchain or --cc.",
        ) from None
    if relative:
        program = Path(program).name
    prefix = program.removesuffix("gcc")
    return prefix if prefix != program and prefix.endswith("-") else ""


def _as_prefix(choice: str) -> str:
    """Read ``/opt/x/bin/aarch64-linux-gnu-``, the same with ``gcc``, or a directory that holds one such compiler."""
    if not Path(choice).is_dir():
        return choice.removesuffix("gcc").removesuffix("-") + "-"
    compilers = sorted({*Path(choice).glob("*-gcc"), *Path(choice).glob("bin/*-gcc")})
    if len(compilers) != 1:
        raise ToolchainError(
            f"The directory {choice} holds {len(compilers) or 'no'} cross compilers named *-gcc.",
            why=", ".join(map(str, compilers)),
            fix="Give --toolchain the prefix of one: --toolchain DIR/bin/aarch64-linux-gnu-",
        )
    return str(compilers[0]).removesuffix("gcc")


def _missing(name: str, platform: Platform) -> NoReturn:
    packages = cross_packages(platform, "gcc", "g++")
    how = f" (Debian and Ubuntu: apt install {packages})" if packages else ""
    raise ToolchainError(
        f"There is no compiler {name!r}.",
        fix=f"Install it{how}, correct the name, or use --toolchain zig, which needs nothing installed.",
    )
