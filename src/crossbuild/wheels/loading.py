"""Does the host's loader find the libraries that a wheel brings along?

A library in a wheel serves a file only if the loader finds it: by its file name, in a directory of a run path. Or if it
is loaded already: that is known of all that one extension loads, but not of what a package loads before it.
"""

from __future__ import annotations

import posixpath
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from crossbuild.wheels.extension_names import suffix_of
from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.loader import SearchPath, spellings
from crossbuild.wheels.machine_code import is_for, is_libc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from crossbuild.host.model import Host
    from crossbuild.platforms.elf import ElfFile
    from crossbuild.platforms.platform import Platform

PREFIX = "/:prefix"
"""Where the wheel is installed: no run path can name this directory, since a colon ends it."""
SITE = f"{PREFIX}/lib/python3/site-packages"
"""Where packages are, unless :func:`installed_path` is told the version of Python."""


@dataclass(frozen=True, kw_only=True)
class Stray:
    """A library that is in the wheel, and not where the loader looks for it."""

    file: ElfFile
    """What cannot be loaded: an extension, a program, or a library that no extension needs."""
    needing: ElfFile
    """What needs the library: the same file, or a library that is loaded for it."""
    name: str
    """What it is needed by."""
    library: ElfFile | None
    """What the wheel has instead; None if it has nothing, and the loader would look in the current directory."""

    @property
    def is_fatal(self) -> bool:
        """Whether an extension lacks what it needs itself. For other files, a program may load that first."""
        return suffix_of(self.needing) is not None

    def __str__(self) -> str:
        """Return what is wrong, as a clause that follows the file's name."""
        through = "" if self.needing is self.file else f" through {self.needing.base_name}"
        if "/" in self.name:
            return f"needs {self.name}{through}, a path that the host does not have"
        if self.library is None or self.library.base_name != self.name:
            held = self.library.name if self.library else "nothing"
            return f"needs {self.name}{through}, and the wheel has that library only as {held}"
        paths = ":".join(self.needing.search_paths)
        where = f"the run path is {paths}" if paths else "there is no run path"
        return f"needs {self.name}{through}, and the loader does not find {self.library.name}: {where}"

    @property
    def fix(self) -> str:
        """What to do about it."""
        if "/" in self.name:
            return "Give the library a soname (-Wl,-soname,NAME), and link it by -L and -l instead of its path."
        if self.library is None or self.library.base_name != self.name:
            return (
                f"A wheel cannot hold the symbolic link {self.name}: name the file like the soname (Meson: soversion "
                "without version; CMake: SOVERSION without VERSION), or link the library statically."
            )
        needing, library = (posixpath.dirname(installed_path(elf.name)) for elf in (self.needing, self.library))
        away = posixpath.relpath(library, needing)
        path = "$ORIGIN" if away == "." else f"$ORIGIN/{away}"
        return (
            f"Link {self.needing.base_name} with -Wl,-rpath,'{path}' (setuptools: runtime_library_dirs; Meson: "
            "install_rpath; CMake: INSTALL_RPATH), or link the library statically."
        )


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where the loader looks for the symbols of an extension or a program: in all that is loaded with it."""

    start: ElfFile
    files: tuple[ElfFile, ...]
    """What is loaded of the wheel, the extension or program itself included."""


@dataclass(frozen=True, kw_only=True)
class Loading:
    """What the loader makes of the files of a wheel."""

    inside: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By file, which of the libraries that it needs are found in the wheel."""
    scopes: tuple[Scope, ...] = ()
    """One for each extension and each program."""
    strays: tuple[Stray, ...] = ()

    def with_found(self, elsewhere: Collection[str]) -> Self:
        """Return it without the strays that are ``elsewhere`` as well, where the loader finds them."""
        return replace(self, strays=tuple(stray for stray in self.strays if stray.name not in elsewhere))

    def of_wheel(self, elf: ElfFile) -> frozenset[str]:
        """Return which of the libraries that ``elf`` needs the wheel brings, be it in the wrong place."""
        strays = {stray.name for stray in self.strays if stray.needing.name == elf.name}
        return self.inside.get(elf.name, frozenset()) | strays


def load(elf_files: Iterable[ElfFile], host: Host) -> Loading:
    """Load each extension and program among the files of a wheel, and the libraries that none of them loads."""
    files = [elf for elf in elf_files if is_for(elf, host.platform)]
    walk = _Walk.through(files, host)
    # Extensions and programs first: a library finds what they have loaded before it. For a library that nothing in the
    # wheel loads, only its own run paths are known.
    started = [elf for elf in files if suffix_of(elf) is not None or elf.interpreter]
    scopes = tuple(Scope(start=elf, files=walk.load(elf)) for elf in started)
    for elf in files:
        if elf.name not in walk.loaded:
            walk.load(elf)
    inside = {name: frozenset(found) for name, found in walk.inside.items()}
    return Loading(inside=inside, scopes=scopes, strays=tuple(dict.fromkeys(walk.strays)))


