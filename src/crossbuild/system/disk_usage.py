"""How much disk space files take, as du(1) counts it, and numbers of bytes as people write them."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

_BLOCK = 512
"""Bytes of what stat(2) counts in."""
_PREFIXES = " kmgt"
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(?:([kmgt])(i)?)?b?", re.IGNORECASE)
SIZE_PATTERN = r"^[0-9]+(\.[0-9]+)? ?([kKmMgGtT][iI]?)?[bB]?$"
"""What :func:`size_from_text` reads, for other languages."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What some files take of a disk: blocks, so holes count nothing."""

    own: int = 0
    """Bytes of what has one name."""
    linked: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """Bytes of files with several names (hard links), by device and inode: others may have them, too."""

    @classmethod
    def of(cls, place: Path, *, but: Collection[str] = ()) -> Self:
        """Measure the file or directory ``place``, but for the paths ``but``.

        Links are not followed; what is removed meanwhile counts nothing.
        """
        own, linked = 0, {}
        for status in _statuses(place, but):
            size = status.st_blocks * _BLOCK
            if status.st_nlink == 1 or stat.S_ISDIR(status.st_mode):
                own += size
            else:
                linked[status.st_dev, status.st_ino] = size
        return cls(own=own, linked=linked)

    @classmethod
    def together(cls, usages: Iterable[Usage]) -> Self:
        """Return what ``usages`` take, each file counted once."""
        own, linked = 0, dict[tuple[int, int], int]()
        for usage in usages:
            own += usage.own
            linked.update(usage.linked)
        return cls(own=own, linked=linked)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.own + sum(self.linked.values())


class Balance:
    """How much is left of what ``usages`` take together, while one after another is removed."""

    def __init__(self, usages: Iterable[Usage]) -> None:
        listed = list(usages)
        self.size = Usage.together(listed).size
        self._names = Counter(file for usage in listed for file in usage.linked)

    def remove(self, usage: Usage) -> None:
        """Subtract ``usage``, but for the bytes that another has, too."""
        self._names.subtract(usage.linked.keys())
        self.size -= usage.own + sum(size for file, size in usage.linked.items() if not self._names[file])


def _statuses(place: Path, but: Collection[str]) -> Iterator[os.stat_result]:
    ahead = []
    with suppress(OSError):
        yield (status := place.lstat())
        ahead = [str(place)] if stat.S_ISDIR(status.st_mode) else []
    while ahead:
        with suppress(OSError), os.scandir(ahead.pop()) as entries:
            for entry in entries:
                if entry.path in but:
                    continue
                with suppress(OSError):
                    yield entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        ahead.append(entry.path)


def size_from_text(text: str) -> int:
    """Return the bytes in ``5G``, ``500 MB`` or ``2GiB``. Raises ValueError."""
    found = _SIZE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a size, such as 500M or 20G.")
    number, prefix, binary = found.groups(default="")
    return int(Decimal(number) * (1024 if binary else 1000) ** _PREFIXES.index(prefix.lower() or " "))
