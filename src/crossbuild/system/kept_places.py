"""Directories outside the cache that crossbuild made and left there: the cache has a record of each.

A kept build may be removed with the cache. Environments, and sysroots in directories of their own, are the user's.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from crossbuild.system.cache import digest
from crossbuild.system.documents import parse_json, read_text
from crossbuild.system.filesystem import write_text
from crossbuild.system.scratch import is_kept, keep

if TYPE_CHECKING:
    from crossbuild.system.cache import Cache

KEPT_BUILDS = "kept-builds"
_RECORDS = "places"
PlaceKind = Literal["kept-builds", "environments", "sysroots"]


@dataclass(frozen=True, kw_only=True)
class KeptPlace:
    """A directory that was kept, as its record tells."""

    kind: PlaceKind
    path: Path
    inode: int
    """When it was kept. The number of its device may be another one after the machine was started again."""
    entries: frozenset[str]
    """The names of the cache entries that it needs."""
    record: Path
    since: float
    """When it was kept, in seconds since the epoch."""

    @classmethod
    def from_record(cls, record: Path) -> Self:
        """Read a record. Raises OSError, ValueError, TypeError or LookupError if it is none."""
        facts = parse_json(read_text(record))
        return cls(
            kind=facts["kind"],
            path=Path(facts["path"]),
            inode=facts["inode"],
            entries=frozenset(facts["entries"]),
            record=record,
            since=record.stat().st_mtime,
        )

    @property
    def is_there(self) -> bool:
        """Whether the directory still exists. A user may have put an environment or a sysroot there again."""
        try:
            inode = self.path.lstat().st_ino
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:  # nobody can tell
            return True
        return self.kind != KEPT_BUILDS or inode == self.inode

    @property
    def is_kept_build(self) -> bool:
        """Whether it is a build directory of this user that is still there, and no later one of that name."""
        return self.kind == KEPT_BUILDS and self.is_there and is_kept(self.path)

    def forget(self) -> None:
        """Remove the record."""
        self.record.unlink(missing_ok=True)


def register(cache: Cache, kind: PlaceKind, directory: Path) -> None:
    """Record that ``directory`` is kept. A cache that cannot be written to has no records."""
    path = directory.resolve()
    facts = {
        "kind": kind,
        "path": str(path),
        "inode": path.lstat().st_ino,
        "entries": sorted(cache.uses.names),
    }
    with suppress(OSError):
        records = cache.path(_RECORDS)
        records.mkdir(parents=True, exist_ok=True)
        write_text(records / f"{digest(path)}.json", json.dumps(facts, indent=1) + "\n")


def keep_build(directory: Path, cache: Cache) -> None:
    """Let the build directory ``directory``, a temporary one, stay, and record it; forget those that are gone."""
    for place in kept_places(cache):
        if place.kind == KEPT_BUILDS and not place.is_there:
            with suppress(OSError):
                place.forget()
    register(cache, "kept-builds", directory)
    cache.uses.add(f"{KEPT_BUILDS}/{directory.name}", file=cache.uses_file)
    cache.made.append(directory)
    keep(directory)


def kept_places(cache: Cache) -> list[KeptPlace]:
    """Return what the records name, whether it is still there or not."""
    return [*filter(None, map(_read, sorted(cache.path(_RECORDS).glob("[!.]*.json"))))]


def _read(record: Path) -> KeptPlace | None:
    try:
        return KeptPlace.from_record(record)
    except (OSError, ValueError, TypeError, LookupError):
        return None
