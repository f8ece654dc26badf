"""Can the host provide the libraries that a wheel needs of it?

A tag that promises a C library promises others, too (PEP 600): those are the policy's matter, and the root that the
wheel was linked against only tells what else it takes to ship the rest. Every other host is measured by its root.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.errors import SysrootError
from crossbuild.platforms.elf import defined_versions
from crossbuild.sysroot.names import SysrootName
from crossbuild.toolchain.runtime_libraries import RUNTIME_LIBRARY
from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.host_libraries import external_libraries
from crossbuild.wheels.machine_code import describe_machine, glibc_version, is_libc, needed_floor
from crossbuild.wheels.manylinux import promised_libraries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crossbuild.platforms.elf import ElfFile
    from crossbuild.platforms.platform import Platform
    from crossbuild.wheels.host_libraries import HostLibraries, Provider
    from crossbuild.wheels.wheel_contents import WheelContents

_NUMBERED = re.compile(r"(?P<family>.*?)_?(?P<number>\d+(?:\.\d+)*)")


def provision_problems(contents: WheelContents, platform: Platform, libraries: HostLibraries) -> Iterator[WheelFinding]:
    """Yield a problem for each library that the host has, but not so that it serves the wheel.

    For a host that promises no libraries: those for another machine, and those without a symbol version that the wheel
    needs. What is not in the root at all is a warning: see :func:`provision_warnings`. For a promised glibc: those that
    would have to come along with the wheel, but need a newer one, and static ones in it that do.
    """
    if platform.tag_family != "linux":
        yield from _floor_problems(contents, platform, libraries)
        yield from _unversioned_problems(contents, platform, libraries)
        return
    for library, files in external_libraries(contents, platform).items():
        provider = libraries.providers.get(library)
        if provider and not provider.fits:
            text = f"needs {library}, and the host's is {describe_machine(provider.elf)} code ({provider.file})"
            yield WheelFinding(id="foreign-library", file=files[0], text=text, fix=_linked_elsewhere(library, platform))
    for elf in contents.elf_files:
        yield from _version_problems(elf, platform, libraries, contents.loading.of_wheel(elf))


def _version_problems(
    elf: ElfFile, platform: Platform, libraries: HostLibraries, provided: frozenset[str]
) -> Iterator[WheelFinding]:
    for library in dict.fromkeys(need.library for need in elf.version_needs):
        provider = libraries.providers.get(library)
        # The C library's own versions are compared with the floor of the host, in machine_code.
        if provider is None or not provider.fits or library in provided or is_libc(library, platform.libc):
            continue
        # Of a library without any versions the loader takes the symbols as they are.
        defined = provider.elf.version_definitions
        lacking = [
            need.version for need in elf.version_needs if need.library == library and need.version not in defined
        ]
        # A library that defines GLIBCXX_3.4.30 defines the older ones, too, so the newest says it all.
        for version in _newest_of_each_family(lacking if defined else ()):
            text = f"needs {version} of {library}, and {_newest_defined(version, provider)}"
            fix = (
                _older_compiler(library) if RUNTIME_LIBRARY.fullmatch(library) else _linked_elsewhere(library, platform)
            )
            yield WheelFinding(id="older-library", file=elf.name, text=text, fix=fix)


def _newest_of_each_family(versions: Iterable[str]) -> list[str]:
    newest: dict[str, str] = {}
    for version in sorted(versions, key=_order):
        newest[_family(version)] = version
    return list(newest.values())


def _newest_defined(version: str, provider: Provider) -> str:
    family = _family(version)
    defined = [each for each in provider.elf.version_definitions if _family(each) == family]
    if not defined:
        return f"the host's ({provider.file}) defines no such version"
    return f"the newest that the host's defines is {max(defined, key=_order)} ({provider.file})"


def _family(version: str) -> str:
    found = _NUMBERED.fullmatch(version)
    return found["family"] if found else version


def _order(version: str) -> tuple[int, ...]:
    found = _NUMBERED.fullmatch(version)
    return tuple(map(int, found["number"].split("."))) if found else ()


def _older_compiler(library: str) -> str:
    return (
        f"The compiler is newer than the host's {library}. Use --toolchain zig, which links its own C++ library "
        "statically, or a GNU compiler that is no newer than the host's."
    )


def _linked_elsewhere(library: str, platform: Platform) -> str:
    return (
        f"The wheel was linked against another {library} than the host's: look for a -L or a pkg-config path of the "
        f"build machine in the log, or install the library for {platform.multiarch} in the host's root."
    )


def _floor_problems(contents: WheelContents, platform: Platform, libraries: HostLibraries) -> Iterator[WheelFinding]:
    limit = platform.libc_version
    if platform.libc != "glibc" or limit is None or not libraries.providers:
        return
    # What the tag promises is the host's own: its copy in the sysroot never gets there.
    promised = promised_libraries(platform)
    problems: list[tuple[str, str, str]] = []
    newest = limit
    for library, files in external_libraries(contents, platform).items():
        for provider in libraries.closure(library, passing_over=promised):
            floor = needed_floor([provider.elf])
            if floor and floor > limit:
                way = "" if provider.soname == library else f" through {library}"
                newest = max(newest, floor)
                text = f"needs {provider.soname}{way}, and {_needing(provider, floor, platform)}"
                problems.append((files[0], text, library))
    for file, text, library in dict.fromkeys(problems):
        yield WheelFinding(id="newer-library", file=file, text=text, fix=_ways(platform, newest), library=library)


def _needing(provider: Provider, floor: tuple[int, int], platform: Platform) -> str:
    return (
        f"the sysroot's ({provider.file}) needs glibc {floor[0]}.{floor[1]}, newer than {platform.wheel_tag} promises"
    )


def _ways(platform: Platform, newest: tuple[int, int]) -> str:
    return (
        f"Either ask for --host {_tag(newest, platform)}, whose wheels can hold the libraries, or build for a real "
        f"host or linux_{platform.architecture.name}, where the host's own libraries are used. For "
        f"{platform.wheel_tag}, link the libraries statically, or give a directory with some that were built for "
        f"{platform.libc_text}: --sysroot DIR.{_oldest(platform)}"
    )


def _oldest(platform: Platform) -> str:
    """Return what the oldest release is whose libraries crossbuild can fetch."""
    try:
        return f" The oldest release that crossbuild can fetch is {SysrootName.oldest_for(platform)}."
    except SysrootError:
        return ""


def _unversioned_problems(
    contents: WheelContents, platform: Platform, libraries: HostLibraries
) -> Iterator[WheelFinding]:
    """Yield a problem for each file with symbols that the linker did not find in the promised glibc.

    It leaves such symbols to the loader, with no version; static libraries that were compiled for a newer glibc bring
    them: ``__isoc23_strtol`` instead of ``strtol`` since 2.38.
    """
    limit = platform.libc_version
    loose = {elf.name: names for elf in contents.elf_files if (names := _loose_symbols(elf))}
    if platform.libc != "glibc" or limit is None or not loose or not libraries.libc:
        return
    came = _first_glibc(libraries.libc)
    for file, names in loose.items():
        newer = {name: came[name] for name in sorted(names) if came.get(name, limit) > limit}
        if newer:
            floor = max(newer.values())
            text = (
                f"uses {', '.join(newer)}, which came with glibc {floor[0]}.{floor[1]}, and {platform.libc_text} lacks"
            )
            yield WheelFinding(id="newer-glibc", file=file, text=text, fix=_older_sysroot(platform, floor))


def _loose_symbols(elf: ElfFile) -> frozenset[str]:
    return elf.undefined - elf.weak - {symbol for need in elf.version_needs for symbol in need.symbols}


def _first_glibc(files: Iterable[Path]) -> dict[str, tuple[int, int]]:
    """Return the glibc that each symbol came with; symbols that are private or of no known version are left out."""
    came: dict[str, tuple[int, int]] = {}
    for file in files:
        for name, versions in defined_versions(file.read_bytes()).items():
            known = [version for text in versions if (version := glibc_version(text))]
            if known and name not in came:
                came[name] = min(known)
    return came


def _older_sysroot(platform: Platform, floor: tuple[int, int]) -> str:
    return (
        f"A static library of the sysroot was compiled for a newer glibc than {platform.wheel_tag} promises: take the "
        f"sysroot from an older release, or ask for --host {_tag(floor, platform)}."
    )


def _tag(glibc: tuple[int, int], platform: Platform) -> str:
    return "manylinux_{}_{}_{}".format(*glibc, platform.architecture.name)


def provision_warnings(contents: WheelContents, platform: Platform, libraries: HostLibraries) -> Iterator[WheelFinding]:
    """Yield a warning for each library that is not in the host's root, or not where the loader looks.

    That is no proof that the host lacks it: a root may be a part of the host, and libraries may come with another
    package. So it is said and the wheel delivered.
    """
    if platform.tag_family != "linux":
        return
    external = external_libraries(contents, platform)
    strays = {stray.name for stray in contents.loading.strays}
    for library, needing in libraries.missing.items():
        if library in libraries.providers:
            file = libraries.providers[library].file
            text = f"needs {library}, and its run path does not lead to the host's ({file})"
            yield WheelFinding(id="missing-library", file=needing, text=text)
        elif library not in strays:
            first, *others = external.get(library, (needing,))
            more = f" and {len(others)} more" if others else ""
            text = f"needs {library}, which is not in {libraries.root}; the host must get it elsewhere"
            yield WheelFinding(id="missing-library", file=f"{first}{more}", text=text)
