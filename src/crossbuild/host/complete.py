"""From what is known of a host to all of it: what is missing is lent by the build Python, or measured."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from crossbuild.host.host_request import with_config_vars
from crossbuild.host.measured.borrowed import Lent
from crossbuild.host.measured.synthesise import Synthesis, synthesise
from crossbuild.host.model import Host
from crossbuild.host.reading.pyconfig import pyconfig_from_variables
from crossbuild.host.reading.variables import check_variables
from crossbuild.system.cache import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.host.model import PartialHost
    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.compilers import Compilers


def complete(
    partial: PartialHost, *, compilers: Callable[[], Compilers], build_python: BuildPython, cache: Cache
) -> Host:
    """Return the host that ``partial`` is a part of.

    Without recorded variables, ``compilers()`` measure its machine and C library; ``build_python`` lends headers, and
    the third number of the version. Raises BuildPythonError if that is of another version or has no headers, and
    ToolchainError if the compilers do not compile for the host.
    """
    micro = build_python.version[2] if partial.micro is None else partial.micro
    # Called only for what is missing: a host with variables and headers needs neither a build Python's nor a compiler.
    lend = functools.cache(functools.partial(Lent.from_build_python, build_python, partial))
    made = _recorded(partial, lend) or synthesise(partial, compilers=compilers(), lent=lend(), cache=cache)
    # A build-details.json records the suffix without the variables. Prefer it to the one that CPython has by default.
    named = partial.ext_suffix
    own_suffix = {"EXT_SUFFIX": named, "SOABI": named.removesuffix(".so").lstrip(".")} if named else {}
    variables = with_config_vars({**made.build_time_vars, **own_suffix}, partial.config_vars)
    check_variables(variables, partial.python_version, partial.name)
    return Host(
        **partial.common | {"origin": _origin(partial, build_python)},
        python_version=(*partial.python_version, micro),
        build_time_vars=variables,
        headers=partial.headers or _written(partial.header_texts, cache) or lend().include,
        pyconfig=made.pyconfig,
        synthesised=partial.build_time_vars is None,
    )


def _recorded(partial: PartialHost, lend: Callable[[], Lent]) -> Synthesis | None:
    variables = partial.build_time_vars
    if variables is None:
        return None
    big_endian = not partial.platform.architecture.little_endian
    pyconfig = partial.pyconfig or pyconfig_from_variables(lend().pyconfig, variables, big_endian=big_endian)
    return Synthesis(build_time_vars=variables, pyconfig=pyconfig)


def _written(texts: Mapping[str, str], cache: Cache) -> Path | None:
    """Return the directory of the headers that the host sent along, if it did."""

    def make(scratch: Path) -> None:
        for name, text in texts.items():
            file = scratch / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", errors="replace")

    return cache.entry("headers", digest(dict(texts)), make) if texts else None


def _origin(partial: PartialHost, build_python: BuildPython) -> dict[str, str]:
    lender = str(build_python.executable)
    measured = f"measured with the host's compiler; names after {lender}"
    lent = {
        "build_time_vars": measured,
        "pyconfig": measured if partial.build_time_vars is None else "the host's build variables",
        "headers": str(partial.headers or lender),
    }
    third = [f"its third number is {lender}'s"] if partial.micro is None else []
    version = "; ".join(filter(None, [partial.origin.get("python_version", ""), *third]))
    return {**lent, **partial.origin, "python_version": version}
