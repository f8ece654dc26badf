"""What a sysroot is made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from crossbuild.errors import UsageError
from crossbuild.sysroot.apt_sources import MACHINE_SOURCES
from crossbuild.sysroot.names import is_package_name
from crossbuild.system.cache import digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from crossbuild.sysroot.apt_sources import SourceRequest
    from crossbuild.sysroot.model import Sysroot
    from crossbuild.sysroot.names import SysrootName

_FORMAT = 1
"""Of the cache's entries: another number for each change of how a root is filled."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides what is in a sysroot, except what the archive has on the day."""

    name: SysrootName
    request: SourceRequest = MACHINE_SOURCES
    requested: tuple[str, ...] = ()
    """As in :class:`Sysroot`."""
    locked: tuple[str, ...] = ()
    """As in :class:`Sysroot`; they are all in it."""
    locked_at: str = ""
    """As in :class:`Sysroot`."""
    base: Sysroot | None = None
    """One that is to be added to."""

    @classmethod
    def over(cls, base: Sysroot, requested: tuple[str, ...]) -> Self:
        """Return that of ``base`` with more packages: what is locked there stays so."""
        return cls(
            name=base.name,
            request=base.request,
            requested=requested,
            locked=base.locked,
            locked_at=base.locked_at,
            base=base,
        )

    @property
    def key(self) -> str:
        """What tells it from others of the same name and sources."""
        # The request is no part of it: the sources decide only what apt chooses, and the name of the entry has them.
        base = (self.base.directory.resolve(), self.base.packages) if self.base else None
        return digest(_FORMAT, self.requested, self.locked, base)

    @property
    def sources(self) -> list[SourceRequest]:
        """Where the packages may come from, the first choice first.

        Versions of a lock file may have left the archives of today. A mirror or a snapshot that is named stands alone.
        """
        if self.locked and self.locked_at and not (self.request.mirror or self.request.snapshot):
            return [self.request, replace(self.request, snapshot=self.locked_at)]
        return self.request.one_by_one()

    def wanted(self, always: Iterable[str]) -> list[str]:
        """Return what to ask apt for. ``always`` is for every sysroot; one that is locked has it in its versions."""
        chosen = bare_names(one for one in self.requested if "=" in one)
        locked = [one for one in self.locked if bare_name(one) not in chosen]
        there = bare_names(locked)
        return [*(locked or always), *(one for one in self.requested if bare_name(one) not in there)]


def with_added(present: Collection[str], added: Iterable[str]) -> tuple[str, ...]:
    """Return the packages ``present`` and ``added``, sorted. What is added with a version replaces any other of it.

    Raises UsageError for what is not the name of a package.
    """
    new = set(added)
    # To apt-get(8), `libxml2-dev-` means to remove it, and `libxml2-dev/sid` to take it from another suite.
    wrong = sorted(one for one in new if not is_package_name(one))
    if wrong:
        raise UsageError(
            f"{', '.join(map(repr, wrong))} is not the name of a package.",
            fix="They look like libxml2-dev or libssl-dev=3.0.2-1.",
        )
    there, chosen = bare_names(present), bare_names(one for one in new if "=" in one)
    kept = {one for one in present if bare_name(one) not in chosen}
    return tuple(sorted(kept | {one for one in new if "=" in one or one not in there}))


def without(present: Iterable[str], removed: Iterable[str]) -> tuple[str, ...]:
    """Return the packages ``present`` but for those ``removed``, whatever the versions."""
    gone = bare_names(removed)
    return tuple(one for one in present if bare_name(one) not in gone)


def bare_names(packages: Iterable[str]) -> set[str]:
    """Return the names of ``packages``, which may have versions."""
    return {bare_name(one) for one in packages}


def bare_name(package: str) -> str:
    """Return ``libxml2-dev`` for ``libxml2-dev=2.9.14-1``."""
    return package.partition("=")[0]
