"""Where the host's loader looks for a library, by the run paths of what needs it.

Sources: ld.so(8), musl's ldso/dynlink.c. With glibc, a RUNPATH is for the libraries that a file needs itself, and an
RPATH also for those that these need in turn; in a file with a RUNPATH, no RPATH counts. To musl, both are what RPATH is
to glibc.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from crossbuild.platforms.system_directories import library_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crossbuild.platforms.elf import ElfFile
    from crossbuild.platforms.platform import Platform

_TOKEN = re.compile(r"\$(?:(?P<bare>ORIGIN|LIB|PLATFORM)(?![A-Za-z0-9_])|\{(?P<braced>ORIGIN|LIB|PLATFORM)\})")


@dataclass(frozen=True, kw_only=True)
class SearchPath:
    """The directories that the loader searches before those that every host has."""

    directories: tuple[str, ...] = ()
    """For the libraries that a file needs."""
    inherited: tuple[str, ...] = ()
    """For the libraries that these need in turn, after their own."""

    @classmethod
    def of_file(cls, elf: ElfFile, *, origin: str, platform: Platform, inherited: tuple[str, ...] = ()) -> Self:
        """Return those of ``elf``, which is in the directory ``origin``: empty if that is unknown.

        ``inherited`` are those of the files that it is loaded for.
        """
        if platform.libc == "musl":
            own = (*_directories(_known_to_musl(elf.runpath or elf.rpath, platform), origin, platform), *inherited)
            return cls(directories=own, inherited=own)
        rpath = (*(() if elf.runpath else _directories(elf.rpath, origin, platform)), *inherited)
        return cls(
            directories=tuple(_directories(elf.runpath, origin, platform)) if elf.runpath else rpath, inherited=rpath
        )


def _known_to_musl(paths: tuple[str, ...], platform: Platform) -> tuple[str, ...]:
    """Return ``paths``, or none: for one that it does not understand, musl passes over all."""
    return paths if all(spellings(path, origin="/", platform=platform) for path in paths) else ()


def _directories(paths: Iterable[str], origin: str, platform: Platform) -> Iterator[str]:
    """Yield what ``paths`` mean; relative ones depend on where a program is started, and are left out."""
    for path in paths:
        yield from (each for each in spellings(path, origin=origin, platform=platform) if each.startswith("/"))


def spellings(path: str, *, origin: str, platform: Platform) -> list[str]:
    """Return what the run path ``path`` may mean: one path, or one for each name that ``$LIB`` has on some host.

    It means nothing if ``origin`` is unknown, or if the loader does not know what follows a ``$``.
    """
    known: dict[str, tuple[str, ...]] = {"ORIGIN": (origin,) if origin else ()}
    if platform.libc != "musl":
        known |= {"LIB": library_names(platform), "PLATFORM": (platform.architecture.name,)}
    found = _TOKEN.search(path)
    if found is None:
        return [] if "$" in path else [path]
    before, after = path[: found.start()], path[found.end() :]
    rest = spellings(after, origin=origin, platform=platform)
    return [before + value + end for value in known.get(found["bare"] or found["braced"], ()) for end in rest]
