"""Hosts: read, and asked what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.api.arguments import environ_from, options_from
from crossbuild.errors import UsageError
from crossbuild.reporting import SilentReporter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter


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
    from crossbuild import frontend

    return frontend.load_host(
        options_from(options, environ, host=host, python=python),
        reporter=reporter or SilentReporter(),
        environ=environ_from(environ),
    )


def capture_host(
    destination: str | None = None,
    *,
    python: str = "python3",
    headers: bool = False,
    environ: Mapping[str, str] | None = None,
) -> str:
    """Ask the device at ``destination`` what its Python is, by ssh, and return the text of a host file.

    A file with that text can be a ``host``, and the device is not needed any more. ``python`` is the command that
    starts the Python there; ``headers`` adds the texts of its C headers. Without a ``destination``, return the script
    that prints that text when you run it on the device.

    Raises HostError if ssh or the script fails; UsageError for ``headers`` without a destination.
    """
    from crossbuild.host.capture.ssh import capture_by_ssh, capture_script

    if destination is not None:
        return capture_by_ssh(destination, python=python, headers=headers, environ=environ_from(environ))
    if headers:
        # Without a destination there is only a script, which takes this as an argument of its own.
        raise UsageError("Headers need a destination.", fix="Run the script on the device with --headers.")
    return capture_script()
