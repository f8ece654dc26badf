"""An installed host Python, read file by file. Nothing of it is run.

Sources: CPython's Lib/sysconfig (what the variables mean), Include/patchlevel.h (the version).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.host.host_request import with_config_vars
from crossbuild.host.installed.relocation import Relocation
from crossbuild.host.model import HostFacts, PartialHost
from crossbuild.host.reading.binaries import HostBinary
from crossbuild.host.reading.files import follow
from crossbuild.host.reading.headers import check_version, with_headers
from crossbuild.host.reading.libc import with_libc
from crossbuild.host.reading.machine import platform_of
from crossbuild.host.reading.sysconfigdata import find_sysconfigdata, read_variables_file
from crossbuild.host.reading.variables import check_abi_flags, check_variables, recorded_abi_flags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.host.host_request import HostRequest
    from crossbuild.host.installed.prefix import Prefix
    from crossbuild.host.model import Host, Variables


def read_installed(prefix: Prefix, *, name: str, sysroot: Path | None, request: HostRequest) -> Host | PartialHost:
    """Return the host Python in ``prefix``; ``name`` is what the user called it.

    ``sysroot`` is what its absolute paths start from; by default it is found by comparing the recorded prefix with the
    real one. Raises HostError naming what is missing or does not fit.
    """
    recorded = request.sysconfigdata or find_sysconfigdata(prefix.library_directories, prefix.abi_flags)
    variables = with_config_vars(read_variables_file(recorded), request.config_vars)
    # Where the user names the variables, the names of the prefix's own files say nothing about them.
    flags = request.abi_flags if request.sysconfigdata else prefix.abi_flags
    place = Relocation.from_prefix(prefix.path, variables, sysroot, outer=prefix.outer)
    files = list(_binaries(prefix, place, variables))
    platform = platform_of(variables, HostBinary.from_file(files[0]) if files else None, name=name)
    # Lazily: with a C library in the root, no further file has to be read.
    platform, libc = with_libc(platform, root=place.root, binaries=map(HostBinary.from_file, files))
    check_abi_flags(recorded_abi_flags(variables), flags, prefix.path)
    check_variables(variables, prefix.version, name)
    facts = HostFacts(
        name=name,
        platform=platform,
        abi_flags=recorded_abi_flags(variables),
        prefix=prefix.path,
        sysroot=place.sysroot,
        origin={
            "platform": str(files[0] if files else recorded),
            "libc": libc,
            "python_version": str(prefix.library),
            "build_time_vars": str(recorded),
            "prefix": "what was named",
            **({"sysroot": f"where the recorded {place.recorded} is"} if place.sysroot else {}),
        },
    )
    searched = [request.headers] if request.headers else list(_header_directories(prefix, place, variables))
    headers = next((directory for directory in searched if _has_headers(directory, place)), None)
    if headers or request.headers:
        return with_headers(facts, headers or searched[0], variables, library=prefix.version)
    return _without_headers(facts, searched, variables, prefix)


def _without_headers(facts: HostFacts, searched: list[Path], variables: Variables, prefix: Prefix) -> PartialHost:
    """Return the host of a device's root, where nobody compiles: the build Python has headers of its version."""
    check_version({"standard library": prefix.version}, variables, prefix.path)
    version = "python{}.{}".format(*prefix.version)
    lacking = (
        f"The headers of the host Python in {prefix.path} are not there, so those of the build Python are used: "
        f"Python.h and pyconfig.h were looked for in {', '.join(map(str, dict.fromkeys(searched)))}. Its development "
        f"package has them (Debian: lib{version}-dev; Fedora: python3-devel); --headers names another place."
    )
    return PartialHost(
        **facts.common | {"defects": (lacking,)}, python_version=prefix.version, build_time_vars=variables
    )


def _binaries(prefix: Prefix, place: Relocation, variables: Variables) -> Iterator[Path]:
    """Yield what the Python consists of: the executable, the shared library, the extension modules."""
    if prefix.executable:
        yield prefix.executable
    library, soname = place.find(variables.get("LIBDIR")), str(variables.get("INSTSONAME") or "")
    # A static build records libpythonX.Y.a here (INSTSONAME in configure.ac).
    if library and soname.partition(".so")[1]:
        file = follow(library / soname, root=place.sysroot)
        if file.is_file():
            yield file
    for directory in prefix.library_directories:
        yield from sorted(directory.glob("lib-dynload/*.so"))


def _header_directories(prefix: Prefix, place: Relocation, variables: Variables) -> Iterator[Path]:
    recorded = [variables.get("INCLUDEPY"), variables.get("CONFINCLUDEPY")]
    searched = [directory for directory in map(place.find, recorded) if directory]
    version = "python{}.{}".format(*prefix.version)
    names = (version + recorded_abi_flags(variables), version)
    # CPython's name of the directory has the ABI flags (LDVERSION in Makefile.pre.in).
    searched += [directory / "include" / name for directory in (prefix.path, prefix.outer) for name in names]
    yield from (_store_of(directory, place) for directory in searched)


def _has_headers(directory: Path, place: Relocation) -> bool:
    return (directory / "Python.h").is_file() and follow(directory / "pyconfig.h", root=place.sysroot).is_file()


def _store_of(include: Path, place: Relocation) -> Path:
    """Return where the headers in ``include`` are: a store, if each is a link that only the host can follow."""
    header = include / "Python.h"
    absolute = header.is_symlink() and header.readlink().is_absolute()
    return follow(header, root=place.sysroot).parent if absolute else include
