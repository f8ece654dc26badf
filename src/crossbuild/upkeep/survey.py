"""What is in a cache, and how much disk space it takes."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.system.cache import mark_of
from crossbuild.system.disk_usage import Usage
from crossbuild.system.kept_places import KEPT_BUILDS, kept_places
from crossbuild.upkeep.kinds import DESCRIPTIONS, is_of_another_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crossbuild.system.cache import Cache
    from crossbuild.system.kept_places import KeptPlace, PlaceKind


@dataclass(frozen=True, kw_only=True)
class CacheKind:
    """All entries of one kind."""

    name: str
    """What ``clear`` takes: ``"sdists"``."""
    description: str
    entries: int
    size: int
    """Bytes on the disk; hard links between entries of the kind are counted once."""
    last_used: datetime
    """When the last of them was used."""


@dataclass(frozen=True, kw_only=True)
class CachePlace:
    """A directory elsewhere that crossbuild made, and that is yours: nothing here removes it."""

    kind: PlaceKind
    """``"environments"`` or ``"sysroots"``."""
    path: Path
    size: int
    """Bytes on the disk."""


@dataclass(frozen=True, kw_only=True)
class CacheInfo:
    """What is in a cache."""

    directory: Path
    size: int
    """Bytes on the disk of all that is in it, and of kept build directories; hard links are counted once."""
    limit: int | None
    """The largest size that it may have; None if there is no limit."""
    kinds: tuple[CacheKind, ...]
    """The kinds that have entries."""
    other: int
    """Bytes of all else: locks, records, and what killed processes left."""
    elsewhere: tuple[CachePlace, ...]
    """What is yours, and not part of the size."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is removed as a whole or not at all: an entry of the cache, or a kept build directory."""

    kind: str
    name: str
    """What it is called among the uses of the cache: ``sdists/0e3b87b28a724242``."""
    path: Path
    usage: Usage
    last_used: float
    """In seconds since the epoch."""
    is_stale: bool
    """Whether only another version of crossbuild uses it."""
    place: KeptPlace | None = None
    """Its record, if it is not in the cache."""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """All that is in a cache."""

    entries: tuple[Entry, ...]
    rest: Usage
    """What is no part of an entry: records, locks, and what a killed process left."""
    places: tuple[KeptPlace, ...]
    """What the records name, whether it is still there or not."""

    @property
    def usage(self) -> Usage:
        """The disk space that all of it takes."""
        return Usage.together((self.rest, *(entry.usage for entry in self.entries)))


def survey(cache: Cache) -> Survey:
    """Look at everything in ``cache``, which may be a link. Links in it are not followed: they lead to other things."""
    places, root = tuple(kept_places(cache)), cache.root.resolve()
    entries = [*_entries_in(root), *(_kept_build(place) for place in places if place.is_kept_build)]
    rest = Usage.of(root, but={str(path) for entry in entries for path in (entry.path, mark_of(entry.path))})
    return Survey(entries=tuple(entries), rest=rest, places=places)


def cache_info(cache: Cache, limit: int | None = None) -> CacheInfo:
    """Return what is in ``cache``, which may be missing."""
    found = survey(cache)
    names = {entry.kind: None for entry in found.entries}
    order = [*(name for name in DESCRIPTIONS if name in names), *sorted(names.keys() - DESCRIPTIONS.keys())]
    return CacheInfo(
        directory=cache.root,
        size=found.usage.size,
        limit=limit,
        kinds=tuple(_kind(name, [one for one in found.entries if one.kind == name]) for name in order),
        other=found.rest.size,
        elsewhere=tuple(
            CachePlace(kind=one.kind, path=one.path, size=Usage.of(one.path).size)
            for one in found.places
            if one.kind != KEPT_BUILDS and one.is_there
        ),
    )


def subdirectories(directory: Path) -> list[Path]:
    """Return the directories in ``directory``, without links to such; none if it is missing."""
    with suppress(OSError), os.scandir(directory) as found:
        return [Path(one.path) for one in found if one.is_dir(follow_symlinks=False)]
    return []


def _entries_in(root: Path) -> Iterator[Entry]:
    """Yield what has a mark in ``root``: kinds that are one entry, and the entries of the others."""
    for kind in subdirectories(root):
        for path in (kind,) if mark_of(kind).is_file() else subdirectories(kind):
            with suppress(OSError):
                yield _entry(kind.name, path, path.relative_to(root).as_posix())


def _entry(kind: str, path: Path, name: str) -> Entry:
    """Return the entry at ``path``. Raises OSError if it has no mark, or none that this user can see."""
    last_used, version = mark_of(path).lstat().st_mtime, ""
    with suppress(OSError):
        version = mark_of(path).read_text(encoding="utf-8", errors="replace")
    return Entry(
        kind=kind,
        name=name,
        path=path,
        usage=Usage.together(map(Usage.of, (path, mark_of(path)))),
        last_used=last_used,
        is_stale=is_of_another_version(kind, path.name, version),
    )


def _kept_build(place: KeptPlace) -> Entry:
    return Entry(
        kind=KEPT_BUILDS,
        name=f"{KEPT_BUILDS}/{place.path.name}",
        path=place.path,
        usage=Usage.of(place.path),
        last_used=place.since,
        is_stale=False,
        place=place,
    )


def _kind(name: str, entries: Iterable[Entry]) -> CacheKind:
    listed = list(entries)
    return CacheKind(
        name=name,
        description=DESCRIPTIONS.get(name, "of another version"),
        entries=len(listed),
        size=Usage.together(entry.usage for entry in listed).size,
        last_used=datetime.fromtimestamp(max(entry.last_used for entry in listed), UTC),
    )
