"""The libraries that a wheel needs of the host, and which of them the host's root has.

Nothing is loaded or run: the files are looked for as the host's loader would, inside the root.
Sources: ld.so(8) and ldconfig(8) (where the loader looks; that it passes over files for another machine), FHS and
Debian's multiarch specification (the directories), musl's ldso/dynlink.c (``/etc/ld-musl-*.path``), dpkg(1)
(``/var/lib/dpkg/info/*.list``: one path a line).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.reading.files import follow, read_file, read_text
from crossbuild.platforms.elf import read_elf
from crossbuild.platforms.system_directories import library_directories
from crossbuild.system.rooted_paths import directories_in
from crossbuild.wheels.loader import SearchPath
from crossbuild.wheels.machine_code import is_for, is_libc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crossbuild.host.model import Host
    from crossbuild.platforms.elf import ElfFile
    from crossbuild.platforms.platform import Platform
    from crossbuild.wheels.wheel_contents import WheelContents

_LARGEST = 1 << 30
"""Bytes of a shared library; the largest real ones have about a tenth of it."""
_GLIBC = ("libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1")
"""Since 2.34, all but the first two are empty."""
_MOST_INCLUDES = 200
"""How many files of ld.so.conf are read: they may include one another."""


@dataclass(frozen=True, kw_only=True)
class HostLibrary:
    """A library that the host must have for the wheel to load."""

    soname: str
    package: str = ""
    """The Debian package that owns it in the host's root; empty where nothing tells."""
    path: str = ""
    """Where the host has it: ``/usr/lib/aarch64-linux-gnu/libz.so.1``; empty where it is not in the host's root."""

    def __str__(self) -> str:
        """Return ``libz.so.1 (zlib1g)``."""
        return f"{self.soname} ({self.package})" if self.package else self.soname


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A library as the host's root has it."""

    soname: str
    """The name that it is needed by."""
    file: Path
    """On this machine, inside the root; maybe a link."""
    elf: ElfFile
    fits: bool
    """Whether it is for the host's machine. What is not is passed over by the loader."""


@dataclass(frozen=True, kw_only=True)
class HostLibraries:
    """What the host's root has of the libraries that a wheel needs, directly or through others."""

    root: Path | None = None
    """None if the host has no root; then nothing is known."""
    providers: Mapping[str, Provider] = field(default_factory=dict)
    """By soname, without the C library."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """The sonames that are not in the root, each with what needs it: a file of the wheel, or a library."""
    libc: tuple[Path, ...] = ()
    """The C library's files in the root."""

    def closure(self, soname: str, *, passing_over: frozenset[str]) -> list[Provider]:
        """Return what is loaded with ``soname``, itself included, but for what is in ``passing_over``."""
        seen: dict[str, Provider] = {}
        ahead = [soname]
        while ahead:
            name = ahead.pop()
            provider = self.providers.get(name)
            if provider and name not in seen and name not in passing_over:
                seen[name] = provider
                ahead += provider.elf.needed
        return list(seen.values())


def external_libraries(contents: WheelContents, platform: Platform) -> dict[str, tuple[str, ...]]:
    """Return the libraries that the host is to have, its C library aside, each with the files that need it.

    Those that the wheel has, if in the wrong place, are not meant to come from the host.
    """
    found: dict[str, tuple[str, ...]] = {}
    for elf in contents.elf_files:
        for library in elf.needed:
            if library not in contents.loading.of_wheel(elf) and not is_libc(library, platform.libc):
                found[library] = (*found.get(library, ()), elf.name)
    return found


