"""The hosts that a wheel promises to work on, by its tags.

Sources: PEP 425 (tags), PEP 600 and PEP 656 (floors), PEP 384 (the stable ABI), PEP 703 (free-threaded Pythons).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from crossbuild.errors import HostError
from crossbuild.host.tagged import tagged_host
from crossbuild.platforms.platform import Platform
from crossbuild.wheels.findings import RefusedWheelError, WheelFinding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from packaging.tags import Tag

    from crossbuild.host.model import Host
    from crossbuild.wheels.wheel_contents import WheelContents

ANY = "any"
"""The name of the host of wheels for all platforms."""
_ANY = "linux_x86_64"
"""What stands in for all platforms. Code for any machine is wrong in such a wheel."""
_NEWEST, _LAST, _MICROS = 15, 40, 30
"""The newest Python 3 whose tags are known, and how far to look for one that Requires-Python admits."""
_NO_FLOOR = (99, 0)
_PYTHON = re.compile(r"(?P<kind>cp|py)3(?P<minor>\d*)", re.ASCII)

_Python = tuple[tuple[int, int, int], str]
"""A version, and ABI flags."""


def promised_hosts(contents: WheelContents) -> tuple[Host, ...]:
    """Return the oldest of the hosts that a wheel promises to work on, one for each C library.

    Raises AuditError if it is for no CPython on Linux.
    """
    wheel, tags = contents.path, contents.tags
    version, flags = _python(wheel, tags, contents.requires_python)
    platforms = {platform.wheel_tag: platform for platform in _platforms(wheel, tags)} or {ANY: Platform.from_tag(_ANY)}
    return tuple(
        tagged_host(platform, name=name, python_version=version, abi_flags=flags)
        for name, platform in platforms.items()
    )


def _python(wheel: Path, tags: Collection[Tag], wanted: str) -> _Python:
    """Return the Python to check for: the tags' own or oldest one, of those that ``wanted`` (Requires-Python) admits.

    If the tags name no version, it is the newest.
    """
    pythons = [*dict.fromkeys(one for tag in sorted(tags, key=_order) for one in _pythons(tag))]
    if not pythons:
        claimed = ", ".join(sorted({f"{tag.interpreter}-{tag.abi}" for tag in tags}))
        raise _refused(wheel, "wrong-python-tag", f"its Python tags ({claimed}) are for no CPython 3")
    try:
        admitted = SpecifierSet(wanted)
        # Numbers are read only when they are compared.
        admitted.contains("3")
    except ValueError:
        admitted = SpecifierSet()
    for minor, flags in pythons:
        for micro in range(_MICROS):
            if admitted.contains(f"3.{minor}.{micro}", prereleases=True):
                return (3, minor, micro), flags
    minor, flags = pythons[0]
    return (3, minor, 0), flags


def _order(tag: Tag) -> tuple[str, int]:
    found = _PYTHON.fullmatch(tag.interpreter)
    return (found["kind"], int(found["minor"] or 0)) if found else ("", 0)


def _pythons(tag: Tag) -> Iterator[tuple[int, str]]:
    """Yield the Pythons that take ``tag``, by minor version and ABI flags: the one to check for first."""
    found = _PYTHON.fullmatch(tag.interpreter)
    if not found:
        return
    minors: Iterable[int] = [*range(_NEWEST, -1, -1), *range(_NEWEST + 1, _LAST)]
    flags = "t" if tag.abi == "abi3t" else ""
    if found["minor"]:
        minor = int(found["minor"])
        is_own = found["kind"] == "cp" and not tag.abi.startswith("abi3")
        minors = [minor] if is_own else range(minor, max(minor + 1, _LAST))
        flags = tag.abi.removeprefix(tag.interpreter) if tag.abi.startswith(tag.interpreter) else flags
    yield from ((minor, flags) for minor in minors)


def _platforms(wheel: Path, tags: Collection[Tag]) -> list[Platform]:
    """Return the lowest floor that ``tags`` promise for each C library; nothing if they are for all platforms."""
    found = [_platform(wheel, text) for text in sorted({tag.platform for tag in tags} - {"any"})]
    # Those with the lowest floors come last, and stay. The tag linux_… promises none.
    found.sort(key=lambda platform: platform.libc_version or _NO_FLOOR, reverse=True)
    return list({platform.libc: platform for platform in found}.values())


def _platform(wheel: Path, text: str) -> Platform:
    try:
        return Platform.from_tag(text)
    except HostError as error:
        from crossbuild.platforms.near_misses import other_system

        system = other_system(text)
        what = f"its platform tag {text} is for {system}, and crossbuild checks wheels for Linux only"
        raise _refused(wheel, "wrong-platform-tag", what if system else error.what.rstrip(".")) from None


def _refused(wheel: Path, rule: str, text: str) -> RefusedWheelError:
    finding = WheelFinding(id=rule, file=wheel.name, text=text)
    return RefusedWheelError(f"{wheel.name} was refused: {text}. [{rule}]", why="", fix="", findings=[finding])
