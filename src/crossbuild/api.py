"""The functions that programs call; ``crossbuild`` itself gives them, and keeps their names and meanings (semver)."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild import frontend
from crossbuild.host.host_request import python_from_text
from crossbuild.options.build_options import BuildOptions
from crossbuild.reporting import SilentReporter
from crossbuild.sysroot.names import SysrootName, is_sysroot_name
from crossbuild.toolchain.model import ToolchainRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.host.model import Host
    from crossbuild.reporting import Reporter
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.distribution import BuiltWheel


def build_wheel(
    spec: str | Path,
    *,
    host: str | Path,
    wheel_dir: str | Path = ".",
    python: str | None = None,
    toolchain: str | None = None,
    sysroot: str | Path | None = None,
    config_settings: Mapping[str, str | list[str]] | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> BuiltWheel:
    """Build the wheel of ``spec`` for ``host``, check it, and put it into ``wheel_dir``.

    ``spec`` is what the command line takes: a requirement (``"numpy"``, ``"numpy==2.3.*"``, ``"name @ https://…"``), a
    repository (``"git+https://…"``), or the path of an sdist, a directory or a wheel, with a slash in it where it is
    text. A wheel that is there is checked and copied.

    ``host``, ``python`` (``"3.12"``, ``"3.13t"``), ``toolchain``, ``sysroot`` and ``config_settings`` are what the
    command line takes under these names; ``options`` has everything else, and what is said here counts more.
    ``reporter`` hears what happens. ``environ`` is the environment, by default this process's. A configuration is read
    where the project has one; that of the working directory has to come with ``options``.

    Raises a subclass of :class:`CrossbuildError`; then there is no wheel.
    """
    wheels = frontend.build_wheels(
        [spec],
        wheel_dir=Path(wheel_dir),
        options=_options(
            host,
            options,
            environ,
            python=python,
            toolchain=toolchain,
            sysroot=sysroot,
            config_settings=config_settings,
        ),
        reporter=reporter or SilentReporter(),
        environ=_environ(environ),
    )
    (wheel,) = wheels
    return wheel


def load_host(
    host: str | Path,
    *,
    python: str | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> Host:
    """Return all that is known of ``host``: read from its files, lent by the build Python, or measured.

    The arguments are those of :func:`build_wheel`. Raises a subclass of :class:`CrossbuildError`.
    """
    return frontend.load_host(
        _options(host, options, environ, python=python),
        reporter=reporter or SilentReporter(),
        environ=_environ(environ),
    )


def check_wheel(
    wheel: str | Path,
    *,
    host: Host | str | Path,
    python: str | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> WheelReport:
    """Check every file in ``wheel``, whoever built it, against ``host``, and return what is in it.

    ``host`` may be what :func:`load_host` returned. Raises AuditError with all problems at once, SourceError if
    there is no such wheel, and what :func:`load_host` raises.
    """
    if isinstance(host, (str, Path)):
        host = load_host(host, python=python, options=options, reporter=reporter, environ=environ)
    return frontend.check_wheel(Path(wheel), host)


def _options(
    host: str | Path,
    options: BuildOptions | None,
    environ: Mapping[str, str] | None,
    *,
    python: str | None = None,
    toolchain: str | None = None,
    sysroot: str | Path | None = None,
    config_settings: Mapping[str, str | list[str]] | None = None,
) -> BuildOptions:
    """Return ``options`` with what else is given in their places."""
    if options is None:
        cache = _environ(environ).get("CROSSBUILD_CACHE_DIR")
        options = BuildOptions(cache_dir=Path(cache)) if cache else BuildOptions()
    options = replace(options, host=str(host))
    if python:
        version, abi_flags = python_from_text(python)
        options = replace(options, python=version, host_request=replace(options.host_request, abi_flags=abi_flags))
    if toolchain:
        options = replace(options, toolchain=ToolchainRequest(choice=toolchain).over(options.toolchain))
    if sysroot:
        is_name = isinstance(sysroot, str) and is_sysroot_name(sysroot)
        options = replace(options, sysroot=SysrootName.from_text(str(sysroot)) if is_name else Path(sysroot))
    return replace(options, config_settings={**options.config_settings, **(config_settings or {})})


def _environ(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ
