"""What all builds for one host share: the host, what compiles for it, and the Python that answers for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crossbuild.host.complete import complete
from crossbuild.host.model import Host, KnownHost
from crossbuild.interpreter.shadow import make_cross_python
from crossbuild.session.described_target import DescribedTarget
from crossbuild.toolchain.build_machine import StandIns
from crossbuild.toolchain.compilers import prepare_compilers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.interpreter.shadow import CrossPython
    from crossbuild.reporting import Reporter
    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.compilers import Compilers
    from crossbuild.toolchain.model import Toolchain


@dataclass(frozen=True, kw_only=True)
class PlannedTarget(DescribedTarget):
    """What is known of a host before anything is compiled."""

    build_python: BuildPython

    @property
    def python_version(self) -> tuple[int, int, int]:
        """The host's; what it leaves open is the build Python's."""
        described = self.described
        if isinstance(described, Host):
            return described.python_version
        # Requires-Python and markers may ask for the third number, which a tag leaves open.
        micro = self.build_python.version[2] if described.micro is None else described.micro
        return (*described.python_version, micro)

    @property
    def known_host(self) -> KnownHost:
        """The host as far as distributions are chosen by it."""
        return KnownHost(**self.described.common, python_version=self.python_version)


@dataclass(frozen=True, kw_only=True)
class Target:
    """A host that can be built for."""

    host: Host
    toolchain: Toolchain
    compilers: Compilers
    build_python: BuildPython
    cross_python: CrossPython
    stand_ins: StandIns | None
    """Compilers for a build machine that has none of its own."""


def prepare_target(
    plan: PlannedTarget, *, find: Callable[[Path | None], Toolchain], cache: Cache, reporter: Reporter
) -> Target:
    """Prove the toolchain of the host, measure or lend what is not known of the host, and make its cross Python.

    ``find`` returns the toolchain for a sysroot. Raises HostError, BuildPythonError or ToolchainError.
    """
    described, build_python = plan.described, plan.build_python

    def prepare(sysroot: Path | None) -> tuple[Toolchain, Compilers]:
        toolchain = find(sysroot)
        return toolchain, prepare_compilers(toolchain, cache, tell=reporter.note)

    with reporter.step(f"Prepare the compilers for {described.platform.gnu_type}"):
        toolchain, compilers = prepare(plan.root)
    reporter.note(f"Compiler: {toolchain.version}")
    reporter.output(f"C compiler: {compilers.cc}")
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
            # A host that is known by a tag or a file alone has no root here. Its libraries are in the sysroot that was
            # given or made.
            host = replace(host, sysroot=plan.root)
        cross_python = make_cross_python(build_python=build_python, host=host, compilers=compilers.by_name, cache=cache)
    reporter.note(
        "Python {}.{}.{} for {}, built with {}.{}.{}".format(
            *host.python_version, host.platform.wheel_tag, *build_python.version
        )
    )
    reporter.output(f"Build Python: {build_python.executable}")
    return Target(
        host=host,
        toolchain=toolchain,
        compilers=compilers,
        build_python=build_python,
        cross_python=cross_python,
        stand_ins=StandIns.for_machine(build_python.platform.removeprefix("linux-"), cache),
    )
