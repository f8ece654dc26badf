"""The C and C++ libraries that zig compiles for each host when they are first needed, and keeps: why that takes long.

zig names what it keeps by digests. So files beside that, made by crossbuild, tell for which hosts there is something.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from crossbuild.toolchain.zig import zig_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crossbuild.platforms.platform import Platform
    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.model import Toolchain


def library_name(language: str, platform: Platform) -> str:
    """Return the name of the file that tells that zig has compiled its library of ``language`` for ``platform``.

    compiler.sh makes that for C++.
    """
    # The target leaves the CPU open.
    return f"{language}-{zig_target(platform)}-{platform.architecture.name}"


SLOW = "slow"
"""The file of a build's record that is there as soon as its compilers have to wait for the C++ library."""
SLOW_NOTE = "zig first compiles its C++ library for this host, once for all builds: that takes some minutes"


@contextmanager
def told_if_first(toolchain: Toolchain, cache: Cache, tell: Callable[[str], None]) -> Iterator[None]:
    """Let ``tell`` know if zig is the first time used for a host in the block, and remember that it was."""
    if toolchain.kind != "zig":
        yield
        return
    platform = toolchain.platform
    mark = cache.root / "zig" / library_name("c", platform)
    if not mark.exists():
        tell("zig first compiles parts of its C library for this host, once for all builds: that takes a while")
    yield
    with suppress(OSError):
        mark.touch()
