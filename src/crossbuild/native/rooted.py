"""Directories of the host in a user's variables, made to lead into the host's root on this machine.

``PROJ_DIR=/usr`` means the host's PROJ. A build looks there with functions of Python and of shells, which know of no
root.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.system.rooted_paths import follow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crossbuild.options.environment_changes import EnvironmentChange

_OF_THIS_MACHINE = (
    *("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONPATH", "HOME", "TMPDIR", "XDG_*", "*_FOR_BUILD", "BUILD_*"),
    *("HOST_*", "LIBCLANG_PATH", "CLANG_PATH", "LLVM_CONFIG_PATH"),
)
"""Variables that programs read to run here."""
_WRITTEN_DOWN = ("PREFIX", "CMAKE_INSTALL_*", "DESTDIR", "*RPATH", "LD_RUN_PATH")
"""Variables whose paths are not for looking there, but to be recorded."""
_OF_SYSTEMS = re.compile(r"/usr(/local)?(/(include(/.*)?|lib\d*(/\w+-linux-\w+)?))?")
"""Where each machine has its own headers and libraries."""


def rooted(variables: Mapping[str, str], root: Path | None) -> dict[str, str]:
    """Return ``variables`` with the host's directories as this machine calls them, below ``root``."""
    return {name: _rooted(name, value, root) if root else value for name, value in variables.items()}


def rooted_changes(changes: Iterable[EnvironmentChange], root: Path | None) -> tuple[EnvironmentChange, ...]:
    """Return ``changes`` of variables, with the same done to their values."""
    return tuple(replace(each, value=rooted({each.name: each.value}, root)[each.name]) for each in changes)


def _rooted(name: str, value: str, root: Path) -> str:
    if any(fnmatchcase(name, pattern) for pattern in (*_OF_THIS_MACHINE, *_WRITTEN_DOWN)):
        return value
    return os.pathsep.join(_in_root(path, root) for path in value.split(os.pathsep))


def _in_root(path: str, root: Path) -> str:
    """Return the host's directory ``path`` below ``root``; what is not one, or may be this machine's, as it is."""
    if not path.startswith("/") or path.startswith("//") or Path(path).is_relative_to(root):
        return path
    # What this machine has of that name may well be meant: only the places of systems are certain to be the host's.
    if os.path.lexists(path) and not _OF_SYSTEMS.fullmatch(path.rstrip("/")):
        return path
    named = root / path.lstrip("/")
    try:
        real = follow(named, root=root)
    except OSError:
        return path
    # Through a link to an absolute path, this machine would leave the root.
    here = named if Path(os.path.realpath(named)) == real else real
    return str(here) if here.is_dir() else path