def find_libraries(contents: WheelContents, host: Host) -> HostLibraries:
    """Look for what ``contents`` needs in the root of ``host``, and for what that needs in turn.

    A root that holds no C library is one without libraries: of it, nothing is said to be missing.
    """
    if host.sysroot is None:
        return HostLibraries()
    search = LibrarySearch.from_host(host)
    providers: dict[str, Provider] = {}
    missing: dict[str, str] = {}
    direct = {elf.name for elf in contents.elf_files}
    ahead = [
        (library, elf, search.path_of(elf, None))
        for elf in contents.elf_files
        for library in elf.needed
        if library not in contents.loading.inside.get(elf.name, ())
    ]
    # Breadth first, as the loader does it: a library that is loaded already serves the others.
    while ahead:
        soname, needing, path = ahead.pop(0)
        # What is loaded already counts for libraries; each file of the wheel may be loaded by itself.
        if is_libc(soname, host.platform.libc) or (soname in providers and needing.name not in direct):
            continue
        provider = search.find(soname, path.directories)
        if provider is None:
            missing.setdefault(soname, needing.name)
        elif soname not in providers:
            providers[soname] = provider
            own = search.path_of(provider.elf, provider.file, path.inherited)
            ahead += [(library, provider.elf, own) for library in provider.elf.needed if provider.fits]
    libc = search.libc()
    return HostLibraries(root=search.root, providers=providers, missing=missing if libc else {}, libc=libc)


def describe_libraries(sonames: Iterable[str], libraries: HostLibraries) -> tuple[HostLibrary, ...]:
    """Return ``sonames`` as the host has them, each with the Debian package that owns it if the root tells."""
    names = sorted(sonames)
    fitting = {name: found for name in names if (found := libraries.providers.get(name)) and found.fits}
    spellings = {name: tuple(_spellings(found.file, libraries.root)) for name, found in fitting.items()}
    wanted = frozenset(path for paths in spellings.values() for path in paths)
    owners = _owners(libraries.root, wanted) if libraries.root and wanted else {}
    return tuple(
        HostLibrary(
            soname=name,
            package=next((owners[path] for path in spellings.get(name, ()) if path in owners), ""),
            path=next(iter(spellings.get(name, ())), ""),
        )
        for name in names
    )


@dataclass(frozen=True, kw_only=True)
class LibrarySearch:
    """The loader's way through a root: the directories that it looks in, and what it finds there."""

    root: Path
    platform: Platform
    directories: tuple[str, ...]
    """As on the host, the first to be searched first."""
    _found: dict[tuple[str, tuple[str, ...]], Provider | None] = field(default_factory=dict)
    """Many files need the same libraries."""

    @classmethod
    def from_host(cls, host: Host) -> LibrarySearch:
        """Return the way through the sysroot of ``host``, or through this machine where it has none."""
        root = follow(host.sysroot or Path("/"))
        recorded = str(host.build_time_vars.get("LIBDIR") or "")
        # A synthesised host has the directories of the build Python it was made from.
        own = (recorded,) if recorded.startswith("/") and not host.synthesised else ()
        known = _of_musl(root) if host.platform.libc == "musl" else ()
        directories = (*(known or (*_configured(root), *library_directories(host.platform))), *own)
        return cls(root=root, platform=host.platform, directories=tuple(dict.fromkeys(directories)))

    def find(self, soname: str, first: tuple[str, ...]) -> Provider | None:
        """Return the library for the host's machine, or else one for another, or None."""
        if (soname, first) not in self._found:
            self._found[soname, first] = self._look_for(soname, first)
        return self._found[soname, first]

    def _look_for(self, soname: str, first: tuple[str, ...]) -> Provider | None:
        foreign: Provider | None = None
        # A name with a slash is a path, which is looked for nowhere else.
        directories = (*first, *self.directories) if "/" not in soname else ("",) if soname.startswith("/") else ()
        for directory in directories:
            provider = self._read(soname, self.root / f"{directory}/{soname}".lstrip("/"))
            if provider and provider.fits:
                return provider
            foreign = foreign or provider
        return foreign

    def _read(self, soname: str, file: Path) -> Provider | None:
        try:
            real = follow(file, root=self.root)
            if not real.is_file():
                return None
            elf = read_elf(soname, read_file(real, limit=_LARGEST), symbols=False)
        except (HostError, OSError, ValueError):
            return None
        return Provider(soname=soname, file=file, elf=elf, fits=is_for(elf, self.platform))

    def path_of(self, elf: ElfFile, file: Path | None, inherited: tuple[str, ...] = ()) -> SearchPath:
        """Return the directories that ``elf`` adds, loaded for others with ``inherited`` ones.

        ``file`` is where it is, if in the root.
        """
        place = follow(file, root=self.root).parent if file else None
        origin = f"/{place.relative_to(self.root)}" if place else ""
        return SearchPath.of_file(elf, origin=origin, platform=self.platform, inherited=inherited)

    def has_directory(self, path: str) -> bool:
        """Return whether ``path`` is a directory of the root."""
        return bool(directories_in(self.root, [path]))

    def libc(self) -> tuple[Path, ...]:
        """Return the C library's files, as far as they are for the host's machine."""
        names = _GLIBC if self.platform.libc == "glibc" else ("libc.so", *_musl(self.root))
        found = [each for name in names if (each := self.find(name, ())) and each.fits]
        # The loader is among what libc.so.6 needs.
        found += [
            each for name in (found[0].elf.needed if found else ()) if (each := self.find(name, ())) and each.fits
        ]
        return tuple(dict.fromkeys(follow(each.file, root=self.root) for each in found))


