"""The directory that a CPython was built in, before any installation.

Sources: CPython's Lib/sysconfig (``_init_posix``, ``_is_python_source_dir``), Makefile.pre.in (pybuilddir.txt).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.host_request import with_config_vars
from crossbuild.host.model import Host
from crossbuild.host.reading.binaries import HostBinary
from crossbuild.host.reading.files import follow, read_text
from crossbuild.host.reading.headers import checked_pyconfig, header_version
from crossbuild.host.reading.libc import with_libc
from crossbuild.host.reading.machine import platform_of
from crossbuild.host.reading.sysconfigdata import find_sysconfigdata, read_variables_file
from crossbuild.host.reading.variables import check_abi_flags, check_variables, recorded_abi_flags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.host.host_request import HostRequest
    from crossbuild.host.model import Variables

_POINTER = "pybuilddir.txt"


def is_build_directory(directory: Path) -> bool:
    """Return whether a CPython was built in ``directory``."""
    return os.path.lexists(directory / _POINTER)


def read_build_directory(directory: Path, *, name: str, sysroot: Path | None, request: HostRequest) -> Host:
    """Return the host Python that was built in ``directory``. Raises HostError for what is missing or does not fit."""
    directory = follow(directory)
    built = _built(directory)
    recorded = request.sysconfigdata or find_sysconfigdata([built], request.abi_flags or "")
    variables = read_variables_file(recorded)
    # What is to be in the prefix is still here, and libpython in no directory of its own.
    own = {**variables, "LIBDIR": variables.get("prefix", "")}
    variables = with_config_vars(own, request.config_vars)
    binaries = [HostBinary.from_file(file) for file in _binaries(directory, built)]
    platform = platform_of(variables, binaries[0] if binaries else None, name=name)
    platform, libc = with_libc(platform, root=sysroot, binaries=binaries)
    headers = request.headers or _headers(directory, variables)
    version = header_version(headers, variables, directory)
    check_abi_flags(recorded_abi_flags(variables), request.abi_flags, directory)
    check_variables(variables, version, name)
    return Host(
        name=name,
        platform=platform,
        python_version=version,
        abi_flags=recorded_abi_flags(variables),
        build_time_vars=variables,
        headers=headers,
        pyconfig=checked_pyconfig(directory, platform),
        prefix=directory,
        sysroot=sysroot,
        origin={
            "platform": str(binaries[0].path if binaries else recorded),
            "libc": libc,
            "python_version": str(headers / "patchlevel.h"),
            "build_time_vars": str(recorded),
            "headers": str(headers),
            "pyconfig": str(directory / "pyconfig.h"),
            "prefix": "what was named",
        },
    )


def _built(directory: Path) -> Path:
    """Return the directory in ``directory`` with the build variables and the extension modules."""
    pointer = directory / _POINTER
    text = read_text(follow(pointer), limit=4096).strip()
    built = follow(directory / text)
    if not text or "\0" in text or built == directory or not built.is_relative_to(directory) or not built.is_dir():
        raise HostError(
            f"{pointer} names no directory inside {directory}.",
            why=f"It says {text[:200]!r}." if text else "It is empty.",
            fix="Build that CPython to the end (make), or copy its whole build directory.",
        )
    return built


def _binaries(directory: Path, built: Path) -> Iterator[Path]:
    """Yield what the Python consists of: the executable, the shared library, the extension modules."""
    for file in (directory / "python", *sorted(directory.glob("libpython3.*.so.*")), *sorted(built.glob("*.so"))):
        real = follow(file)
        if real.is_file():
            yield real


def _headers(directory: Path, variables: Variables) -> Path:
    """Return the directory of the source that holds ``Python.h``: here, or where configure was called from."""
    source, built_in = Path(str(variables.get("srcdir") or ".")), str(variables.get("abs_builddir") or "")
    # Paths as they were on the machine that built it. If both directories were copied, only their relation still holds.
    relative = os.path.relpath(source, built_in) if source.is_absolute() and built_in else source
    searched = [follow(place / "Include") for place in (directory, directory / relative, directory / source)]
    for found in searched:
        if (found / "Python.h").is_file():
            return found
    raise HostError(
        f"The headers of the host Python that was built in {directory} are not there.",
        why=f"Python.h was looked for in {', '.join(map(str, dict.fromkeys(searched)))}.",
        fix="Name the directory Include of its source with --headers.",
    )
