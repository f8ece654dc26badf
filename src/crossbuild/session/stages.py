"""The stages of a target: the host as its files tell it, what is planned for it, and what can be built for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crossbuild.build_python.discovery import find_build_python
from crossbuild.build_python.provision import provide_build_python
from crossbuild.index.zig_wheel import ZigWheels
from crossbuild.session.described_target import DescribedTarget
from crossbuild.session.target import PlannedTarget, prepare_target
from crossbuild.toolchain.find import find_toolchain

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.session.services import Services
    from crossbuild.session.target import Target
    from crossbuild.toolchain.model import Toolchain


@dataclass(frozen=True, kw_only=True)
class Stages:
    """How the target of ``options`` is made; :class:`Targets` calls them, each once, in this order."""

    options: BuildOptions
    services: Services
    reporter: Reporter
    """What hears of it, and of what apt says."""
    packages: frozenset[str] = frozenset()
    """What the sysroot has in addition: names of the distribution's packages."""

    def describe(self) -> DescribedTarget:
        """Read the host, and warn of what is wrong in its files. Raises HostError or SysrootError."""
        added = f" with {', '.join(sorted(self.packages))}" if self.packages else ""
        with self.reporter.step(f"Read the host {self.options.host}{added}"):
            sysroots = self.services.sysroots(self.reporter)
            description = DescribedTarget.from_options(self.options, sysroots, self.packages)
        # The same files are read again whenever packages are added. Once is enough to hear what is wrong in them.
        for defect in description.described.defects if not self.packages else ():
            self.reporter.warning(defect)
        return description

    def plan(self, description: DescribedTarget) -> PlannedTarget:
        """Find the Python of this machine that builds for the host. Raises BuildPythonError."""
        return PlannedTarget(**vars(description), build_python=self.build_python(description))

    def prepare(self, plan: PlannedTarget) -> Target:
        """Prove the compilers, complete the host, and make its cross Python.

        Raises HostError, BuildPythonError or ToolchainError.
        """
        find = partial(self.toolchain, plan)
        return prepare_target(plan, find=find, cache=self.services.cache, reporter=self.reporter)

    def build_python(self, description: DescribedTarget) -> BuildPython:
        """Return the Python of this machine that builds for a host, installed by uv if need be and allowed.

        Raises BuildPythonError.
        """
        described = description.described
        version, explicit = described.python_version[:2], self.options.build_python
        # A Python that the user names is used or refused; nothing is installed in its place.
        if not self.options.provision or explicit:
            environ = self.services.environ
            return find_build_python(version, described.abi_flags, explicit=explicit, environ=environ)
        return provide_build_python(
            version,
            described.abi_flags,
            offline=self.services.index.settings.offline,
            reporter=self.reporter,
            environ=self.services.installer_environ,
        )

    def toolchain(self, description: DescribedTarget, sysroot: Path | None) -> Toolchain:
        """Return what compiles for a host against ``sysroot``, not proven yet. Raises ToolchainError."""
        return find_toolchain(
            description.described.platform,
            request=self.options.toolchain,
            recorded_cc=description.recorded_cc,
            sysroot=sysroot,
            cache=self.services.cache,
            environ=self.services.environ,
            zig_source=ZigWheels(index=self.services.index, reporter=self.reporter),
        )
