"""Removing entries of the cache that nobody uses."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from crossbuild.system.cache import mark_of
from crossbuild.system.disk_usage import Balance, Usage
from crossbuild.system.kept_places import KEPT_BUILDS
from crossbuild.system.scratch import remove_kept, remove_tree
from crossbuild.system.uses import alone_with
from crossbuild.upkeep.kinds import FOR_ENVIRONMENTS
from crossbuild.upkeep.survey import subdirectories, survey

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crossbuild.system.cache import Cache
    from crossbuild.system.kept_places import KeptPlace
    from crossbuild.upkeep.survey import Entry, Survey

DAY = 24 * 60 * 60
_OLD = 7 * DAY
"""After how many seconds a kept build directory has served its purpose."""
_LEFT_OVER = re.compile(r"\.(?P<name>.+)\.(?:tmp|removed)-\w+")
_IN_USE = "in use by another process"


@dataclass(frozen=True, kw_only=True)
class CacheEntry:
    """An entry that was removed, or was to be removed."""

    kind: str
    path: Path
    size: int
    """Bytes on the disk, with those that it shares with other entries."""
    reason: str = ""
    """Why it is still there; empty if it is gone."""


@dataclass(frozen=True, kw_only=True)
class CacheRemoval:
    """What was removed from a cache."""

    removed: tuple[CacheEntry, ...]
    skipped: tuple[CacheEntry, ...]
    """What would have been removed, but is in use or cannot be removed."""
    freed: int
    """Bytes on the disk."""
    size: int
    """Bytes on the disk of what is left, as :class:`CacheInfo` counts them."""
    environments: tuple[Path, ...]
    """Cross environments that used what was removed, and have to be made again."""


def clear(cache: Cache, kinds: Iterable[str] = ()) -> CacheRemoval:
    """Remove all entries of ``kinds``, or of all kinds if none are given. Raises OSError."""
    wanted = frozenset(kinds)
    removal = _Removal(cache, survey(cache))
    if not wanted:
        removal.sweep()
    for entry in removal.found.entries:
        if not wanted or entry.kind in wanted:
            removal.remove(entry)
    return removal.report()


def prune(cache: Cache, *, max_size: int | None = None, unused_for: float | None = None) -> CacheRemoval:
    """Remove entries of other versions, leftovers of killed processes, and builds that were kept over a week ago.

    ``unused_for``: also entries that were not used for so many seconds. ``max_size``: also the least recently used
    entries until no more bytes are left. Entries that a cross environment needs stay. Raises OSError.
    """
    removal, now = _Removal(cache, survey(cache), sparing=True), time.time()
    removal.sweep()
    for entry in removal.found.entries:
        most = min(inf if unused_for is None else unused_for, _OLD if entry.kind == KEPT_BUILDS else inf)
        if entry.is_stale or now - entry.last_used >= most:
            removal.remove(entry)
    if max_size is not None:
        removal.shrink(max_size)
    return removal.report()


def shrink(cache: Cache, max_size: int) -> CacheRemoval:
    """Remove the least recently used entries until no more than ``max_size`` bytes are left. Raises OSError."""
    removal = _Removal(cache, survey(cache), sparing=True)
    removal.sweep()
    removal.shrink(max_size)
    return removal.report()


class _Removal:
    """What is removed from a cache, one after another; ``sparing`` what cross environments need."""

    def __init__(self, cache: Cache, found: Survey, *, sparing: bool = False) -> None:
        self.found = found
        self._cache = cache
        self._environments = [one for one in found.places if one.kind == "environments" and one.is_there]
        self._needed = _needed_by(self._environments) if sparing else {}
        self._balance = Balance([found.rest, *(entry.usage for entry in found.entries)])
        self._before = self._balance.size
        self._tried: dict[str, CacheEntry] = {}
        """What was removed or skipped: by the name of the entry, or by the path of a leftover."""

    def sweep(self) -> None:
        """Remove what killed processes left, and the records of directories that are gone."""
        root = self._cache.root
        for parent in (root, *subdirectories(root)):
            for path in subdirectories(parent):
                if left := _LEFT_OVER.fullmatch(path.name):
                    self._sweep(path, (parent / left["name"]).relative_to(root).as_posix())
        for place in self.found.places:
            if not place.is_there:
                place.forget()

    def _sweep(self, path: Path, name: str) -> None:
        usage = Usage.of(path)
        with alone_with(self._cache.uses_file, name) as is_free:  # otherwise it may become an entry yet
            if is_free:
                self._note(str(path), name.partition("/")[0], path, usage, _remove(path))

    def remove(self, entry: Entry) -> None:
        """Remove ``entry``, unless it is needed or in use."""
        environment = self._needed.get(entry.name)
        reason = f"needed by the environment {environment}" if environment else self._try(entry)
        self._note(entry.name, entry.kind, entry.path, entry.usage, reason)

    def _note(self, name: str, kind: str, path: Path, usage: Usage, reason: str) -> None:
        self._tried[name] = CacheEntry(kind=kind, path=path, size=usage.size, reason=reason)
        if not reason:
            self._balance.remove(usage)

    def _try(self, entry: Entry) -> str:
        """Remove ``entry``; return what keeps it from that, if anything does."""
        with alone_with(self._cache.uses_file, entry.name) as is_free:
            if not is_free:
                return _IN_USE
            if entry.place:
                return _remove_place(entry.place)
            try:
                doomed = _moved_away(entry.path)
            except FileNotFoundError:  # somebody else has removed it
                return ""
            except PermissionError as error:  # an entry of another user
                return (error.strerror or str(error)).lower()
        return _remove(doomed)

    def shrink(self, max_size: int) -> None:
        """Remove entries until no more than ``max_size`` bytes are left: stale ones, kept builds, then the others."""
        for entry in sorted(self.found.entries, key=_worth):
            if self._balance.size <= max_size:
                break
            if entry.name not in self._tried:
                self.remove(entry)

    def report(self) -> CacheRemoval:
        """Return what was done."""
        removed = {name: one for name, one in self._tried.items() if not one.reason}
        return CacheRemoval(
            removed=tuple(removed.values()),
            skipped=tuple(one for one in self._tried.values() if one.reason),
            freed=self._before - self._balance.size,
            size=self._balance.size,
            environments=tuple(one.path for one in self._environments if _needed_by([one]).keys() & removed),
        )


def _worth(entry: Entry) -> tuple[bool, bool, float]:
    return not entry.is_stale, entry.kind != KEPT_BUILDS, entry.last_used


def _needed_by(environments: Iterable[KeptPlace]) -> dict[str, Path]:
    """Return the names of the entries that ``environments`` need, each with one that does."""
    return {
        name: environment.path
        for environment in environments
        for name in environment.entries
        if name.partition("/")[0] in FOR_ENVIRONMENTS
    }


def _remove(directory: Path) -> str:
    """Remove ``directory``; return why it is still there, if it is."""
    remove_tree(directory)
    return f"not removed completely, see {directory}" if directory.exists() else ""


def _remove_place(place: KeptPlace) -> str:
    if place.is_kept_build:  # it may have been exchanged since
        remove_kept(place.path)
    if place.is_there:
        return "not removed completely"
    place.forget()
    return ""


def _moved_away(path: Path) -> Path:
    """Rename an entry, so that it is no entry any longer, and return where it is."""
    # Nothing is created: a full disk has no room for that.
    doomed = path.with_name(f".{path.name}.removed-{secrets.token_hex(4)}")
    path.rename(doomed)
    mark_of(path).unlink(missing_ok=True)
    return doomed
