"""What all builds for one host share: the host, what compiles for it, and the Python that answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.build_python import find_build_python
from crossbuild.host.describe import describe_host
from crossbuild.host.model import Host
from crossbuild.interpreter.shadow import make_cross_python
from crossbuild.toolchain.compilers import prepare_compilers
from crossbuild.toolchain.find import find_toolchain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.build_python import BuildPython
    from crossbuild.cache import Cache
    from crossbuild.interpreter.shadow import CrossPython
    from crossbuild.options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.toolchain.compilers import Compilers
    from crossbuild.toolchain.model import Toolchain


@dataclass(frozen=True, kw_only=True)
class Cross:
    """A host that can be built for."""

    host: Host
    toolchain: Toolchain
    compilers: Compilers
    build_python: BuildPython
    cross_python: CrossPython


def prepare_cross(
    options: BuildOptions,
    *,
    cache: Cache,
    reporter: Reporter,
    environ: Mapping[str, str],
    download_environ: Mapping[str, str],
) -> Cross:
    """Read or synthesise the host, find and prove its toolchain, and make its cross Python.

    ``download_environ`` is the environment for what must be downloaded. Raises HostError, BuildPythonError or
    ToolchainError.
    """
    with reporter.step(f"Read the host {options.host}"):
        described = describe_host(options.host, python=options.python, sysroot=options.sysroot)
        version = described.python_version[:2]
        build_python = find_build_python(version, described.abi_flags, explicit=options.build_python, environ=environ)
    with reporter.step(f"Prepare the compilers for {described.platform.gnu_type}"):
        toolchain = find_toolchain(
            described.platform,
            request=options.toolchain,
            recorded_cc=str(described.build_time_vars.get("CC", "")) if isinstance(described, Host) else "",
            sysroot=options.sysroot or (described.sysroot if isinstance(described, Host) else None),
            cache=cache,
            environ=environ,
            download_environ=download_environ,
        )
        compilers = prepare_compilers(toolchain, cache)
    reporter.note(f"{toolchain.version}: {compilers.cc}")
    with reporter.step("Prepare the cross Python"):
        host = described
        if not isinstance(host, Host):
            from crossbuild.host.synthesise import synthesise

            host = synthesise(host, compilers=compilers, build_python=build_python, cache=cache)
        cross_python = make_cross_python(build_python=build_python, host=host, compilers=compilers, cache=cache)
    reporter.note(
        "Python {}.{}.{} for {}, built with {}.{}.{} ({})".format(
            *host.python_version, host.platform.wheel_tag, *build_python.version, build_python.executable
        )
    )
    return Cross(
        host=host, toolchain=toolchain, compilers=compilers, build_python=build_python, cross_python=cross_python
    )
