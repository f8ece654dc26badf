"""A host Python made from a platform tag: the build Python's headers, and everything else measured.

Only what CPython's configure would find with the host's toolchain goes into its ``pyconfig.h`` and sysconfigdata.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.cache import digest
from crossbuild.errors import BuildPythonError, HostError
from crossbuild.host.measure import measure
from crossbuild.host.model import Host
from crossbuild.host.pyconfig import macros, read_pyconfig, with_macros
from crossbuild.host.recorded import decided_macros, recorded_variables
from crossbuild.host.sysconfigdata import find_sysconfigdata, read_sysconfigdata

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.build_python import BuildPython
    from crossbuild.cache import Cache
    from crossbuild.host.model import TagHost
    from crossbuild.toolchain.compilers import Compilers

_FORMAT = 1
"""Of the cache entries: another number for each change of what is measured or recorded."""


def synthesise(tag_host: TagHost, *, compilers: Compilers, build_python: BuildPython, cache: Cache) -> Host:
    """Return a host Python for ``tag_host``, as ``compilers`` see its machine and C library.

    ``build_python`` lends its headers and decides the micro version. What is measured is kept in ``cache``, under a key
    that holds the compilers' path: they are expected in a directory whose name stands for what they do. Raises
    BuildPythonError if the build Python is of another version or has no headers, ToolchainError if the compiler does
    not compile for the host.
    """
    base = _Base.of(tag_host, build_python)

    def make(scratch: Path) -> None:
        architecture = tag_host.platform.architecture
        values = measure(list(macros(base.pyconfig)), cc=compilers.cc, architecture=architecture)
        pyconfig = with_macros(base.pyconfig, values | decided_macros(tag_host))
        variables = recorded_variables(tag_host, base=base.variables, pyconfig=pyconfig)
        (scratch / "pyconfig.h").write_text(pyconfig, encoding="utf-8")
        (scratch / "variables.json").write_text(json.dumps(variables, indent=1, sort_keys=True), encoding="utf-8")

    entry = cache.entry("host", _key(tag_host, compilers, base), make)
    return Host(
        name=tag_host.name,
        platform=tag_host.platform,
        python_version=build_python.version,
        abi_flags=tag_host.abi_flags,
        build_time_vars=json.loads((entry / "variables.json").read_text(encoding="utf-8")),
        headers=build_python.include,
        pyconfig=(entry / "pyconfig.h").read_text(encoding="utf-8"),
        synthesised=True,
    )


@dataclass(frozen=True, kw_only=True)
class _Base:
    """What the build Python recorded of itself."""

    pyconfig: str
    variables: Mapping[str, str | int]

    @classmethod
    def of(cls, tag_host: TagHost, build_python: BuildPython) -> _Base:
        _check(tag_host, build_python)
        try:
            file = build_python.stdlib / f"{build_python.sysconfigdata_name}.py"
            if not file.is_file():
                file = find_sysconfigdata([build_python.stdlib], build_python.abi_flags)
            variables = read_sysconfigdata(file)
            bits = 8 * int(variables.get("SIZEOF_VOID_P", 0))
            pyconfig = read_pyconfig(build_python.include, multiarch=build_python.multiarch, bits=bits)
        except HostError as error:
            raise BuildPythonError(error.what, why=error.why, fix=error.fix) from None
        return cls(pyconfig=pyconfig, variables=variables)


def _check(tag_host: TagHost, build_python: BuildPython) -> None:
    wanted = "{}.{}".format(*tag_host.python_version) + tag_host.abi_flags
    if not build_python.fits(tag_host.python_version, tag_host.abi_flags):
        own = "{}.{}.{}".format(*build_python.version) + build_python.abi_flags
        raise BuildPythonError(f"{build_python.executable} is Python {own}, but the host is to be Python {wanted}.")
    if not build_python.has_headers:
        raise BuildPythonError(
            f"{build_python.executable} has no headers: there is no Python.h in {build_python.include}.",
            why=f"The host {tag_host.name} is only a tag, so its headers have to come from a Python {wanted} here.",
            fix=f"Install them (Debian and Ubuntu: apt install libpython{wanted}-dev; Fedora: python3-devel), "
            f"or name a Python that has them with --build-python (`uv python install {wanted}` makes one).",
        )


def _key(tag_host: TagHost, compilers: Compilers, base: _Base) -> str:
    host = repr((tag_host.platform, tag_host.python_version, tag_host.abi_flags))
    return digest(_FORMAT, host, compilers.cc, base.pyconfig, dict(base.variables))
