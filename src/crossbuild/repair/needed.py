"""Which libraries have to come along with a wheel, and where they are.

Source: PEP 600 and PEP 656, by auditwheel's tables, for what need not come along.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.host.reading.files import follow
from crossbuild.platforms.elf import read_elf
from crossbuild.wheels.host_libraries import LibrarySearch, Provider
from crossbuild.wheels.machine_code import is_for, is_libc, needed_floor
from crossbuild.wheels.manylinux import promised_libraries
from crossbuild.wheels.python_symbols import LIBPYTHON

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crossbuild.host.model import Host
    from crossbuild.platforms.elf import ElfFile
    from crossbuild.platforms.platform import Platform
    from crossbuild.wheels.loader import SearchPath
    from crossbuild.wheels.wheel_contents import WheelContents

    Runtime = Callable[[str], Path | None]


@dataclass(frozen=True, kw_only=True)
class FoundLibrary:
    """A library that comes along, where it was found."""

    provider: Provider
    root: Path | None
    """The host's root, if it is from there and not the compiler's own."""

    @property
    def file(self) -> Path:
        """The file, all links followed: those of a root inside it."""
        return follow(self.provider.file, root=self.root)


@dataclass(frozen=True, kw_only=True)
class Needed:
    """The libraries that come along."""

    libraries: Mapping[str, FoundLibrary] = field(default_factory=dict)
    """By the names that they are needed by."""
    by_file: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The names that each file of the wheel needs, directly or through others."""


def find_needed(contents: WheelContents, host: Host, *, exclude: tuple[str, ...], runtime: Runtime) -> Needed:
    """Return what ``contents``, loaded as on ``host``, needs, its tag does not promise, and the host's root has.

    ``exclude``: names of libraries, and patterns, that stay outside; ``runtime``: returns the compiler's own copy of a
    library. A library that needs a newer C library than the tag promises is left out, with all that comes with it: the
    audit refuses the wheel for it, and says what would do.
    """
    finder = _Finder.for_host(host, exclude=exclude, runtime=runtime)
    libraries: dict[str, FoundLibrary] = {}
    by_file: dict[str, tuple[str, ...]] = {}
    for elf in contents.elf_files:
        if not is_for(elf, host.platform):
            continue
        inside = contents.loading.of_wheel(elf)
        found: dict[str, FoundLibrary] = {}
        for soname in (one for one in elf.needed if one not in inside):
            found |= finder.with_closure(soname, elf)
        if found:
            libraries |= found
            by_file[elf.name] = tuple(found)
    return Needed(libraries=libraries, by_file=by_file)


@dataclass(frozen=True, kw_only=True)
class _Finder:
    platform: Platform
    search: LibrarySearch | None
    outside: Callable[[str], bool]
    """Whether a library stays outside of wheels."""
    runtime: Runtime

    @classmethod
    def for_host(cls, host: Host, *, exclude: tuple[str, ...], runtime: Runtime) -> _Finder:
        promised = promised_libraries(_policed(host.platform))

        def outside(soname: str) -> bool:
            excluded = any(fnmatchcase(soname, pattern) for pattern in exclude)
            of_host = is_libc(soname, host.platform.libc) or LIBPYTHON.fullmatch(soname) is not None
            return excluded or of_host or soname in promised

        search = LibrarySearch.from_host(host) if host.sysroot else None
        # A host whose root is / has the libraries of this machine.
        own = search is not None and search.root != Path("/")
        return cls(platform=host.platform, search=search if own else None, outside=outside, runtime=runtime)

    def with_closure(self, soname: str, needing: ElfFile) -> dict[str, FoundLibrary]:
        """Return ``soname`` and what is loaded with it; nothing if one of these is too new."""
        found: dict[str, FoundLibrary] = {}
        ahead = [(soname, self._paths(needing, None, ()))]
        while ahead:
            name, paths = ahead.pop(0)
            library = None if name in found or self.outside(name) else self._find(name, paths)
            if library:
                found[name] = library
                own = self._paths(library.provider.elf, library.provider.file, paths.inherited if paths else ())
                ahead += [(other, own) for other in library.provider.elf.needed]
        return {} if any(map(self._is_too_new, found.values())) else found

    def _paths(self, elf: ElfFile, file: Path | None, inherited: tuple[str, ...]) -> SearchPath | None:
        if self.search is None or (file and not file.is_relative_to(self.search.root)):
            return None
        return self.search.path_of(elf, file, inherited)

    def _find(self, soname: str, paths: SearchPath | None) -> FoundLibrary | None:
        # The compiler's own first: it linked against that, and the root's may be older.
        own = self._of_compiler(soname)
        if own or self.search is None:
            return own
        provider = self.search.find(soname, paths.directories if paths else ())
        return FoundLibrary(provider=provider, root=self.search.root) if provider and provider.fits else None

    def _of_compiler(self, soname: str) -> FoundLibrary | None:
        file = self.runtime(soname)
        elf = read_elf(soname, file.read_bytes(), symbols=False) if file else None
        if file is None or elf is None or not is_for(elf, self.platform):
            return None
        return FoundLibrary(provider=Provider(soname=soname, file=file, elf=elf, fits=True), root=None)

    def _is_too_new(self, library: FoundLibrary) -> bool:
        limit, floor = self.platform.libc_version, needed_floor([library.provider.elf])
        return self.platform.libc == "glibc" and limit is not None and floor is not None and floor > limit


def _policed(platform: Platform) -> Platform:
    """Return ``platform`` with a tag that promises libraries; a real host has those, too."""
    return replace(platform, tag_family="manylinux" if platform.libc == "glibc" else "musllinux")
