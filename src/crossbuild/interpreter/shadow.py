"""The shadow prefix: an installation of the build Python that answers as the host's.

A copy of the build Python's executable finds its prefix by where it lies, and there: the standard library by links,
the host's sysconfigdata, Makefile and headers, and an ``encodings`` package (the first module that any interpreter
imports from disk) that puts right the facts which no file decides. ``sysconfig`` needs no patch, and no environment
variable is involved, so isolated mode, child interpreters and nested environments keep the facts. PYTHONHOME alone
can lead an interpreter past it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.errors import BuildPythonError
from crossbuild.interpreter import development, stdlib_links
from crossbuild.interpreter.identity import check_identity
from crossbuild.interpreter.localise import localise
from crossbuild.interpreter.prefix_layout import Layout, host_multiarch, sysconfigdata_name
from crossbuild.platforms.system_directories import library_directories
from crossbuild.system.cache import digest
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.backend_shim.start import Facts
    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.host.model import Host
    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.compilers import Compilers

_SMALL = 32

_OF_THE_DESCRIPTION = ("name", "origin", "defects", "device")
"""What a host's description says of itself: the Python is the same, whatever it was described by."""

# For each of -O's levels: an interpreter that finds no bytecode for its own would write some into the shared prefix.
_COMPILE = """
import json, py_compile, sys
for source, final in json.load(sys.stdin):
    for level in (0, 1, 2):
        py_compile.compile(source, dfile=final, doraise=True, optimize=level,
                           invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
"""


@dataclass(frozen=True, kw_only=True)
class CrossPython:
    """An interpreter that runs here and answers as the host's. Shared and never written to."""

    executable: Path
    version: tuple[int, int, int]
    """The build Python's."""
    prefix: Path
    stdlib: Path
    """The directory with the standard library and the host's sysconfigdata."""
    config_vars: Path
    """The module with the host's config vars, as they read here."""
    include: Path
    """The directory with ``Python.h`` and the host's ``pyconfig.h``."""
    libraries: Path
    """The directory with the host's ``libpython``: ``LIBDIR``."""
    pkgconfig: Path
    """The directory with the host Python's ``python-X.Y.pc``."""


def make_cross_python(*, build_python: BuildPython, host: Host, compilers: Compilers, cache: Cache) -> CrossPython:
    """Return the cross Python of ``build_python`` for ``host``, made first if the cache does not hold it.

    Raises BuildPythonError if the two do not fit, or if the result does not answer as the host.
    """
    if not build_python.fits(host.python_version[:2], host.abi_flags):
        raise BuildPythonError(
            f"{build_python.executable} cannot build for {host.name}, a Python {host.version}{host.abi_flags}.",
            why="Headers, bytecode and ABI follow the minor version, so build and host must share it.",
            fix=f"Give --build-python a Python {host.version}{host.abi_flags}.",
        )
    key = _key(build_python, host, compilers)
    final = Layout.from_prefix(cache.path("cross-python", key), build_python=build_python, host=host)

    def make(scratch: Path) -> None:
        _make(scratch, final, build_python=build_python, host=host, compilers=compilers)

    cache.entry("cross-python", key, make)
    return CrossPython(
        executable=final.executable,
        version=build_python.version,
        prefix=final.prefix,
        stdlib=final.stdlib,
        config_vars=final.stdlib / f"{sysconfigdata_name(build_python, host)}.py",
        include=final.include,
        libraries=final.libraries,
        pkgconfig=final.pkgconfig,
    )


def _key(build_python: BuildPython, host: Host, compilers: Compilers) -> str:
    """Return the digest of all that goes in: change one thing, our own code included, and another shadow is made."""
    status = build_python.executable.stat()
    # By their times and sizes: there are hundreds of headers, and this is asked for every command.
    files = (file for file in sorted(host.headers.rglob("*.h")) if file.is_file())
    headers = [(file, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    facts = {name: value for name, value in vars(host).items() if name not in _OF_THE_DESCRIPTION}
    return digest(
        dataclasses.asdict(build_python),
        status.st_mtime_ns,
        status.st_size,
        facts,
        headers,
        vars(compilers),
        stdlib_links.sources_of("crossbuild.backend_shim"),
        stdlib_links.sources_of("crossbuild.interpreter"),
    )


def _make(scratch: Path, final: Layout, *, build_python: BuildPython, host: Host, compilers: Compilers) -> None:
    layout = Layout.from_prefix(scratch, build_python=build_python, host=host)
    variables = localise(host, compilers=compilers, layout=final, build_python=build_python)
    facts = f"FACTS = {host_facts(host, build_python, final)!r}\n"
    sources = stdlib_links.plant(layout, build_python=build_python, facts=facts)
    development.write_headers(layout, host)
    sources.append(development.write_variables(layout, variables, host=host, build_python=build_python))
    development.write_configuration(layout, variables, host=host)
    development.write_build_details(layout, final=final, host=host)
    development.write_pkgconfig(layout, variables, final=final, host=host)
    development.write_python_config(layout, final=final)
    _compile(sources, scratch, final.prefix, build_python)
    check_identity(layout.executable, host, environ=None)


def host_facts(host: Host, build_python: BuildPython, layout: Layout) -> Facts:
    """Return what the shim in the shadow ``layout`` needs to know."""
    return {
        "executable": str(layout.executable),
        "machine": host.platform.architecture.name,
        "is_32bit": host.platform.architecture.bits == _SMALL,
        "multiarch": host_multiarch(host),
        "build_multiarch": build_python.multiarch,
        "ext_suffix": host.ext_suffix,
        "libc": host.platform.libc,
        "libc_version": host.platform.libc_version,
        "byteorder": host.platform.architecture.endian,
        "root": str(host.sysroot or ""),
        "libraries": library_directories(host.platform),
    }


def _compile(sources: list[Path], scratch: Path, prefix: Path, build_python: BuildPython) -> None:
    """Compile our modules, for the place where they will be; never checked against the sources, which never change."""
    pairs = [(os.fspath(source), os.fspath(prefix / source.relative_to(scratch))) for source in sources]
    command = [os.fspath(build_python.executable), "-I", "-S", "-c", _COMPILE]
    try:
        run_program(command, words=json.dumps(pairs), check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise BuildPythonError(
            f"{build_python.executable} could not compile the modules of the cross Python.",
            why=str(getattr(error, "stderr", "") or error).strip(),
            fix="Give --build-python another interpreter of this version.",
        ) from None
