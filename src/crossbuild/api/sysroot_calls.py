"""Sysroots: made, changed, found, removed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.api.arguments import defaults, environ_from
from crossbuild.options.build_options import BuildOptions
from crossbuild.reporting import SilentReporter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crossbuild.reporting import Reporter
    from crossbuild.sysroot.apt_sources import SourceRequest
    from crossbuild.sysroot.model import Sysroot
    from crossbuild.sysroot.store import SysrootStore


@dataclass(frozen=True, kw_only=True)
class Sysroots:
    """Roots with a distribution's Python, headers and libraries for other machines: what ``crossbuild sysroot`` does.

    A sysroot is named by a release and an architecture, ``"debian:bookworm:arm64"``, where it is the shared one of the
    cache, which ``host`` and ``sysroot`` of the other functions name likewise; or by its directory. All methods raise
    SysrootError, NetworkError, and UsageError for names that cannot be meant.
    """

    source: SourceRequest | None = None
    """Where packages come from; by default ``CROSSBUILD_MIRROR`` and ``CROSSBUILD_KEYRING``, or else the sources of
    this machine's apt."""
    cache_dir: str | Path | None = None
    """By default as for :class:`BuildOptions`, or ``CROSSBUILD_CACHE_DIR``."""
    cache_max_size: int | None = None
    """By default no limit, or ``CROSSBUILD_CACHE_MAX_SIZE``."""
    offline: bool = False
    """Use only what was downloaded before."""
    reporter: Reporter | None = None
    environ: Mapping[str, str] | None = None
    """The environment, by default this process's."""

    def create(
        self,
        name: str,
        packages: Iterable[str] = (),
        *,
        directory: str | Path | None = None,
        lock: str | Path | None = None,
    ) -> Sysroot:
        """Make the sysroot ``name`` with ``packages`` beside Python and the compilers' libraries, and return it.

        It is made in the new ``directory``, or else in the cache, where one that is there already gets the missing
        packages. ``lock``: a file with the exact versions to take; if it is missing, it is written.
        """
        from crossbuild.sysroot.lock import create_locked
        from crossbuild.sysroot.names import SysrootName

        wanted, into = SysrootName.from_text(name), Path(directory).absolute() if directory else None
        if lock is None:
            return self._limited(self._store.create(wanted, packages, request=self._source, into=into))
        return self._limited(
            create_locked(self._store, wanted, tuple(packages), request=self._source, into=into, lock=Path(lock))
        )

    def find(self, name: str | Path) -> Sysroot:
        """Return the sysroot ``name``."""
        return self._store.find(_sysroot_text(name), self._source)

    def all(self) -> list[Sysroot]:
        """Return the shared sysroots of the cache, by name."""
        return self._store.all()

    def add_packages(self, name: str | Path, packages: Iterable[str]) -> Sysroot:
        """Add ``packages``, and what they depend on, to a sysroot. Builds that use it are not disturbed."""
        return self._limited(self._store.change(self.find(name), add=packages))

    def remove_packages(self, name: str | Path, packages: Iterable[str]) -> Sysroot:
        """Remove ``packages``, and what nothing else needs, from a sysroot. Builds that use it are not disturbed."""
        return self._limited(self._store.change(self.find(name), remove=packages))

    def remove(self, name: str | Path) -> None:
        """Remove a sysroot. Builds that use it must have ended."""
        self._store.remove(_sysroot_text(name), self._source)

    def _limited(self, made: Sysroot) -> Sysroot:
        """Keep the cache to its limit, and return ``made``, which stays."""
        from crossbuild.upkeep.limit import keep_to_limit

        limit = defaults(BuildOptions(cache_max_size=self.cache_max_size), self.environ).cache_limit
        keep_to_limit(self._store.cache, limit, self._store.reporter)
        return made

    @cached_property
    def _source(self) -> SourceRequest:
        from crossbuild.options.variables import with_variables
        from crossbuild.sysroot.apt_sources import MACHINE_SOURCES

        # Checked even if no package is needed in the end, so that a mistake does not depend on what the cache has.
        source = with_variables(self.source or MACHINE_SOURCES, environ_from(self.environ))
        source.check()
        return source

    @cached_property
    def _store(self) -> SysrootStore:
        from crossbuild.sysroot.store import SysrootStore
        from crossbuild.system.cache import Cache

        root = Path(self.cache_dir) if self.cache_dir else defaults(None, self.environ).cache_dir
        return SysrootStore(
            cache=Cache(root=root.absolute()),
            reporter=self.reporter or SilentReporter(),
            environ=environ_from(self.environ),
            offline="--offline" if self.offline else "",
        )


def _sysroot_text(name: str | Path) -> str:
    return f"{name.absolute()}" if isinstance(name, Path) else name
