"""What this machine has to build with."""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from crossbuild.build_python.discovery import find_build_python
from crossbuild.diagnosis.cross_compilers import check_gnu
from crossbuild.diagnosis.disk import check_cache, check_space
from crossbuild.diagnosis.emulation import check_emulator, check_namespace
from crossbuild.diagnosis.finding import Finding, attempt
from crossbuild.diagnosis.host import check_host
from crossbuild.diagnosis.indexes import check_index
from crossbuild.diagnosis.rust_targets import check_rust
from crossbuild.errors import BuildPythonError, CrossbuildError, RequirementsError, ToolchainError
from crossbuild.platforms.platform import Platform
from crossbuild.reporting import SilentReporter
from crossbuild.session.described_target import describe
from crossbuild.sysroot.names import SysrootName, is_sysroot_name
from crossbuild.sysroot.store import SysrootStore
from crossbuild.system.cache import Cache
from crossbuild.system.programs import run_program
from crossbuild.toolchain.build_machine import own_tool
from crossbuild.toolchain.zig import ZIG_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter

    Check = Callable[[], Iterable[Finding]]

_PYTHONS = [*(((3, minor), "") for minor in range(8, 16)), *(((3, minor), "t") for minor in range(13, 16))]
"""The versions that a host may have, with the ABI flags."""


def check_machine(options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str]) -> list[Finding]:
    """Return what this machine has to build with; if ``options`` have a host, also what builds for it need.

    What is wrong is among the findings. Raises HostError for what is nearly the name of a host.
    """
    options = options.with_named_host()
    platform, cache = _platform(options), Cache(root=options.cache_dir.absolute())
    checks: list[Check] = [
        partial(_check_pythons, environ),
        lambda: [_check_uv(environ), _check_pkg_config()],
        lambda: [_check_zig(cache), check_gnu(environ, cache), _check_own_compilers(environ), _check_tools(environ)],
        lambda: [check_rust(environ, platform.rust_triple if platform else "")],
        lambda: [check_emulator(environ, platform.architecture if platform else None), check_namespace()],
        lambda: [check_index(options.index, environ, cache)],
        lambda: [
            check_cache(options.cache_dir, options.cache_limit),
            *check_space(options.cache_dir, environ),
            _check_sysroots(cache),
        ],
    ]
    if options.host:
        checks.append(lambda: check_host(options, reporter=reporter, environ=environ))
    # At once, since most of them wait for other programs or for an index. The findings stay in this order.
    with ThreadPoolExecutor(len(checks)) as pool:
        found = pool.map(lambda check: list(check()), checks)
        return [finding for findings in found for finding in findings]


def _platform(options: BuildOptions) -> Platform | None:
    """Return what the host in ``options`` is for; None if there is none, or one that cannot be read."""
    if not options.host:
        return None
    try:
        if is_sysroot_name(options.host):
            architecture = SysrootName.from_text(options.host).architecture
            return Platform(architecture=architecture, libc="glibc", libc_version=None)
        return describe(options, None).platform
    except CrossbuildError:
        return None


def _check_pythons(environ: Mapping[str, str]) -> Iterator[Finding]:
    with ThreadPoolExecutor(len(_PYTHONS)) as pool:
        answers = list(pool.map(lambda wanted: _find_python(wanted[0], wanted[1], environ), _PYTHONS))
    found = [python for python in answers if python]
    if not found:
        yield Finding(
            subject="build Pythons",
            state="problem",
            detail="no CPython of 3.8 or later was found on this machine",
            remedy="uv python install 3.13",
            exit_code=BuildPythonError.exit_code,
        )
        return
    yield Finding(subject="build Pythons", state="ok", detail=", ".join(python.full_version for python in found))
    bare = [python for python in found if not python.has_headers]
    if bare:
        packages = " ".join("python{}.{}-dev".format(*python.version) for python in bare)
        versions = ", ".join(python.full_version for python in bare)
        detail = f"{versions} without headers, which hosts that are platform tags need"
        yield Finding(subject="build Pythons", state="warning", detail=detail, remedy=f"apt install {packages}")


def _find_python(version: tuple[int, int], flags: str, environ: Mapping[str, str]) -> BuildPython | None:
    try:
        return find_build_python(version, flags, environ=environ)
    except BuildPythonError:
        return None


def _check_uv(environ: Mapping[str, str]) -> Finding:
    def ask() -> tuple[str, str]:
        from uv import find_uv_bin

        try:
            program = find_uv_bin()
            done = run_program([program, "--version"], env=environ, check=True, timeout=30)
        except (OSError, subprocess.SubprocessError) as error:
            what, fix = "uv, which installs build requirements, does not run.", "pip install --force-reinstall uv"
            raise RequirementsError(what, why=str(error), fix=fix) from None
        return program, f"{done.stdout.strip()} ({program})"

    return attempt("uv", ask)[0]


def _check_pkg_config() -> Finding:
    def find() -> tuple[str, str]:
        from pkgconf import get_executable

        try:
            program = str(get_executable())
        except RuntimeError as error:
            fix = "Install it again: pip install --force-reinstall pkgconf"
            raise ToolchainError("There is no program to answer for pkg-config.", why=str(error), fix=fix) from None
        return program, f"pkgconf ({program})"

    return attempt("pkg-config", find)[0]


def _check_zig(cache: Cache) -> Finding:
    place = cache.path("zig-compiler", ZIG_VERSION)
    there = "in the cache" if place.is_dir() else "not in the cache yet; it is fetched when a build needs it"
    return Finding(subject="zig", state="ok" if place.is_dir() else "absent", detail=f"{ZIG_VERSION}, {there}")


def _check_own_compilers(environ: Mapping[str, str]) -> Finding:
    path = environ.get("PATH", os.defpath)
    own = {language: own_tool(name, path) for language, name in (("C", "CC"), ("C++", "CXX"))}
    there = [f"{language}: {program}" for language, program in own.items() if program]
    missing = [language for language, program in own.items() if not program]
    if not missing:
        return Finding(subject="own compilers", state="ok", detail=", ".join(there))
    words = [*there, f"none for {' and '.join(missing)}: builds that need one for this machine use zig"]
    return Finding(subject="own compilers", state="absent", detail=", ".join(words))


def _check_tools(environ: Mapping[str, str]) -> Finding:
    path = environ.get("PATH", os.defpath)
    tools = {name: shutil.which(name, path=path) for name in ("make", "cmake", "ninja")}
    there = ", ".join(name for name, found in tools.items() if found) or "none"
    missing = [name for name, found in tools.items() if not found]
    if "make" in missing:
        detail = f"{there}; projects with a configure script want make, which no build requirement brings"
        return Finding(subject="build tools", state="absent", detail=detail, remedy="apt install make")
    brought = f"; {' and '.join(missing)} come with the build requirements of who needs them" if missing else ""
    return Finding(subject="build tools", state="ok", detail=there + brought)


def _check_sysroots(cache: Cache) -> Finding:
    store = SysrootStore(cache=cache, reporter=SilentReporter(), environ={})

    def find() -> tuple[bool, str]:
        names = [str(one.name) for one in store.all()]
        return bool(names), ", ".join(names)

    finding, any_there = attempt("sysroots", find)
    if any_there is not False:
        return finding
    detail = "none in the cache; --host debian:bookworm:arm64 makes one"
    return Finding(subject="sysroots", state="absent", detail=detail)
