"""A build Python where this machine has none: found, or with the user's leave downloaded by uv."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.build_python.discovery import find_build_python
from crossbuild.errors import BuildPythonError
from crossbuild.system.excerpt import excerpt
from crossbuild.system.processes import CommandFailedError, Runner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.reporting import Reporter


def provide_build_python(
    version: tuple[int, int],
    abi_flags: str,
    *,
    offline: str,
    reporter: Reporter,
    environ: Mapping[str, str],
) -> BuildPython:
    """Return what :func:`find_build_python` finds, after uv has installed it where it keeps its Pythons if need be.

    Raises BuildPythonError if that fails, or if ``offline``, an option or a variable, forbids it.
    """
    try:
        return find_build_python(version, abi_flags, environ=environ)
    except BuildPythonError as error:
        if offline:
            raise BuildPythonError(
                error.what,
                why=f"--provision would download one, but {offline} forbids it.",
                fix=error.fix,
            ) from None
    wanted = "{}.{}".format(*version) + abi_flags
    with reporter.step(f"Install Python {wanted} to build with"):
        _install(wanted, reporter=reporter, environ=environ)
        found = find_build_python(version, abi_flags, environ=environ)
    reporter.note(f"uv installed {found.executable}")
    return found


def _install(wanted: str, *, reporter: Reporter, environ: Mapping[str, str]) -> None:
    from uv import find_uv_bin

    # Not a program more on the user's PATH, which is what uv does beside it.
    variables = {**environ, "UV_PYTHON_INSTALL_BIN": "0", "NO_COLOR": "1"}
    command = [find_uv_bin(), "python", "install", "--no-progress", wanted]
    with tempfile.TemporaryDirectory(prefix="crossbuild-") as scratch:
        try:
            Runner(log=Path(scratch, "log.txt"), reporter=reporter).run(command, environ=variables)
        except CommandFailedError as error:
            raise BuildPythonError(
                f"uv could not install Python {wanted}.",
                why=excerpt(error.output),
                fix="Check the network (UV_PYTHON_INSTALL_MIRROR names a mirror), or name a Python "
                f"{wanted} of this machine with --build-python.",
            ) from None
