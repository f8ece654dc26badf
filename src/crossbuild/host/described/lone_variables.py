"""A host of which there is only the file with its build variables, and perhaps its headers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.host_request import with_config_vars
from crossbuild.host.installed.installation import read_installed
from crossbuild.host.installed.prefix import Prefix
from crossbuild.host.model import PartialHost
from crossbuild.host.reading.files import follow
from crossbuild.host.reading.headers import with_headers
from crossbuild.host.reading.libc import with_libc
from crossbuild.host.reading.machine import platform_of
from crossbuild.host.reading.sysconfigdata import read_variables_file
from crossbuild.host.reading.variables import check_abi_flags, check_variables, recorded_abi_flags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.host.host_request import HostRequest
    from crossbuild.host.model import Host, Variables

_LIBRARY_NAME = re.compile(r"python3\.\d+t?")


def is_variables_file(path: Path) -> bool:
    """Return whether ``path`` is named as CPython names its build variables."""
    return path.name.startswith("_sysconfigdata") and path.suffix in (".py", ".pyc")


def read_lone_variables(path: Path, *, name: str, sysroot: Path | None, request: HostRequest) -> Host | PartialHost:
    """Return the host whose build variables are in ``path``, or in ``request``'s file where it names one.

    In a standard library the whole installation is the host. Anywhere else the host is complete if there are headers:
    ``request``'s, those in an ``include`` beside ``path``, or in ``sysroot`` where the variables say. Raises HostError.
    """
    path = follow(path)
    recorded = request.sysconfigdata or path
    variables = with_config_vars(read_variables_file(recorded), request.config_vars)
    (version, micro), flags = _version(variables, recorded), recorded_abi_flags(variables)
    check_abi_flags(flags, request.abi_flags, recorded)
    check_variables(variables, version, name)
    library = standard_library(path)
    if library:
        root = follow(sysroot) if sysroot else None
        # The prefix may hold several Pythons: that of these variables is meant.
        prefix = Prefix.from_directory(library.parents[1], root=root, python=version, abi_flags=flags)
        return read_installed(prefix, name=name, sysroot=sysroot, request=replace(request, sysconfigdata=recorded))
    platform, libc = with_libc(platform_of(variables, None, name=name), root=sysroot)
    partial = PartialHost(
        name=name,
        platform=platform,
        python_version=version,
        micro=micro,
        abi_flags=flags,
        build_time_vars=variables,
        sysroot=sysroot,
        origin=dict.fromkeys(("platform", "python_version", "abi_flags", "build_time_vars"), str(recorded))
        | ({"libc": libc} if platform.libc_version else {}),
    )
    headers = request.headers or next(_headers(path, variables, sysroot), None)
    return with_headers(partial, headers, variables) if headers else partial


def standard_library(path: Path) -> Path | None:
    """Return the standard library that the file ``path`` is in, if it is in one in a prefix."""
    # Bytecode is in __pycache__, and Debian once had the file in plat-<multiarch>.
    for library in path.parents[:2]:
        if _LIBRARY_NAME.fullmatch(library.name) and library.parent.name in {"lib", "lib64"}:
            return library if any(library.glob("os.py*")) or (library / "encodings").is_dir() else None
    return None


def _version(variables: Variables, path: Path) -> tuple[tuple[int, int], int | None]:
    """Return the version in ``variables``, and its third number if they have it, as those in JSON do."""
    whole = re.match(r"(3)\.(\d{1,4})\.(\d{1,4})", str(variables.get("py_version", "")))
    found = re.fullmatch(r"(3)\.(\d{1,4})", str(variables.get("VERSION", "")))
    if not found:
        raise HostError(
            f"{path} does not say which version of Python 3 it is of.",
            why=f"Its VERSION is {variables.get('VERSION')!r}.",
            fix="Copy the file that the host's Python came with.",
        )
    version = int(found[1]), int(found[2])
    return version, int(whole[3]) if whole and version == (int(whole[1]), int(whole[2])) else None


def _headers(path: Path, variables: Variables, sysroot: Path | None) -> Iterator[Path]:
    """Yield the directories with ``Python.h`` that go with the file ``path``."""
    named = "python{}{}".format(variables.get("VERSION"), recorded_abi_flags(variables))
    places = [path.parent / "include" / named, path.parent / "include"]
    recorded = str(variables.get("INCLUDEPY", ""))
    if sysroot and recorded.startswith("/"):
        places.append(follow(sysroot / recorded.lstrip("/"), root=sysroot))
    return (place for place in places if (place / "Python.h").is_file())
