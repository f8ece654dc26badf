"""Which version of its C library a host has.

Sources: glibc's libc.so.6 defines a symbol version for every release that added symbols; musl's loader holds its
version as text, which it prints when it is run by hand (ldso/dynlink.c, src/internal/version.c).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.reading.elf import HostBinary
from crossbuild.host.reading.files import follow, read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crossbuild.platforms import Platform

_LARGEST_MUSL = 8 << 20
"""Bytes; real ones have less than one million."""


def libc_version(platform: Platform, *, root: Path | None, binaries: Iterable[HostBinary]) -> tuple[int, int] | None:
    """Return the version of ``platform``'s C library in ``root``, as (major, minor).

    Without a libc there: for glibc the newest version that the host Python's own ``binaries`` need, which the host is
    sure to have; for musl None, since nothing else tells.
    """
    if platform.libc == "musl":
        return _musl_version(platform, root) if root else None
    defined = _glibc_defined(platform, root) if root else None
    return defined or _newest_glibc(version for binary in binaries for version in binary.versions_needed)


def _glibc_defined(platform: Platform, root: Path) -> tuple[int, int] | None:
    for file in _candidates(platform, root, "libc.so.6"):
        binary = _facts_for(platform, file)
        version = _newest_glibc(binary.elf.version_definitions) if binary else None
        if version:
            return version
    return None


def _newest_glibc(versions: Iterable[str]) -> tuple[int, int] | None:
    found = [re.fullmatch(r"GLIBC_(\d+)\.(\d+)(?:\.\d+)?", version) for version in versions]
    return max(((int(match[1]), int(match[2])) for match in found if match), default=None)


def _musl_version(platform: Platform, root: Path) -> tuple[int, int] | None:
    for pattern in ("ld-musl-*.so.1", "libc.so"):
        for file in _candidates(platform, root, pattern):
            if _facts_for(platform, file):
                text = read_file(file, limit=_LARGEST_MUSL)
                versions = set(re.findall(rb"\0(\d)\.(\d{1,2})\.\d{1,2}(?:-git[^\0]*)?\0", text))
                if b"musl libc" in text and len(versions) == 1:
                    major, minor = versions.pop()
                    return int(major), int(minor)
    return None


def _candidates(platform: Platform, root: Path, pattern: str) -> Iterator[Path]:
    bits = platform.architecture.bits
    libraries = (f"lib/{platform.multiarch}", f"lib{bits}", f"lib{bits}/lp64d", "lib")
    for directory in (start / name for name in libraries for start in (root, root / "usr")):
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
