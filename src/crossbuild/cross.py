"""What all builds for one host share: the host, what compiles for it, and the Python that answers for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.build_python import find_build_python
from crossbuild.host.complete import complete
from crossbuild.host.model import Host
from crossbuild.interpreter.shadow import make_cross_python
from crossbuild.libraries import describe, find_libraries
from crossbuild.toolchain.compilers import prepare_compilers
from crossbuild.toolchain.find import find_toolchain

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from crossbuild.build_python import BuildPython
    from crossbuild.cache import Cache
    from crossbuild.host.model import PartialHost
    from crossbuild.interpreter.shadow import CrossPython
    from crossbuild.options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.sysroot.model import Sysroot
    from crossbuild.sysroot.store import Sysroots
    from crossbuild.toolchain.compilers import Compilers
    from crossbuild.toolchain.model import Toolchain


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is known of a host before anything is compiled."""

    described: Host | PartialHost
    build_python: BuildPython
    libraries: Sysroot | None = None
    """The distribution's packages that the host consists of, or is built with."""
    sysroot: Path | None = None
    """Where the host's libraries and headers are."""

    @classmethod
    def from_options(
        cls, options: BuildOptions, environ: Mapping[str, str], sysroots: Sysroots, packages: Collection[str] = ()
    ) -> Plan:
        """Read the host and find its build Python; ``packages`` are added to its sysroot.

        Raises HostError, SysrootError or BuildPythonError.
        """
        libraries = find_libraries(options, sysroots, {*options.sysroot_packages, *packages})
        described = describe(options, libraries)
        build_python = find_build_python(
            described.python_version[:2], described.abi_flags, explicit=options.build_python, environ=environ
        )
        given = options.sysroot.absolute() if isinstance(options.sysroot, Path) else None
        return cls(
            described=described,
            build_python=build_python,
            libraries=libraries,
            sysroot=libraries.directory if libraries else given or described.sysroot,
        )

    @property
    def python_version(self) -> tuple[int, int, int]:
        """The host's; what it leaves open is the build Python's."""
        described = self.described
        if isinstance(described, Host):
            return described.python_version
        micro = self.build_python.version[2] if described.micro is None else described.micro
        return (*described.python_version, micro)

    @property
    def recorded_cc(self) -> str:
        """The C compiler that the host was built with, empty where none is recorded."""
        return str((self.described.build_time_vars or {}).get("CC", ""))


@dataclass(frozen=True, kw_only=True)
class Cross:
    """A host that can be built for."""

    host: Host
    toolchain: Toolchain
    compilers: Compilers
    build_python: BuildPython
    cross_python: CrossPython


def prepare_cross(
    plan: Plan,
    options: BuildOptions,
    *,
    cache: Cache,
    reporter: Reporter,
    environ: Mapping[str, str],
    download_environ: Mapping[str, str],
) -> Cross:
    """Find and prove the toolchain of the host, synthesise the host if it is a tag, and make its cross Python.

    ``download_environ`` is the environment for what must be downloaded. Raises HostError, BuildPythonError or
    ToolchainError.
    """
    described, build_python = plan.described, plan.build_python

    def prepare(sysroot: Path | None) -> tuple[Toolchain, Compilers]:
        toolchain = find_toolchain(
            described.platform,
            request=options.toolchain,
            recorded_cc=plan.recorded_cc,
            sysroot=sysroot,
            cache=cache,
            environ=environ,
            download_environ=download_environ,
        )
        return toolchain, prepare_compilers(toolchain, cache)

    with reporter.step(f"Prepare the compilers for {described.platform.gnu_type}"):
        toolchain, compilers = prepare(plan.sysroot)
    reporter.note(f"{toolchain.version}: {compilers.cc}")
    with reporter.step("Prepare the cross Python"):
        host = described
        if not isinstance(host, Host):
            # zig has a libc of its own: what is measured of it holds whatever libraries there are beside it.
            own_libc = toolchain.kind == "zig"
            host = complete(
                host,
                compilers=lambda: prepare(None)[1] if own_libc else compilers,
                build_python=build_python,
                cache=cache,
            )
            host = replace(host, sysroot=plan.sysroot)
        cross_python = make_cross_python(build_python=build_python, host=host, compilers=compilers, cache=cache)
    reporter.note(
        "Python {}.{}.{} for {}, built with {}.{}.{} ({})".format(
            *host.python_version, host.platform.wheel_tag, *build_python.version, build_python.executable
        )
    )
    return Cross(
        host=host, toolchain=toolchain, compilers=compilers, build_python=build_python, cross_python=cross_python
    )
