"""Lock files: the exact versions of all packages of a sysroot, so that it can be made again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from crossbuild.errors import SysrootError
from crossbuild.sysroot.apt_sources import snapshot_time
from crossbuild.sysroot.model import MANIFEST
from crossbuild.sysroot.names import is_package_name
from crossbuild.sysroot.recipe import bare_name, with_added
from crossbuild.system.documents import parse_json, read_text
from crossbuild.system.filesystem import write_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from crossbuild.sysroot.apt_sources import SourceRequest
    from crossbuild.sysroot.model import Sysroot
    from crossbuild.sysroot.names import SysrootName
    from crossbuild.sysroot.store import SysrootStore


@dataclass(frozen=True, kw_only=True)
class Lock:
    """What a lock file says."""

    name: str
    """Of the sysroot."""
    requested: tuple[str, ...]
    """The packages that the user requested."""
    packages: tuple[str, ...]
    """All that were in it, as ``name=version``."""
    written_at: str = ""
    """When the archives had these versions, as the time of a snapshot."""

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the content of a lock file. Raises ValueError, KeyError, TypeError or AttributeError if it is none."""
        facts = parse_json(text)
        packages = tuple(f"{name}={version}" for name, version in facts["packages"].items())
        requested = tuple(map(str, facts["requested"]))
        wrong = [one for one in (*packages, *requested) if not is_package_name(one)]
        if wrong or not packages:
            raise ValueError(f"Not the name of a package: {', '.join(wrong)}" if wrong else "It names no packages.")
        return cls(
            name=str(facts["name"]), requested=requested, packages=packages, written_at=str(facts.get("written_at", ""))
        )


def create_locked(
    store: SysrootStore,
    name: SysrootName,
    packages: Collection[str],
    *,
    request: SourceRequest,
    into: Path | None,
    lock: Path,
) -> Sysroot:
    """Make the sysroot ``name`` of the versions that ``lock`` says; if there is no such file, write it.

    The other arguments are those of :meth:`SysrootStore.create`. Raises what that and :func:`read_lock` raise.
    """
    if not lock.exists():
        made = store.create(name, packages, request=request, into=into)
        write_lock(lock, made)
        return made
    said = read_lock(lock, name, packages)
    requested = with_added(said.requested, packages)
    return store.create(name, requested, request=request, into=into, locked=said.packages, locked_at=said.written_at)


def read_lock(file: Path, name: SysrootName, packages: Iterable[str]) -> Lock:
    """Return what ``file`` says.

    Raises SysrootError if it is no lock file, not one of ``name``, or lacks one of ``packages``.
    """
    try:
        lock = Lock.from_text(read_text(file))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SysrootError(
            f"{file} is not a lock file of a sysroot.",
            why=str(error),
            fix="`crossbuild sysroot create --lock` writes one.",
        ) from None
    if lock.name != str(name):
        raise SysrootError(f"{file} locks the packages of {lock.name}, not of {name}.", fix="Name another file.")
    there = {*lock.packages, *map(bare_name, lock.packages)}
    missing = [package for package in packages if package not in there]
    if missing:
        raise SysrootError(
            f"{file} does not have {', '.join(missing)}.",
            fix="Remove it to lock the versions of today, or leave these packages out.",
        )
    # If it does not say when it was written, its modification time is the best guess.
    return lock if lock.written_at else replace(lock, written_at=snapshot_time(file.stat().st_mtime))


def write_lock(file: Path, sysroot: Sysroot) -> None:
    """Write what was requested for ``sysroot``, and the exact versions of all its packages. Raises OSError."""
    packages = {package.name: package.version for package in sysroot.packages}
    facts = {
        "name": str(sysroot.name),
        "written_at": sysroot.locked_at or snapshot_time((sysroot.directory / MANIFEST).stat().st_mtime),
        "requested": sysroot.requested,
        "packages": packages,
    }
    write_text(file, json.dumps(facts, indent=1) + "\n")
