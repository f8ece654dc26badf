"""What all builds of one call share: caches, indexes, and what was prepared for the host."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crossbuild.cache import Cache
from crossbuild.configuration import Configuration
from crossbuild.cross import Plan, prepare_cross
from crossbuild.errors import SourceError
from crossbuild.sources.index import Index
from crossbuild.sources.project import describe_spec, get_source
from crossbuild.sources.settings import environ_for_installers
from crossbuild.sysroot.store import Sysroots

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from packaging.requirements import Requirement

    from crossbuild.configuration import PackageSettings
    from crossbuild.cross import Cross
    from crossbuild.options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.sources.project import Source


@dataclass(frozen=True, kw_only=True)
class Session:
    """Options and environment of one call, and what is prepared only once in it."""

    options: BuildOptions
    reporter: Reporter
    cache: Cache
    index: Index
    sysroots: Sysroots
    environ: Mapping[str, str]
    installer_environ: Mapping[str, str]
    through_sdist: bool
    """Whether directories are made into sdists before they are built."""
    building: tuple[str, ...] = ()
    """The host requirements that are being built, the outermost first: their normalised names."""
    _plans: dict[frozenset[str], Plan] = field(default_factory=dict)
    _crosses: dict[frozenset[str], Cross] = field(default_factory=dict)

    @classmethod
    def from_options(
        cls, options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str], through_sdist: bool
    ) -> Session:
        """Open the caches, read the settings of the indexes, and look the host up if it is a name."""
        options = options.with_named_host()
        cache = Cache(root=options.cache_dir.absolute())
        index = Index.from_options(options.index, environ=environ, cache=cache)
        return cls(
            options=options,
            reporter=reporter,
            cache=cache,
            index=index,
            sysroots=Sysroots(cache=cache, reporter=reporter, environ=environ, offline=index.settings.offline),
            environ=environ,
            installer_environ={**environ, **environ_for_installers(options.index, environ)},
            through_sdist=through_sdist,
        )

    def plan(self, packages: frozenset[str] = frozenset()) -> Plan:
        """Return what is known of the host before anything is compiled, with ``packages`` in its sysroot."""
        if packages not in self._plans:
            added = f" with {', '.join(sorted(packages))}" if packages else ""
            with self.reporter.step(f"Read the host {self.options.host}{added}"):
                self._plans[packages] = Plan.from_options(self.options, self.environ, self.sysroots, packages)
            for defect in self._plans[packages].described.defects if not packages else ():
                self.reporter.warning(defect)
        return self._plans[packages]

    def cross(self, packages: frozenset[str] = frozenset()) -> Cross:
        """Return the host, ready to be built for, with ``packages`` in its sysroot."""
        if packages not in self._crosses:
            self._crosses[packages] = prepare_cross(
                self.plan(packages),
                self.options,
                cache=self.cache,
                reporter=self.reporter,
                environ=self.environ,
                download_environ=self.installer_environ,
            )
        return self._crosses[packages]

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
        except SourceError:
            if source.sdist is None:
                raise
            own = Configuration()
        return self.options.configuration.over(own).of(source.project_name)

    def for_host_requirement(self, name: str) -> Session:
        """Return the session to build the host requirement ``name`` in: without what was said of its dependent."""
        options = replace(self.options, config_settings={}, host_requires=())
        return replace(self, options=options, through_sdist=False, building=(*self.building, name))

    @property
    def jobs(self) -> int:
        """How many compilers may run at once."""
        return self.options.jobs or len(os.sched_getaffinity(0))
