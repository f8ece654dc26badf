"""What one job works with: the services of its call, the targets that it builds for, and its own context."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from crossbuild.emulation.level import NO_EMULATION
from crossbuild.errors import SourceError, UsageError
from crossbuild.host.complete import complete
from crossbuild.host.model import Host
from crossbuild.index.index_access import Fetching, proxies_with_logins
from crossbuild.index.settings import IndexSettings
from crossbuild.options.configuration import Configuration
from crossbuild.options.passed_variables import Passed
from crossbuild.session.job import JobContext
from crossbuild.session.services import Services
from crossbuild.session.stages import Stages
from crossbuild.session.targets import Targets
from crossbuild.system.source_date import source_date_epoch
from crossbuild.wheels.selection import Selection, check_selections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.emulation.level import Emulation
    from crossbuild.options.build_options import BuildOptions, ConfigSettings, IndexOptions
    from crossbuild.options.configuration import PackageSettings
    from crossbuild.reporting import Reporter
    from crossbuild.session.described_target import DescribedTarget
    from crossbuild.session.target import PlannedTarget, Target
    from crossbuild.sources.project import Source
    from crossbuild.sysroot.store import SysrootStore

_MOST_JOBS = 4096
"""More than a machine has CPUs, and less than a pipe has space for tokens."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """What a job works with. Those of one call differ in their contexts, and share all else."""

    options: BuildOptions
    """Those of the call. What they say about the projects that the user names is in ``job``."""
    services: Services
    targets: Targets
    job: JobContext

    @classmethod
    def from_options(cls, options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str]) -> Session:
        """Open the caches, read the settings of the indexes, and look the host up if it is a name."""
        # First, because a named host may say where packages come from, which is checked below.
        options = options.with_named_host()
        # A project that is installed to run here may be wrapped, and has to stay this machine's.
        environ = {name: value for name, value in environ.items() if name != "CROSSBUILD_HOST"}
        options.sysroot_source.check()
        options.repair.check()
        options.check_emulate()
        check_selections(options)
        # Wheels and images read it when they are written. Refuse a malformed one now rather than after the builds.
        source_date_epoch(environ)
        _check_jobs(options.jobs)
        return cls(
            options=options,
            services=Services.from_options(options, environ),
            targets=Targets(),
            job=JobContext(
                reporter=reporter, config_settings=options.config_settings, host_requires=options.host_requires
            ),
        )

    @property
    def reporter(self) -> Reporter:
        """What hears of this job, also of what its sysroots' apt says."""
        return self.job.reporter

    @property
    def sysroots(self) -> SysrootStore:
        """What makes sysroots, and tells this job's reporter of it."""
        return self.services.sysroots(self.reporter)

    def stages(self, packages: frozenset[str] = frozenset()) -> Stages:
        """Return how the target is made, with ``packages`` in its sysroot."""
        return Stages(options=self.options, services=self.services, reporter=self.reporter, packages=packages)

    def describe(self, packages: frozenset[str] = frozenset()) -> DescribedTarget:
        """Return the host as its files tell it, with ``packages`` in its sysroot, and warn of what is wrong in them."""
        return self.targets.described(self.stages(packages))

    def plan(self, packages: frozenset[str] = frozenset()) -> PlannedTarget:
        """Return what is known of the host before anything is compiled, with ``packages`` in its sysroot."""
        return self.targets.planned(self.stages(packages))

    def target(self, packages: frozenset[str] = frozenset()) -> Target:
        """Return the host, ready to be built for, with ``packages`` in its sysroot."""
        return self.targets.ready(self.stages(packages))

    def host(self, packages: frozenset[str] = frozenset()) -> Host:
        """Return all of the host, with ``packages`` in its sysroot: read, lent by the build Python, or measured."""
        described = self.describe(packages).described
        if isinstance(described, Host):
            return described
        if described.build_time_vars is None:
            return self.target(packages).host
        # Compilers are prepared only if something has to be measured. A host that recorded its variables needs none.
        compilers, build_python = (lambda: self.target(packages).compilers), self.plan(packages).build_python
        return complete(described, compilers=compilers, build_python=build_python, cache=self.services.cache)

    def settings(self, source: Source) -> PackageSettings:
        """Return what the user, and where he is silent the project, says of building ``source``.

        Raises SourceError for what a directory has wrong. Somebody else's sdist may well mean another version of us.
        """
        try:
            own = Configuration.from_project(source.directory)
            # A project from an index must not choose which of the user's variables it sees.
            own = own if source.is_the_users else own.as_foreign
        except SourceError:
            if source.sdist is None:
                raise
            own = Configuration()
        return self.options.configuration.over(own).of(source.project_name)

    def passed(self, settings: PackageSettings) -> Passed:
        """Return the user's variables that builds with ``settings`` see."""
        return Passed.from_environ(self.services.environ, settings.pass_env)

    @property
    def fetching(self) -> Fetching:
        """Where packages for builds are looked for."""
        settings = IndexSettings.from_options(self.options.index, self.services.environ)
        return Fetching(settings=settings, proxies=proxies_with_logins(self.services.environ))

    def waives(self, name: str) -> bool:
        """Return whether the user takes wheels of the project ``name`` that the audit would refuse."""
        return canonicalize_name(name) in self.options.no_check or self.options.configuration.of(name).no_check

    def wanted(self, name: str) -> Selection:
        """Return which findings count for wheels of the project ``name``."""
        return Selection.for_project(name, self.options)

    def with_index(self, options: IndexOptions) -> Session:
        """Return the session with distributions from where ``options`` say."""
        if options == self.options.index:
            return self
        return replace(self, options=replace(self.options, index=options), services=self.services.with_index(options))

    @property
    def offline(self) -> Session:
        """The session that downloads nothing."""
        return self.with_index(replace(self.options.index, offline=True))

    def with_config_settings(self, settings: ConfigSettings) -> Session:
        """Return the session to build one project in whose line in a file has ``settings``."""
        return replace(self, job=replace(self.job, config_settings={**self.job.config_settings, **settings}))

    def for_host_requirement(self, name: str) -> Session:
        """Return the session to build the host requirement ``name`` in: without what was said of its dependent."""
        # ``building`` lets a requirement that needs itself be found, at whatever depth. The rest was meant for another
        # project.
        building = (*self.job.building, name)
        job = replace(self.job, building=building, config_settings={}, host_requires=(), pins=None)
        return replace(self, job=replace(job, emulation=NO_EMULATION))

    def with_emulation(self, emulation: Emulation) -> Session:
        """Return the session to build one project in with ``emulation``."""
        return replace(self, job=replace(self.job, emulation=emulation))

    def for_job(self, job: JobContext) -> Session:
        """Return the session for ``job``, which builds within what this one builds, and with its settings."""
        building = (*self.job.building, *job.building)
        # Settings are those of this session: a host requirement is built in the job of the project that needs it, and
        # must not get the settings of that.
        return replace(self, job=replace(self.job, reporter=job.reporter, jobserver=job.jobserver, building=building))

    @property
    def jobs(self) -> int:
        """How many compilers may run at once."""
        # Not os.cpu_count(): it has all CPUs of the machine, also those that this process may not run on.
        return self.options.jobs or len(os.sched_getaffinity(0))


def _check_jobs(jobs: int | None) -> None:
    if jobs is not None and not 1 <= jobs <= _MOST_JOBS:
        raise UsageError(
            f"{jobs} compilers cannot run at once.",
            fix=f"Give --jobs a number from 1 to {_MOST_JOBS}, or leave it out.",
        )
