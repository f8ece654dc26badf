"""From what a user calls a host to a description of it: what there is of one is read, a tag is taken at its word."""

from __future__ import annotations

import difflib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import HostError, UsageError
from crossbuild.host.described.json_files import is_json_file, read_json_file
from crossbuild.host.described.lone_variables import is_variables_file, read_lone_variables
from crossbuild.host.host_request import HostRequest
from crossbuild.host.installed.build_directory import is_build_directory, read_build_directory
from crossbuild.host.installed.installation import read_installed
from crossbuild.host.installed.prefix import Prefix
from crossbuild.host.model import PartialHost
from crossbuild.host.platform_tags import full_tags
from crossbuild.host.reading.files import follow
from crossbuild.host.reading.headers import check_headers
from crossbuild.host.reading.machine import with_machine
from crossbuild.platforms.near_misses import looks_like_platform, near_host
from crossbuild.platforms.platform import Platform, is_platform_tag, unreadable_tag

if TYPE_CHECKING:
    from crossbuild.host.model import Host

_FORMS = (
    "A host is an executable (/path/to/root/usr/bin/python3.11), a prefix (a directory with lib/python3.11), the "
    "directory that a CPython was built in, a file that describes one (of crossbuild host capture, build-details.json, "
    "_sysconfigdata*.py), a platform tag (manylinux_2_28_aarch64, musllinux_1_2_armv7l, linux_riscv64), a "
    "distribution's release (debian:bookworm:arm64), or a name from the configuration."
)


def describe_host(
    text: str,
    *,
    python: tuple[int, int] | None = None,
    sysroot: Path | None = None,
    request: HostRequest | None = None,
) -> Host | PartialHost:
    """Return the host that ``text`` names: an executable, a directory, a file that describes one, or a platform tag.

    ``python`` is the version asked for: it chooses among several in a prefix, has to agree with an executable, and goes
    with a tag, for which the default is the running Python's. ``sysroot`` overrides what the host's own absolute paths
    are taken to start from. What is or looks like a path is never taken for a tag. Raises HostError, and
    UsageError if there is no directory ``sysroot``.
    """
    request = request or HostRequest()
    try:
        found = _describe(text, python, sysroot, request)
        platform = with_machine(found.platform, request.machine, name=text) if request.machine else found.platform
    except (OSError, ValueError) as error:
        raise HostError(f"The host {text!r} cannot be read.", why=str(error), fix=_FORMS) from None
    platform_tags = full_tags(request.platform_tags, platform, name=text) or found.platform_tags
    return replace(found, platform=platform, platform_tags=platform_tags, config_vars=request.config_vars)


def _describe(
    text: str, python: tuple[int, int] | None, sysroot: Path | None, request: HostRequest
) -> Host | PartialHost:
    path = Path(text)
    if sysroot and not follow(sysroot).is_dir():
        raise UsageError(f"The sysroot {sysroot} is not a directory.", fix="Name the host's root: --sysroot DIR.")
    # Not exists(): for a link that leads nowhere, the error should say where it leads.
    if text and os.path.lexists(path):
        found = _read(path, text, python, sysroot, request)
        _check_version(found, python)
        return found
    if "/" in text and not looks_like_platform(text):
        raise HostError(f"There is no {text} on this machine.", why=f"{_missing_part(path)}.", fix=_FORMS)
    if not is_platform_tag(text):
        raise near_host(text) or _unknown(text)
    if request.sysconfigdata:
        raise HostError(
            f"{request.sysconfigdata} cannot be the build variables of the tag {text}.",
            fix=f"Name the file itself: --host {request.sysconfigdata}",
        )
    platform = Platform.from_tag(text)
    if request.machine not in (None, platform.architecture.name):
        raise HostError(
            f"The tag {text} is for {platform.architecture.name}, but --machine says {request.machine}.",
            fix="Name the tag of that machine, and leave --machine out.",
        )
    version = python or sys.version_info[:2]
    if request.headers:
        check_headers(request.headers, version)
    return PartialHost(
        name=text,
        platform=platform,
        python_version=version,
        abi_flags=request.abi_flags or "",
        headers=request.headers,
        origin={"platform": "the tag", "python_version": "--python" if python else "the Python that runs crossbuild"},
    )


def _unknown(text: str) -> HostError:
    if text.startswith(("manylinux", "musllinux", "linux")):
        return unreadable_tag(text)
    return HostError(
        f"Unknown host {text!r}.",
        why="There is no such file or directory here, and it is not a platform tag of Linux.",
        fix=_FORMS,
    )


def _read(
    path: Path, text: str, python: tuple[int, int] | None, sysroot: Path | None, request: HostRequest
) -> Host | PartialHost:
    if is_json_file(path):
        return read_json_file(path, name=text, sysroot=sysroot, request=request)
    if is_variables_file(path):
        return read_lone_variables(path, name=text, sysroot=sysroot, request=request)
    # An executable that was not installed lies beside pybuilddir.txt, where CPython looks for that, too.
    built_in = path if path.is_dir() else follow(path).parent
    if is_build_directory(built_in):
        return read_build_directory(built_in, name=text, sysroot=sysroot, request=request)
    find = Prefix.from_directory if path.is_dir() else Prefix.from_executable
    root = follow(sysroot) if sysroot else None
    prefix = find(path, root=root, python=python, abi_flags=request.abi_flags)
    return read_installed(prefix, name=text, sysroot=sysroot, request=request)


def _check_version(found: Host | PartialHost, python: tuple[int, int] | None) -> None:
    own = found.python_version[:2]
    if python and python != own:
        raise HostError(
            "{} is Python {}.{}, but Python {}.{} was asked for.".format(found.name, *own, *python),
            fix="Leave --python out for a host that says it itself, or name another one.",
        )


def _missing_part(path: Path) -> str:
    """Say where the path stops being there, and what is there that has a similar name."""
    there = next((above for above in path.absolute().parents if above.is_dir()), Path("/"))
    missing = path.absolute().relative_to(there).parts[0]
    near = difflib.get_close_matches(missing, [entry.name for entry in there.iterdir()], n=3)
    return f"{there} holds no {missing}" + (f"; it holds {', '.join(near)}" if near else "")
