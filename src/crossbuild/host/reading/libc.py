"""Which version of its C library a host has.

Sources: glibc's libc.so.6 defines a symbol version for every release that added symbols; musl's loader holds its
version as text, which it prints when it is run by hand (ldso/dynlink.c, src/internal/version.c).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.reading.binaries import HostBinary
from crossbuild.host.reading.files import follow, read_file
from crossbuild.platforms.system_directories import library_names
from crossbuild.system.rooted_paths import directories_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crossbuild.platforms.platform import Platform

_LARGEST_MUSL = 8 << 20
"""Bytes; real ones have less than one million."""


def with_libc(platform: Platform, *, root: Path | None, binaries: Iterable[HostBinary] = ()) -> tuple[Platform, str]:
    """Return ``platform`` with the version of its C library in ``root``, and what tells it: a file, or a few words.

    Without a libc there: for glibc the newest version that the host Python's own ``binaries`` need, which the host is
    sure to have; for musl no version, since nothing else tells.
    """
    search = _musl if platform.libc == "musl" else _glibc
    found = next(search(platform, root), None) if root else None
    if found:
        return replace(platform, libc_version=found[1]), str(found[0])
    needed = (version for binary in binaries for version in binary.versions_needed)
    version = None if platform.libc == "musl" else _newest_glibc(needed)
    return replace(platform, libc_version=version), "what its Python is linked to"


def _glibc(platform: Platform, root: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    for file in _candidates(platform, root, "libc.so.6"):
        binary = _facts_for(platform, file)
        version = _newest_glibc(binary.elf.version_definitions) if binary else None
        if version:
            yield file, version


def _newest_glibc(versions: Iterable[str]) -> tuple[int, int] | None:
    found = [re.fullmatch(r"GLIBC_(2)\.(\d{1,3})(?:\.\d+)?", version) for version in versions]
    return max(((int(match[1]), int(match[2])) for match in found if match), default=None)


def _musl(platform: Platform, root: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    for pattern in ("ld-musl-*.so.1", "libc.so"):
        for file in _candidates(platform, root, pattern):
            if _facts_for(platform, file):
                text = read_file(file, limit=_LARGEST_MUSL)
                versions = set(re.findall(rb"\0(\d)\.(\d{1,2})\.\d{1,2}(?:-git[^\0]*)?\0", text))
                # Nothing marks the text as the version. Several of that form would make it a guess.
                if b"musl libc" in text and len(versions) == 1:
                    major, minor = versions.pop()
                    yield file, (int(major), int(minor))


def _candidates(platform: Platform, root: Path, pattern: str) -> Iterator[Path]:
    # What somebody has installed in /usr/local is not what the host's Python runs with.
    places = (f"{prefix}/{name}" for name in library_names(platform) for prefix in ("", "/usr"))
    for directory in directories_in(root, places):
        for file in sorted(directory.glob(pattern)):
            yield follow(file, root=root)


def _facts_for(platform: Platform, file: Path) -> HostBinary | None:
    """Return the facts of ``file`` if it is a binary for ``platform``'s machine; a linker script is none."""
    try:
        binary = HostBinary.from_file(file)
        fits = binary.architecture.abi == platform.architecture.abi
    except HostError:
        return None
    return binary if fits else None