def _musl(root: Path) -> list[str]:
    return sorted(file.name for place in directories_in(root, ["/lib"]) for file in place.glob("ld-musl-*.so.1"))


def _of_musl(root: Path) -> tuple[str, ...]:
    """Return the directories of musl's own configuration, which takes the place of its usual ones."""
    files = sorted(file for place in directories_in(root, ["/etc"]) for file in place.glob("ld-musl-*.path"))
    return tuple(words[0] for file in files for words in _lines(root, f"/{file.relative_to(root)}"))


def _configured(root: Path) -> Iterator[str]:
    """Yield the directories that ``/etc/ld.so.conf`` names, with the files that it includes (ldconfig(8))."""
    ahead = ["/etc/ld.so.conf"]
    for _ in range(_MOST_INCLUDES):
        if not ahead:
            return
        for words in _lines(root, ahead.pop(0)):
            if words[0] == "include":
                ahead += [f"/{file.relative_to(root)}" for pattern in words[1:] for file in _included(root, pattern)]
            elif words[0].startswith("/"):
                yield words[0].partition("=")[0]


def _lines(root: Path, name: str) -> Iterator[list[str]]:
    try:
        text = read_text(follow(root / name.lstrip("/"), root=root))
    except HostError:
        return
    for line in re.split(r"[\n:,]", text):
        words = line.partition("#")[0].split()
        if words:
            yield words


def _included(root: Path, pattern: str) -> list[Path]:
    found = [root]
    for part in PurePosixPath("/etc", pattern).parts[1:]:
        places = directories_in(root, [f"/{place.relative_to(root)}" for place in found])
        found = [file for place in places for file in sorted(place.glob(part)) if part != ".."]
    return found


def _spellings(file: Path, root: Path | None) -> Iterator[str]:
    """Yield what ``file`` may be called on the host: the path itself, what it links to, each with and without /usr."""
    if root is None:
        return
    # dpkg's lists have the paths of the package, with /usr or without. Where /usr is merged, the file has both.
    for path in (file, follow(file, root=root)):
        name = f"/{path.relative_to(root)}"
        yield name
        yield name.removeprefix("/usr") if name.startswith("/usr/") else f"/usr{name}"


def _owners(root: Path, paths: frozenset[str]) -> dict[str, str]:
    """Return the package that owns each of ``paths``, as far as the root's dpkg database tells."""
    found: dict[str, str] = {}
    (database,) = directories_in(root, ["/var/lib/dpkg/info"]) or (root,)
    for listing in sorted(database.glob("*.list")):
        try:
            lines = read_text(follow(listing, root=root), limit=_LARGEST).splitlines()
        except HostError:
            continue
        # NAME:ARCHITECTURE.list for packages that can be installed for several.
        package = listing.name.removesuffix(".list").partition(":")[0]
        for path in paths.intersection(lines):
            found.setdefault(path, package)
    return found
