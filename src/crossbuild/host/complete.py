"""From what is known of a host to all of it: what is missing is lent by the build Python, or measured."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from crossbuild.host.lent import Lent
from crossbuild.host.model import Host
from crossbuild.host.pyconfig import pyconfig_from_variables
from crossbuild.host.synthesise import Synthesis, synthesise

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.build_python import BuildPython
    from crossbuild.cache import Cache
    from crossbuild.host.model import PartialHost
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
    lend = functools.cache(functools.partial(Lent.from_build_python, build_python, partial))
    made = _recorded(partial, lend) or synthesise(partial, compilers=compilers(), lent=lend(), cache=cache)
    own_suffix = {"EXT_SUFFIX": partial.ext_suffix} if partial.ext_suffix else {}
    return Host(
        name=partial.name,
        platform=partial.platform,
        python_version=(*partial.python_version, micro),
        abi_flags=partial.abi_flags,
        build_time_vars={**made.build_time_vars, **own_suffix, **partial.config_vars},
        headers=partial.headers or lend().include,
        pyconfig=made.pyconfig,
        prefix=partial.prefix,
        sysroot=partial.sysroot,
        platform_tags=partial.platform_tags,
        config_vars=partial.config_vars,
        device=partial.device,
        origin={**_origin(partial, build_python), **partial.origin},
        defects=partial.defects,
        synthesised=partial.build_time_vars is None,
    )


def _recorded(partial: PartialHost, lend: Callable[[], Lent]) -> Synthesis | None:
    variables = partial.build_time_vars
    if variables is None:
        return None
    big_endian = not partial.platform.architecture.little_endian
    pyconfig = partial.pyconfig or pyconfig_from_variables(lend().pyconfig, variables, big_endian=big_endian)
    return Synthesis(build_time_vars=variables, pyconfig=pyconfig)


def _origin(partial: PartialHost, build_python: BuildPython) -> dict[str, str]:
    lender = str(build_python.executable)
    measured = f"measured with the host's compiler; names after {lender}"
    return {
        "build_time_vars": measured,
        "pyconfig": measured if partial.build_time_vars is None else "the host's build variables",
        "headers": lender,
    }
