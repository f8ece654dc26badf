"""Which files two wheels differ in."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def differences(first: Path, second: Path) -> list[str]:
    """Return what differs between two wheels, a line for each member; one for the archives if the members agree."""
    if first.read_bytes() == second.read_bytes():
        return []
    with zipfile.ZipFile(first) as one, zipfile.ZipFile(second) as other:
        return list(_members(one, other)) or ["The files in both are the same, but the archives are not"]


def _members(one: zipfile.ZipFile, other: zipfile.ZipFile) -> Iterator[str]:
    mine, theirs = ({info.filename: info for info in archive.infolist()} for archive in (one, other))
    for name in sorted({*mine, *theirs}):
        if name not in theirs:
            yield f"{name} is only in the first"
        elif name not in mine:
            yield f"{name} is only in the second"
        elif one.read(name) != other.read(name):
            yield f"{name} differs"
        elif (mine[name].date_time, mine[name].external_attr) != (theirs[name].date_time, theirs[name].external_attr):
            yield f"{name} has another time or other permissions"
