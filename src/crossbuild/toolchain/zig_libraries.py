"""The C and C++ libraries that zig compiles for each host when they are first needed, and keeps: why that takes long.

zig names what it keeps by digests. So a file beside that, made by crossbuild, tells that the C library of a host is
there, and a directory holds a copy of the C++ library, which hosts share.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from crossbuild.toolchain.zig import oldest_zig_target, zig_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crossbuild.platforms.platform import Platform
    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.model import Toolchain


def cxx_library_name(platform: Platform) -> str:
    """Return the name of the directory in zig's cache where compiler.sh keeps the C++ library for ``platform``."""
    # The target leaves the CPU open.
    return f"c++-{oldest_zig_target(platform)}-{platform.architecture.name}"


SLOW = "slow"
"""The file of a build's record that is there as soon as its compilers have to wait for the C++ library."""
SLOW_NOTE = "zig first compiles its C++ library for this architecture, once for all builds: that takes some minutes"


@contextmanager
def told_if_first(toolchain: Toolchain, cache: Cache, tell: Callable[[str], None]) -> Iterator[None]:
    """Let ``tell`` know if zig is the first time used for a host in the block, and remember that it was."""
    if toolchain.kind != "zig":
        yield
        return
    platform = toolchain.platform
    mark = cache.root / "zig" / f"c-{zig_target(platform)}-{platform.architecture.name}"
    if not mark.exists():
        tell("zig first compiles parts of its C library for this host, once for all builds: that takes a while")
    yield
    with suppress(OSError):
        mark.touch()
