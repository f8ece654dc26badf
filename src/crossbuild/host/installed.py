"""An installed host Python, read file by file. Nothing of it is run.

Sources: CPython's Lib/sysconfig (what the variables mean), Include/patchlevel.h (the version).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.elf import HostBinary
from crossbuild.host.files import follow, read_text
from crossbuild.host.libc import libc_version
from crossbuild.host.machine import platform_of
from crossbuild.host.model import Host
from crossbuild.host.place import Place
from crossbuild.host.pyconfig import config_variables, read_pyconfig
from crossbuild.host.sysconfigdata import find_sysconfigdata, read_sysconfigdata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.host.model import Variables
    from crossbuild.host.prefix import Prefix
    from crossbuild.host.request import HostRequest


def read_installed(prefix: Prefix, *, name: str, sysroot: Path | None, request: HostRequest) -> Host:
    """Return the host Python in ``prefix``; ``name`` is what the user called it.

    ``sysroot`` is what its absolute paths start from; by default it is found by comparing the recorded prefix with the
    real one. Raises HostError naming what is missing or does not fit.
    """
    recorded = request.sysconfigdata or find_sysconfigdata(prefix.library_directories, prefix.abi_flags)
    variables = {**read_sysconfigdata(recorded), **request.config_vars}
    place = Place.of(prefix.path, variables, sysroot)
    files = list(_binaries(prefix, place, variables))
    platform = platform_of(variables, HostBinary.from_file(files[0]) if files else None, name=name)
    libc = libc_version(platform, root=place.root, binaries=(HostBinary.from_file(file) for file in files))
    headers = request.headers or _headers(prefix, place, variables)
    multiarch = str(variables.get("MULTIARCH") or platform.multiarch)
    pyconfig = read_pyconfig(headers, multiarch=multiarch, bits=platform.architecture.bits)
    _check_suffix(variables, name)
    _check_pyconfig(pyconfig, platform.architecture.bits, headers)
    return Host(
        name=name,
        platform=replace(platform, libc_version=libc),
        python_version=_version(prefix, variables, headers),
        abi_flags=_abi_flags(variables),
        build_time_vars=variables,
        headers=headers,
        pyconfig=pyconfig,
        prefix=prefix.path,
        sysroot=place.sysroot,
        origin={
            "platform": str(files[0]) if files else str(recorded),
            "python_version": str(headers / "patchlevel.h"),
            "build_time_vars": str(recorded),
        },
    )


def _binaries(prefix: Prefix, place: Place, variables: Variables) -> Iterator[Path]:
    """Yield what the Python consists of: the executable, the shared library, the extension modules."""
    if prefix.executable:
        yield prefix.executable
    library, soname = place.find(variables.get("LIBDIR")), str(variables.get("INSTSONAME") or "")
    if library and soname.partition(".so")[1]:
        file = follow(library / soname, root=place.sysroot)
        if file.is_file():
            yield file
    for directory in prefix.library_directories:
        yield from sorted(directory.glob("lib-dynload/*.so"))


def _headers(prefix: Prefix, place: Place, variables: Variables) -> Path:
    recorded = [variables.get("INCLUDEPY"), variables.get("CONFINCLUDEPY")]
    found = [directory for directory in map(place.find, recorded) if directory]
    version = "python{}.{}".format(*prefix.version)
    found += [prefix.path / "include" / (version + flags) for flags in (_abi_flags(variables), "")]
    for directory in found:
        if (directory / "Python.h").is_file() and (directory / "pyconfig.h").is_file():
            return directory
    raise HostError(
        f"The headers of the host Python in {prefix.path} are not there.",
        why=f"Python.h and pyconfig.h were looked for in {', '.join(map(str, dict.fromkeys(found)))}.",
        fix=f"Install its development package into the host's root (Debian: lib{version}-dev; Fedora: python3-devel).",
    )


def _check_suffix(variables: Variables, name: str) -> None:
    if not str(variables.get("EXT_SUFFIX") or "").endswith(".so"):
        raise HostError(
            f"{name} does not say how its extension modules are named: EXT_SUFFIX is missing from its sysconfigdata.",
            fix="Restore the file that the host's Python came with.",
        )


def _check_pyconfig(text: str, bits: int, headers: Path) -> None:
    size = config_variables(text).get("SIZEOF_VOID_P")
    if size != bits // 8:
        raise HostError(
            f"The pyconfig.h in {headers} is for another machine.",
            why=f"Its pointers have {size} bytes, the host's have {bits // 8}.",
            fix="Install the host Python's development package for its own architecture.",
        )


def _version(prefix: Prefix, variables: Variables, headers: Path) -> tuple[int, int, int]:
    text = read_text(headers / "patchlevel.h")
    numbers = dict(re.findall(r"^#\s*define\s+PY_(MAJOR|MINOR|MICRO)_VERSION\s+(\d+)", text, flags=re.MULTILINE))
    if len(numbers) != len(("MAJOR", "MINOR", "MICRO")):
        raise HostError(f"{headers / 'patchlevel.h'} does not say which version of Python it belongs to.")
    version = int(numbers["MAJOR"]), int(numbers["MINOR"]), int(numbers["MICRO"])
    own = "{}.{}".format(*prefix.version)
    recorded = variables.get("VERSION", own)
    if recorded != own or version[:2] != prefix.version:
        raise HostError(
            f"The host in {prefix.path} contradicts itself: its standard library is in python{own}, its sysconfigdata "
            f"says {recorded}, its headers say {version[0]}.{version[1]}.",
            fix="Name a host Python whose files belong together.",
        )
    return version


def _abi_flags(variables: Variables) -> str:
    """Return ``sys.abiflags``; a Python without the variable tells by its options (PEP 703, PEP 3149)."""
    recorded = variables.get("ABIFLAGS")
    if isinstance(recorded, str):
        return recorded
    return ("t" if variables.get("Py_GIL_DISABLED") else "") + ("d" if variables.get("Py_DEBUG") else "")
