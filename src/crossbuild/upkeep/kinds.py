"""The kinds of cache entries: what they are, and whether another version of crossbuild made them for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild import __version__
from crossbuild.system.kept_places import KEPT_BUILDS
from crossbuild.toolchain.zig import ZIG_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

DESCRIPTIONS: Mapping[str, str] = {
    "sdists": "downloaded sdists",
    "wheels": "downloaded wheels",
    "metadata": "downloaded metadata",
    "host-wheels": "wheels that were built",
    "wheel-metadata": "metadata from build backends",
    "interfaces": "comparisons of headers",
    "zig-compiler": "zig",
    "zig": "C libraries that zig compiled",
    "armv5-atomics": "atomic operations for ARMv5",
    "compilers": "compilers for hosts",
    "build-compilers": "compilers for this machine",
    "host": "measured hosts",
    "headers": "headers of described hosts",
    "cross-python": "cross Pythons",
    "export": "files that exports refer to",
    "sysroot": "sysroots",
    "tools": "programs and libraries of Debian for this machine",
    "host-pythons": "Pythons for tests on hosts",
    "durations": "how long builds took",
    "empty": "an empty directory",
    "apt": "package lists and packages",
    KEPT_BUILDS: "kept build directories",
}
"""What the entries of each kind are. A kind is the name of a directory, but for the build directories."""
_FOR_ANY_VERSION = frozenset(
    ("sdists", "wheels", "metadata", "zig", "durations", "sysroot", "tools", "host-pythons", "apt", KEPT_BUILDS)
)
"""Those that the next version uses, too. The others it makes again, some only since it looks for other keys."""

FOR_ENVIRONMENTS = frozenset(
    (
        *("zig-compiler", "zig", "armv5-atomics", "compilers", "build-compilers"),
        *("host", "headers", "cross-python", "sysroot", "empty"),
    )
)
"""Those that a cross environment needs as long as it is there."""


def is_of_another_version(kind: str, key: str, version: str) -> bool:
    """Return whether this version does not use an entry that ``version`` used last; that is empty if unknown."""
    if kind in _FOR_ANY_VERSION or version in {"", __version__}:
        return False
    return kind != "zig-compiler" or key != ZIG_VERSION
