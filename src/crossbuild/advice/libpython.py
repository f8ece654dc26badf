"""A libpython that a build asked for, on a host that has none."""

from __future__ import annotations

import re

# FindPython's component Development includes Development.Embed, so CMake's message names what nobody asked for.
_OF_CMAKE = re.compile(
    r"Could NOT\s+find\s+Python(?:3|Libs)?\s+\(missing:[^()]*\b(?:Development\.Embed|\w+_LIBRAR(?:Y|IES))\b"
)
_OF_OTHERS = re.compile(
    r"cannot find -lpython3|unable to find (?:library -l|\w+ system library ['\"])python3"
    r"|Dependency [\"']python-?[\d.]*-embed[\"'] not found|No package 'python-?[\d.]*-embed' found"
    r"|Python dependency not found"
)


def libpython_lines(output: str) -> tuple[str, ...]:
    """Return what to do if the ``output`` of a build says that it found no libpython; nothing if it does not."""
    asked = _OF_CMAKE.search(output)
    if not asked and not _OF_OTHERS.search(output):
        return ()
    enough = (
        "CMake's component Development includes it; find_package(Python COMPONENTS Interpreter Development.Module) is "
        "enough for an extension."
        if asked
        else "An extension is not linked to it: in pkg-config, python-3.X.pc is enough, without -embed."
    )
    return (
        "The build looked for libpython, which only programs that embed Python need; the host has none.",
        enough,
        "For a program, build for a host that has one: debian:bookworm:arm64, or a root with libpython3.X-dev.",
    )
