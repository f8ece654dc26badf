"""What all jobs of one call share: where things are kept, where they come from, and in which environment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from crossbuild.index.index import Index
from crossbuild.index.settings import environ_for_installers
from crossbuild.sysroot.store import SysrootStore
from crossbuild.system.cache import Cache
from crossbuild.system.interruption import Running

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.options.build_options import BuildOptions, IndexOptions
    from crossbuild.reporting import Reporter


@dataclass(frozen=True, kw_only=True)
class Services:
    """The cache, the index, the sysroots, the environment, and the programs that run."""

    cache: Cache
    index: Index
    environ: Mapping[str, str]
    """The caller's variables."""
    installer_environ: Mapping[str, str]
    """The same, with those that make uv look where ``index`` does."""
    running: Running = field(default_factory=Running)
    """The programs that the builds of this call run."""

    @classmethod
    def from_options(cls, options: BuildOptions, environ: Mapping[str, str]) -> Self:
        """Open the cache, and read the settings of the indexes. Raises UsageError."""
        cache = Cache(root=options.cache_dir.absolute())
        return cls(
            cache=cache,
            index=Index.from_options(options.index, environ=environ, cache=cache),
            environ=environ,
            installer_environ={**environ, **environ_for_installers(options.index, environ)},
        )

    def sysroots(self, reporter: Reporter) -> SysrootStore:
        """Return what makes sysroots, and tells ``reporter`` of it."""
        # Made for each caller, and not kept: the jobs that share these services have reporters of their own.
        offline = self.index.settings.offline
        return SysrootStore(cache=self.cache, reporter=reporter, environ=self.environ, offline=offline)

    def with_index(self, options: IndexOptions) -> Self:
        """Return them with distributions from where ``options`` say."""
        # ``running`` stays the same object: whoever ends the programs of a call must reach those of all its sessions.
        return replace(
            self,
            index=Index.from_options(options, environ=self.environ, cache=self.cache),
            installer_environ={**self.environ, **environ_for_installers(options, self.environ)},
        )
