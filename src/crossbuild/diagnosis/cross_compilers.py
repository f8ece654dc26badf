"""The GNU cross compilers on PATH: found by their names, and whether they compile."""

from __future__ import annotations

import os
import platform as machine
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.diagnosis.finding import Finding
from crossbuild.errors import ToolchainError
from crossbuild.platforms.platform import ARCHITECTURES, MAJOR_VERSIONS, Platform
from crossbuild.system.programs import directories_on
from crossbuild.toolchain.compilers import prepare_compilers
from crossbuild.toolchain.gnu import gnu_toolchain
from crossbuild.toolchain.model import ToolchainRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crossbuild.system.cache import Cache

# The vendor's part is often missing, as in Debian's names, or is any word: unknown, buildroot, poky.
_NAME = re.compile(r"(?P<cpu>[^-]+)(?:-[^-]+)?-linux-(?P<environment>(?:gnu|musl)\w*)-gcc(?P<version>-[\d.]+)?")


@dataclass(frozen=True, kw_only=True)
class GnuCompiler:
    """A C compiler that GNU's naming rule tells the host of."""

    gnu_type: str
    """As its name has it: ``aarch64-linux-gnu``, or ``aarch64-unknown-linux-gnu``."""
    path: Path
    platform_tag: str
    """What wheels can be built for with it: ``linux_aarch64``."""
    options: str
    """What chooses it on the command line; empty where it is found by itself."""


def check_gnu(environ: Mapping[str, str], cache: Cache) -> Finding:
    """Return which of the compilers on PATH compile and link C and C++, each tried as a build has it."""
    found = gnu_compilers(environ)
    if not found:
        return Finding(
            subject="GNU compilers",
            state="absent",
            detail="no cross compilers on PATH; zig does without, but for Fortran",
            remedy="For aarch64: apt install g++-aarch64-linux-gnu gfortran-aarch64-linux-gnu",
        )
    try:
        with ThreadPoolExecutor(len(found)) as pool:
            errors = list(pool.map(lambda one: _wrong(one, environ, cache), found))
    except OSError as error:
        return Finding.not_tried("GNU compilers", str(error))
    serve = [one.gnu_type for one, error in zip(found, errors, strict=True) if error is None]
    broken = {one: error for one, error in zip(found, errors, strict=True) if error}
    lines = [", ".join(serve)] if serve else []
    lines += [f"{one.gnu_type}: {error.what} {_last_line(error.why)}".rstrip() for one, error in broken.items()]
    remedy = "For each, install its g++ and its C library's headers, as Debian's g++-aarch64-linux-gnu brings them."
    return Finding(
        subject="GNU compilers",
        state="warning" if broken else "ok",
        detail="\n".join(lines),
        remedy=remedy if broken else "",
    )


def _wrong(compiler: GnuCompiler, environ: Mapping[str, str], cache: Cache) -> ToolchainError | None:
    """Return why ``compiler`` does not serve. That of this very machine is tried with its own root."""
    platform = Platform.from_tag(compiler.platform_tag)
    request = ToolchainRequest(cc=str(compiler.path))
    try:
        toolchain = gnu_toolchain(
            platform,
            prefix=f"{compiler.path.parent}/{compiler.gnu_type}-",
            request=request,
            sysroot=Path("/") if platform.architecture.name == machine.machine() else None,
            empty=cache.entry("empty", "sysroot", lambda _: None),
            environ=environ,
        )
        if toolchain:
            prepare_compilers(toolchain, cache)
    except ToolchainError as error:
        return error
    return None


def _last_line(text: str) -> str:
    return next((line for line in text.splitlines() if "error" in line), text.partition("\n")[0])


def gnu_compilers(environ: Mapping[str, str]) -> tuple[GnuCompiler, ...]:
    """Return the compilers on the PATH of ``environ``, one for each type, by its name.

    Of several for one type the one without a version in its name, which is found by itself, else the newest.
    """
    found: dict[str, tuple[tuple[bool, tuple[int, ...]], GnuCompiler]] = {}
    for path, name in _candidates(environ.get("PATH", os.defpath)):
        compiler = _compiler(path, name)
        if compiler is None:
            continue
        version = tuple(int(part) for part in re.findall(r"\d+", name["version"] or ""))
        rank = (not version, version)
        if compiler.gnu_type not in found or rank > found[compiler.gnu_type][0]:
            found[compiler.gnu_type] = (rank, compiler)
    return tuple(found[gnu_type][1] for gnu_type in sorted(found))


def _candidates(path: str) -> Iterator[tuple[Path, re.Match[str]]]:
    for directory in directories_on(path):
        try:
            files = sorted(directory.iterdir())
        except OSError:
            continue
        for file in files:
            matched = _NAME.fullmatch(file.name)
            if matched and os.access(file, os.X_OK):
                yield file, matched


def _compiler(path: Path, name: re.Match[str]) -> GnuCompiler | None:
    plain = f"{name['cpu']}-linux-{name['environment']}"
    for architecture in ARCHITECTURES.values():
        for libc in MAJOR_VERSIONS:
            platform = Platform(architecture=architecture, libc=libc, libc_version=None)
            # Compilers are for the newest of the machines that share a name.
            if platform.gnu_type == plain and not architecture.shares_names:
                return _described(path, name, platform)
    return None


def _described(path: Path, name: re.Match[str], platform: Platform) -> GnuCompiler:
    gnu_type = path.name.partition("-gcc")[0]
    if name["version"]:
        options = f"--cc {path.name}"
    else:
        chosen = "" if platform.libc == "glibc" else "--toolchain gnu"
        options = chosen if gnu_type == platform.gnu_type else f"--toolchain {gnu_type}-"
    return GnuCompiler(gnu_type=gnu_type, path=path, platform_tag=_tag(platform), options=options)


def _tag(platform: Platform) -> str:
    """Return the tag; its wheels are for no particular version of the C library, which musl's are not without."""
    architecture = platform.architecture.name
    return f"musllinux_1_2_{architecture}" if platform.libc == "musl" else f"linux_{architecture}"