def stray_problems(loading: Loading) -> Iterator[WheelFinding]:
    """Yield a problem for each extension that needs what the loader does not find."""
    for stray in loading.strays:
        if stray.is_fatal:
            # A package may load its libraries itself before it imports the extension.
            yield WheelFinding(
                id="library-not-found", file=stray.file.name, text=str(stray), fix=stray.fix, tolerable=True
            )


def stray_warnings(loading: Loading) -> Iterator[WheelFinding]:
    """Yield a warning for each library or program that the loader lacks a library for."""
    for stray in loading.strays:
        if not stray.is_fatal:
            yield WheelFinding(id="library-found-late", file=stray.file.name, text=str(stray), fix=stray.fix)


def installed_path(member: str, version: str = "3") -> str:
    """Return where an installer puts the ``member`` of a wheel, below a prefix of Python ``version``."""
    site = f"{PREFIX}/lib/python{version}/site-packages"
    top, _, rest = member.partition("/")
    scheme, _, inside = rest.partition("/")
    schemes = {"scripts": f"{PREFIX}/bin", "data": PREFIX, "headers": f"{PREFIX}/include"}
    schemes |= {"purelib": site, "platlib": site}
    return f"{schemes[scheme]}/{inside}" if top.endswith(".data") and scheme in schemes else f"{site}/{member}"


@dataclass(frozen=True, kw_only=True)
class _Walk:
    platform: Platform
    by_path: dict[str, ElfFile]
    places: dict[str, str]
    """By file name, where it is installed."""
    by_name: dict[str, list[str]]
    """By the last part of their paths, or their sonames, the paths of files."""
    inside: dict[str, set[str]] = field(default_factory=dict)
    strays: list[Stray] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)

    @classmethod
    def through(cls, files: Iterable[ElfFile], host: Host) -> Self:
        places = {elf.name: installed_path(elf.name, host.version) for elf in files}
        by_name: dict[str, list[str]] = {}
        for elf in files:
            for name in {elf.base_name, elf.soname}:
                by_name.setdefault(name, []).append(places[elf.name])
        by_path = {places[elf.name]: elf for elf in files}
        return cls(platform=host.platform, by_path=by_path, places=places, by_name=by_name)

    def load(self, start: ElfFile) -> tuple[ElfFile, ...]:
        """Load ``start`` as the loader does: level by level, and no library twice. Return what is loaded."""
        names = {start.soname: start}
        ahead = deque([(start, self._paths(start, ()))])
        while ahead:
            elf, paths = ahead.popleft()
            self.loaded.add(elf.name)
            places = {posixpath.normpath(path): place for place, path in enumerate(reversed(paths.directories))}
            for needed in elf.needed:
                if is_libc(needed, self.platform.libc):
                    continue
                known = names.get(needed)
                found = known or self._find(needed, elf, places)
                if found is None:
                    self._note(start, elf, needed)
                    continue
                self.inside.setdefault(elf.name, set()).add(needed)
                if not known and found not in names.values():
                    ahead.append((found, self._paths(found, paths.inherited)))
                names |= {needed: found, found.soname or needed: found}
        return tuple({elf.name: elf for elf in names.values()}.values())

    def _paths(self, elf: ElfFile, inherited: tuple[str, ...]) -> SearchPath:
        origin = posixpath.dirname(self.places[elf.name])
        return SearchPath.of_file(elf, origin=origin, platform=self.platform, inherited=inherited)

    def _find(self, needed: str, elf: ElfFile, places: Mapping[str, int]) -> ElfFile | None:
        """Return the file that the loader takes for ``needed``; ``places``: directories, the first with the most."""
        if "/" in needed:
            origin = posixpath.dirname(self.places[elf.name])
            found = map(posixpath.normpath, spellings(needed, origin=origin, platform=self.platform))
            return next((self.by_path[path] for path in found if path in self.by_path), None)
        held = [path for path in self.by_name.get(needed, ()) if posixpath.basename(path) == needed]
        first = max(held, key=lambda path: places.get(posixpath.dirname(path), -1), default="")
        return self.by_path[first] if posixpath.dirname(first) in places else None

    def _note(self, start: ElfFile, needing: ElfFile, needed: str) -> None:
        name = posixpath.basename(needed)
        held = [self.by_path[path] for path in self.by_name.get(name, ()) if self.by_path[path] is not start]
        library = min(held, key=lambda elf: elf.base_name != name, default=None)
        # Other libraries that the wheel does not hold are the host's (host_libraries).
        if library or ("/" in needed and not needed.startswith("/")):
            self.strays.append(Stray(file=start, needing=needing, name=needed, library=library))
