"""From what a user calls a host to a description of it: an installed one is read, a tag is taken at its word."""

from __future__ import annotations

import difflib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.files import follow
from crossbuild.host.installed import read_installed
from crossbuild.host.model import TagHost
from crossbuild.host.prefix import Prefix
from crossbuild.platforms import Platform

if TYPE_CHECKING:
    from crossbuild.host.model import Host

_FORMS = (
    "A host is an executable (/path/to/root/usr/bin/python3.11), a prefix (a directory with lib/python3.11), a "
    "platform tag (manylinux_2_28_aarch64, musllinux_1_2_armv7l, linux_riscv64), a distribution's release "
    "(debian:bookworm:arm64), or a name from the configuration."
)


def describe_host(text: str, *, python: tuple[int, int] | None, sysroot: Path | None = None) -> Host | TagHost:
    """Return the host that ``text`` names: an executable, a prefix or a platform tag.

    ``python`` is the version asked for: it chooses among several in a prefix, has to agree with an executable, and goes
    with a tag, for which the default is the running Python's. ``sysroot`` overrides what the host's own absolute paths
    are taken to start from. What is or looks like a path is never taken for a tag. Raises HostError.
    """
    try:
        return _describe(text, python, sysroot)
    except (OSError, ValueError) as error:
        raise HostError(f"The host {text!r} cannot be read.", why=str(error), fix=_FORMS) from None


def _describe(text: str, python: tuple[int, int] | None, sysroot: Path | None) -> Host | TagHost:
    path = Path(text)
    if text and os.path.lexists(path):
        return _installed(path, text, python, sysroot)
    if "/" in text:
        raise HostError(f"There is no {text} on this machine.", why=f"{_missing_part(path)}.", fix=_FORMS)
    if not re.match(r"(manylinux|musllinux|linux)", text):
        raise HostError(
            f"{text!r} names no host.",
            why="There is no such file or directory here, and it is not a platform tag of Linux.",
            fix=_FORMS,
        )
    version = python or sys.version_info[:2]
    return TagHost(name=text, platform=Platform.from_tag(text), python_version=version)


def _missing_part(path: Path) -> str:
    """Say where the path stops being there, and what is there that has a similar name."""
    there = next((above for above in path.absolute().parents if above.is_dir()), Path("/"))
    missing = path.absolute().relative_to(there).parts[0]
    near = difflib.get_close_matches(missing, [entry.name for entry in there.iterdir()], n=3)
    return f"{there} holds no {missing}" + (f"; it holds {', '.join(near)}" if near else "")


def _installed(path: Path, text: str, python: tuple[int, int] | None, sysroot: Path | None) -> Host:
    root = follow(sysroot) if sysroot else None
    if root and not root.is_dir():
        raise HostError(f"The sysroot {sysroot} is not a directory.")
    find = Prefix.from_directory if path.is_dir() else Prefix.from_executable
    return read_installed(find(path, root=root, python=python), name=text, sysroot=root)
