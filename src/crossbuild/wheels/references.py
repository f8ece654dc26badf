"""Where a wheel's files lead: run paths, and paths of this machine."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from crossbuild.platforms.system_directories import library_directories
from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.host_libraries import LibrarySearch
from crossbuild.wheels.loader import spellings
from crossbuild.wheels.loading import PREFIX, SITE, installed_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.host.model import Host
    from crossbuild.platforms.elf import ElfFile
    from crossbuild.platforms.platform import Platform
    from crossbuild.wheels.wheel_contents import NamedPath, WheelContents

_LINKED_FIX = (
    "Build without RPATH (CMake: CMAKE_INSTALL_RPATH=$ORIGIN or CMAKE_SKIP_RPATH), or build for a root of the host "
    "that has the directory."
)
_SHOWN = 5


def place_problems(contents: WheelContents, host: Host) -> Iterator[WheelFinding]:
    """Yield a problem for each run path that the host does not have, and each script that names this machine."""
    search = LibrarySearch.from_host(host) if is_measured(host) else None
    for elf in contents.elf_files:
        for path in elf.search_paths:
            if path.startswith("/") and not _is_of_host(path, host, search):
                text = f"its RPATH holds {path}, which is not a directory of the host"
                yield WheelFinding(id="foreign-run-path", file=elf.name, text=text, fix=_LINKED_FIX, of_build=True)
    for named in contents.named_paths:
        if named.is_run:
            text = f"names {named.path}, a path of the build machine"
            yield WheelFinding(id="build-path-in-script", file=named.file, text=text)


def place_warnings(contents: WheelContents, platform: Platform) -> Iterator[WheelFinding]:
    """Yield a warning for each RPATH that leads elsewhere on each host, and for files that name this machine."""
    for elf in contents.elf_files:
        for path in _outward(elf, contents, platform):
            text = f"its RPATH holds {path}, which leads out of where wheels are installed"
            yield WheelFinding(id="outside-run-path", file=elf.name, text=text)
        for path in elf.search_paths:
            if not path.startswith(("/", "$ORIGIN", "${ORIGIN}")):
                text = f"its RPATH holds {path!r}, which depends on the current directory"
                yield WheelFinding(id="relative-run-path", file=elf.name, text=text)
    named = [each for each in contents.named_paths if not each.is_run]
    for each in named[:_SHOWN]:
        yield WheelFinding(id="build-path", file=each.file, text=f"names {each.path}, a path of the build machine")
    if more := _files(named[_SHOWN:]) - _files(named[:_SHOWN]):
        text = f"{len(more)} more files name paths of the build machine, such as {min(more)}"
        yield WheelFinding(id="build-path", file=contents.path.name, text=text)


def _outward(elf: ElfFile, contents: WheelContents, platform: Platform) -> Iterator[str]:
    """Yield the run paths that lead from ``elf`` to where neither files of this wheel nor other packages are."""
    place = installed_path(elf.name)
    top = SITE if place.startswith(f"{SITE}/") else PREFIX
    for path in elf.search_paths:
        found = spellings(path, origin=posixpath.dirname(place), platform=platform) if "ORIGIN" in path else []
        directories = {posixpath.normpath(each) for each in found}
        if directories and not any(_is_below(each, top) for each in directories):
            own = (posixpath.dirname(installed_path(name)) for name in contents.files)
            if directories.isdisjoint(own):
                yield path


def is_measured(host: Host) -> bool:
    """Whether the host's root tells what the host has. The sysroot of a tag that promises libraries does not."""
    return host.sysroot is not None and host.platform.tag_family == "linux"


def _is_of_host(path: str, host: Host, search: LibrarySearch | None) -> bool:
    found = spellings(path, origin="", platform=host.platform)
    if search and any(map(search.has_directory, found)):
        return True
    # A synthesised host has the directories of the build Python it was made from.
    if host.synthesised:
        return False
    own = str(host.build_time_vars.get("LIBDIR") or "")
    return any(each.rstrip("/") in library_directories(host.platform) or _is_below(each, own) for each in found)


def _is_below(path: str, directory: str) -> bool:
    return bool(directory) and (path + "/").startswith(directory.rstrip("/") + "/") and ".." not in path.split("/")


def _files(named: list[NamedPath]) -> set[str]:
    return {each.file for each in named}
