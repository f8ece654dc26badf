"""The libraries that machine code in an image will miss on the device."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.reading.files import begins_with
from crossbuild.image.places import EscapeError, Places
from crossbuild.platforms.elf import ELF_MAGIC, read_elf
from crossbuild.wheels.host_libraries import LibrarySearch
from crossbuild.wheels.machine_code import is_libc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path, PurePosixPath

    from crossbuild.host.model import Host
    from crossbuild.image.installed import Installed
    from crossbuild.image.wheel_layout import Layout
    from crossbuild.platforms.elf import ElfFile
    from crossbuild.wheels.host_libraries import Provider
    from crossbuild.wheels.loader import SearchPath


@dataclass(frozen=True, kw_only=True)
class MissingLibrary:
    """A library that neither the root nor the host's sysroot has."""

    soname: str
    file: PurePosixPath
    """What needs it, directly or through others, as the host calls it."""
    distribution: str
    """The normalised name of the project that the file is of."""

    def __str__(self) -> str:
        """Return a clause: ``libx.so.1, which probe needs (/usr/lib/…/probe.so)``."""
        return f"{self.soname}, which {self.distribution} needs ({self.file})"


def missing_libraries(layout: Layout, installed: Iterable[Installed], host: Host) -> list[MissingLibrary]:
    """Return what the machine code of ``installed``, and what that needs in turn, is not going to find.

    It is looked for as the loader does, in the root and then in the host's sysroot; what a distribution has itself is
    taken to be loaded by it. Where neither of the two has a C library, nothing is known of the device's libraries.
    """
    searches = _searches(layout, host)
    walk = _Walk(host=host, searches=searches)
    return [missing for one in installed if searches for missing in walk.missing(one, layout)]


def knows_libraries(layout: Layout, host: Host) -> bool:
    """Return whether it can be told which libraries the device has: :func:`missing_libraries` finds those it lacks."""
    return bool(_searches(layout, host))


def _searches(layout: Layout, host: Host) -> tuple[LibrarySearch, ...]:
    """Return where the device's libraries are looked for, in this order; nowhere if no root has a C library."""
    # What the image has comes first; the sysroot stands for what the device has besides.
    roots = dict.fromkeys((layout.root, *([host.sysroot] if host.sysroot else [])))
    searches = tuple(LibrarySearch.from_host(replace(host, sysroot=root)) for root in roots)
    return searches if any(search.libc() for search in searches) else ()


@dataclass(frozen=True, kw_only=True)
class _Walk:
    host: Host
    searches: tuple[LibrarySearch, ...]

    def missing(self, one: Installed, layout: Layout) -> Iterator[MissingLibrary]:
        code = dict(_machine_code(one, Places(root=layout.root)))
        own = {file.name for file in code} | {elf.soname for _, elf in code.values()}
        told: set[str] = set()
        for file, (real, elf) in code.items():
            for soname in self._closure(real, elf, own):
                if soname not in told:
                    told.add(soname)
                    yield MissingLibrary(soname=soname, file=file, distribution=one.name)

    def _closure(self, real: Path, elf: ElfFile, own: set[str]) -> Iterator[str]:
        """Yield what is not found of what is loaded with ``elf``."""
        seen = set(own)
        first = self.searches[0].path_of(elf, real)
        ahead: list[tuple[str, SearchPath]] = [(soname, first) for soname in elf.needed]
        while ahead:
            # Breadth first, as ld.so loads: of two libraries with one soname, the nearer one counts.
            soname, path = ahead.pop(0)
            if soname in seen or is_libc(soname, self.host.platform.libc):
                continue
            seen.add(soname)
            found = self._find(soname, path.directories)
            if found is None:
                yield soname
            else:
                where, provider = found
                behind = where.path_of(provider.elf, provider.file, path.inherited)
                ahead += [(name, behind) for name in provider.elf.needed]

    def _find(self, soname: str, first: tuple[str, ...]) -> tuple[LibrarySearch, Provider] | None:
        found = ((search, search.find(soname, first)) for search in self.searches)
        return next(((search, provider) for search, provider in found if provider and provider.fits), None)


def _machine_code(one: Installed, places: Places) -> Iterator[tuple[PurePosixPath, tuple[Path, ElfFile]]]:
    for path in one.files:
        try:
            real = places.content(path)
            if begins_with(real, ELF_MAGIC):
                yield path, (real, read_elf(str(path), real.read_bytes(), symbols=False))
        except (EscapeError, HostError, OSError, ValueError):
            continue
