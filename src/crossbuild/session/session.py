"""What all builds of one call share: caches, indexes, and what was prepared for the host."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from crossbuild.build_python.discovery import find_build_python
from crossbuild.build_python.provision import provide_build_python
from crossbuild.errors import SourceError, UsageError
from crossbuild.host.complete import complete
from crossbuild.host.model import Host
from crossbuild.index.index import Index
from crossbuild.index.index_access import Fetching, proxies_with_logins
from crossbuild.index.settings import IndexSettings, environ_for_installers
from crossbuild.options.configuration import Configuration
from crossbuild.options.passed_variables import Passed
from crossbuild.session.described_target import DescribedTarget
from crossbuild.session.target import PlannedTarget, prepare_target
from crossbuild.sources.project import describe_spec, get_source
from crossbuild.sysroot.store import SysrootStore
from crossbuild.system.cache import Cache
from crossbuild.system.interruption import Running
from crossbuild.system.source_date import source_date_epoch
from crossbuild.toolchain.find import find_toolchain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from packaging.requirements import Requirement

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.native.jobserver import Jobserver
    from crossbuild.options.build_options import BuildOptions, ConfigSettings, IndexOptions
    from crossbuild.options.configuration import PackageSettings
    from crossbuild.reporting import Reporter
    from crossbuild.session.target import Target
    from crossbuild.sources.project import Source
    from crossbuild.toolchain.model import Toolchain

_MOST_JOBS = 4096
"""More than a machine has CPUs, and less than a pipe has space for tokens."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """Options and environment of one call, and what is prepared only once in it."""

    options: BuildOptions
    reporter: Reporter
    cache: Cache
    index: Index
    sysroots: SysrootStore
    environ: Mapping[str, str]
    installer_environ: Mapping[str, str]
    through_sdist: bool
    """Whether directories are made into sdists before they are built."""
    building: tuple[str, ...] = ()
    """The host requirements that are being built, the outermost first: their normalised names."""
    jobserver: Jobserver | None = None
    """What the compilers of several builds share."""
    running: Running = field(default_factory=Running)
    """The programs that the builds of this session run."""
    _lock: threading.RLock = field(default_factory=threading.RLock)
    """Builds in several threads wait for what one of them prepares."""
    _descriptions: dict[frozenset[str], DescribedTarget] = field(default_factory=dict)
    _plans: dict[frozenset[str], PlannedTarget] = field(default_factory=dict)
    _targets: dict[frozenset[str], Target] = field(default_factory=dict)

    @classmethod
    def from_options(
        cls, options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str], through_sdist: bool
    ) -> Session:
        """Open the caches, read the settings of the indexes, and look the host up if it is a name."""
        options = options.with_named_host()
        # A project that is installed to run here may be wrapped, and has to stay this machine's.
        environ = {name: value for name, value in environ.items() if name != "CROSSBUILD_HOST"}
        options.sysroot_source.check()
        source_date_epoch(environ)
        _check_jobs(options.jobs)
        cache = Cache(root=options.cache_dir.absolute())
        index = Index.from_options(options.index, environ=environ, cache=cache)
        return cls(
            options=options,
            reporter=reporter,
            cache=cache,
            index=index,
            sysroots=SysrootStore(cache=cache, reporter=reporter, environ=environ, offline=index.settings.offline),
            environ=environ,
            installer_environ={**environ, **environ_for_installers(options.index, environ)},
            through_sdist=through_sdist,
        )

    def plan(self, packages: frozenset[str] = frozenset()) -> PlannedTarget:
        """Return what is known of the host before anything is compiled, with ``packages`` in its sysroot."""
        with self._lock:
            if packages not in self._plans:
                description = self.describe(packages)
                self._plans[packages] = PlannedTarget(**vars(description), build_python=self.build_python(description))
            return self._plans[packages]

    def describe(self, packages: frozenset[str] = frozenset()) -> DescribedTarget:
        """Return the host as its files tell it, with ``packages`` in its sysroot, and warn of what is wrong in them."""
        with self._lock:
            if packages not in self._descriptions:
                self._descriptions[packages] = self._read_host(packages)
            return self._descriptions[packages]

    def _read_host(self, packages: frozenset[str]) -> DescribedTarget:
        added = f" with {', '.join(sorted(packages))}" if packages else ""
        with self.reporter.step(f"Read the host {self.options.host}{added}"):
            description = DescribedTarget.from_options(self.options, self.sysroots, packages)
        for defect in description.described.defects if not packages else ():
            self.reporter.warning(defect)
        return description

    def host(self, packages: frozenset[str] = frozenset()) -> Host:
        """Return all of the host, with ``packages`` in its sysroot: read, lent by the build Python, or measured."""
        described = self.describe(packages).described
        if isinstance(described, Host):
            return described
        if described.build_time_vars is None:
            return self.target(packages).host
        compilers, build_python = (lambda: self.target(packages).compilers), self.plan(packages).build_python
        return complete(described, compilers=compilers, build_python=build_python, cache=self.cache)

    def build_python(self, description: DescribedTarget) -> BuildPython:
        """Return the Python of this machine that builds for a host, installed by uv if need be and allowed.

        Raises BuildPythonError.
        """
        described = description.described
        version, explicit = described.python_version[:2], self.options.build_python
        if not self.options.provision or explicit:
            return find_build_python(version, described.abi_flags, explicit=explicit, environ=self.environ)
        return provide_build_python(
            version,
            described.abi_flags,
            offline=self.index.settings.offline,
            reporter=self.reporter,
            environ=self.installer_environ,
        )

    def toolchain(self, description: DescribedTarget, sysroot: Path | None) -> Toolchain:
        """Return what compiles for a host against ``sysroot``, not proven yet. Raises ToolchainError."""
        return find_toolchain(
            description.described.platform,
            request=self.options.toolchain,
            recorded_cc=description.recorded_cc,
            sysroot=sysroot,
            cache=self.cache,
            environ=self.environ,
            download_environ=self.installer_environ,
        )

    def target(self, packages: frozenset[str] = frozenset()) -> Target:
        """Return the host, ready to be built for, with ``packages`` in its sysroot."""
        with self._lock:
            if packages not in self._targets:
                plan = self.plan(packages)
                self._targets[packages] = prepare_target(
                    plan, find=partial(self.toolchain, plan), cache=self.cache, reporter=self.reporter
                )
            return self._targets[packages]

    def get_source(self, spec: Requirement | Path, into: Path) -> Source:
        """Fetch and unpack what ``spec`` means below ``into``."""
        with self.reporter.step(f"Get the source of {describe_spec(spec)}"):
            return get_source(spec, index=self.index, python=self.plan().python_version, into=into)

    def settings(self, source: Source) -> PackageSettings:
        """Return what the user, and where he is silent the project, says of building ``source``.

        Raises SourceError for what a directory has wrong. Somebody else's sdist may well mean another version of us.
        """
        try:
            own = Configuration.from_project(source.directory)
            own = own if source.is_the_users else own.as_foreign
        except SourceError:
            if source.sdist is None:
                raise
            own = Configuration()
        return self.options.configuration.over(own).of(source.project_name)

    def passed(self, settings: PackageSettings) -> Passed:
        """Return the user's variables that builds with ``settings`` see."""
        return Passed.from_environ(self.environ, settings.pass_env)

    @property
    def fetching(self) -> Fetching:
        """Where packages for builds are looked for."""
        settings = IndexSettings.from_options(self.options.index, self.environ)
        return Fetching(settings=settings, proxies=proxies_with_logins(self.environ))

    def waives(self, name: str) -> bool:
        """Return whether the user takes wheels of the project ``name`` that the audit would refuse."""
        return canonicalize_name(name) in self.options.no_check or self.options.configuration.of(name).no_check

    def with_index(self, options: IndexOptions) -> Session:
        """Return the session with distributions from where ``options`` say."""
        if options == self.options.index:
            return self
        return replace(
            self,
            options=replace(self.options, index=options),
            index=Index.from_options(options, environ=self.environ, cache=self.cache),
            installer_environ={**self.environ, **environ_for_installers(options, self.environ)},
        )

    def with_config_settings(self, settings: ConfigSettings) -> Session:
        """Return the session to build one project in whose line in a file has ``settings``."""
        if not settings:
            return self
        return replace(
            self, options=replace(self.options, config_settings={**self.options.config_settings, **settings})
        )

    def for_host_requirement(self, name: str) -> Session:
        """Return the session to build the host requirement ``name`` in: without what was said of its dependent."""
        options = replace(self.options, config_settings={}, host_requires=())
        return replace(self, options=options, through_sdist=False, building=(*self.building, name))

    @property
    def jobs(self) -> int:
        """How many compilers may run at once."""
        return self.options.jobs or len(os.sched_getaffinity(0))


def _check_jobs(jobs: int | None) -> None:
    if jobs is not None and not 1 <= jobs <= _MOST_JOBS:
        raise UsageError(
            f"{jobs} compilers cannot run at once.",
            fix=f"Give --jobs a number from 1 to {_MOST_JOBS}, or leave it out.",
        )
