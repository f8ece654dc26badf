"""The cache: its size, and removing unused entries."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.api.arguments import defaults
from crossbuild.errors import UsageError, system_failure
from crossbuild.options.build_options import BuildOptions
from crossbuild.options.variables import size_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from crossbuild.system.cache import Cache as CacheRoot
    from crossbuild.upkeep.removal import CacheRemoval
    from crossbuild.upkeep.survey import CacheInfo


@dataclass(frozen=True, kw_only=True)
class Cache:
    """The cache of crossbuild, with kept build directories: what ``crossbuild cache`` does.

    Entries in use by a running build are skipped. All methods raise UsageError for invalid arguments, and
    CrossbuildError if the cache cannot be changed.
    """

    cache_dir: str | Path | None = None
    """By default as for :class:`BuildOptions`, or ``CROSSBUILD_CACHE_DIR``."""
    cache_max_size: int | str | None = None
    """The size limit in bytes, or as text: ``"20G"``. Default: ``CROSSBUILD_CACHE_MAX_SIZE``, else no limit. 0
    is no limit, too."""
    environ: Mapping[str, str] | None = None
    """The environment, by default this process's."""

    @property
    def directory(self) -> Path:
        """Where the cache is, or will be."""
        return self._cache.root

    def info(self) -> CacheInfo:
        """Return what is in the cache, and how large it is. All of it is measured."""
        from crossbuild.upkeep.survey import cache_info

        return cache_info(self._cache, self._limit)

    def prune(self, *, max_size: int | str | None = None, unused_for: float | None = None) -> CacheRemoval:
        """Remove entries of other versions, leftovers of killed processes, and builds that were kept over a week ago.

        ``unused_for``: also entries that were not used for so many days. ``max_size``, by default the limit: also the
        least recently used entries until the cache is not larger. Entries that a cross environment needs stay.
        """
        from crossbuild.upkeep import removal

        if unused_for is not None and not unused_for >= 0:  # so that NaN is refused, too
            raise UsageError(f"{unused_for} is not a number of days.", fix="Give 0 or more.")
        most = self._limit if max_size is None else size_from(max_size)
        seconds = None if unused_for is None else unused_for * removal.DAY
        return _changing(lambda: removal.prune(self._cache, max_size=most, unused_for=seconds), self._cache)

    def clear(self, kinds: Iterable[str] = ()) -> CacheRemoval:
        """Remove all entries, or only those of ``kinds``: the names of :attr:`CacheInfo.kinds`."""
        from crossbuild.upkeep import removal

        wanted = frozenset(kinds)
        self._check_kinds(wanted)
        return _changing(lambda: removal.clear(self._cache, wanted), self._cache)

    @cached_property
    def _cache(self) -> CacheRoot:
        from crossbuild.system.cache import Cache as CacheRoot

        root = Path(self.cache_dir) if self.cache_dir else defaults(None, self.environ).cache_dir
        return CacheRoot(root=root.absolute())

    @property
    def _limit(self) -> int | None:
        options = BuildOptions(cache_max_size=size_from(self.cache_max_size))
        return defaults(options, self.environ).cache_limit

    def _check_kinds(self, kinds: Iterable[str]) -> None:
        from crossbuild.upkeep.kinds import DESCRIPTIONS
        from crossbuild.upkeep.survey import subdirectories

        known = {*DESCRIPTIONS, *(one.name for one in subdirectories(self._cache.root))}
        for kind in sorted({*kinds} - known):
            near = difflib.get_close_matches(kind, known, n=1)
            raise UsageError(
                f"There is no kind {kind!r} of cache entries.",
                fix=f"Did you mean {near[0]}?" if near else f"Kinds: {', '.join(DESCRIPTIONS)}.",
            )


def _changing(change: Callable[[], CacheRemoval], cache: CacheRoot) -> CacheRemoval:
    try:
        return change()
    except OSError as error:
        raise system_failure(error, cache.root) from None
