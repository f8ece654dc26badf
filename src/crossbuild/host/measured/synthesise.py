"""The variables and ``pyconfig.h`` of a host that is only a tag: what CPython's configure would find, measured.

Only what it would find with the host's toolchain goes in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.host.measured.measure import measure
from crossbuild.host.measured.recorded import decided_macros, recorded_variables
from crossbuild.host.reading.pyconfig import macros, with_macros
from crossbuild.system.cache import digest

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.measured.borrowed import Lent
    from crossbuild.host.model import PartialHost, Variables
    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.compilers import Compilers

_FORMAT = 2
"""Of the cache entries: another number for each change of what is measured or recorded."""


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """What a CPython for a machine would record, if somebody built it there."""

    build_time_vars: Variables
    pyconfig: str


def synthesise(host: PartialHost, *, compilers: Compilers, lent: Lent, cache: Cache) -> Synthesis:
    """Return what a Python for ``host`` would record, as ``compilers`` see its machine and C library.

    Where its own ``pyconfig.h`` is known, nothing is measured. The result is kept in ``cache``, under a key that holds
    the compilers' path: they are expected in a directory whose name stands for what they do. Raises ToolchainError if
    the compiler does not compile for the host.
    """

    def make(scratch: Path) -> None:
        pyconfig = host.pyconfig or _measured(host, compilers, lent)
        variables = recorded_variables(host, base=lent.variables, pyconfig=pyconfig)
        (scratch / "pyconfig.h").write_text(pyconfig, encoding="utf-8")
        (scratch / "variables.json").write_text(json.dumps(variables, indent=1, sort_keys=True), encoding="utf-8")

    entry = cache.entry("host", _key(host, compilers, lent), make)
    return Synthesis(
        build_time_vars=json.loads((entry / "variables.json").read_text(encoding="utf-8")),
        pyconfig=(entry / "pyconfig.h").read_text(encoding="utf-8"),
    )


def _measured(host: PartialHost, compilers: Compilers, lent: Lent) -> str:
    values = measure(list(macros(lent.pyconfig)), cc=compilers.cc, architecture=host.platform.architecture)
    return with_macros(lent.pyconfig, values | decided_macros(host))


def _key(host: PartialHost, compilers: Compilers, lent: Lent) -> str:
    facts = repr((host.platform, host.python_version, host.abi_flags))
    return digest(_FORMAT, facts, compilers.cc, host.pyconfig, lent.pyconfig, dict(lent.variables))
