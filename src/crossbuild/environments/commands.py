"""The programs of a cross environment that are not there in a build."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.environments.entering import outside_file
from crossbuild.system.filesystem import write_script

if TYPE_CHECKING:
    from pathlib import Path


def write_programs(directory: Path, *, cross_python: Path, build_python: Path) -> None:
    """Write ``build-python``, which runs as it would outside, and ``cross-python`` into the environment's ``bin``.

    The file that activates the environment is there by the name that it has in other environments.
    """
    (directory / "bin" / "activate").symlink_to("../activate")
    write_script(directory / "bin" / "cross-python", f'exec {quote(str(cross_python))} "$@"\n')
    venv = build_python.parent.parent
    write_script(
        directory / "bin" / "build-python",
        f". {quote(str(outside_file(directory)))}\n"
        f"export VIRTUAL_ENV={quote(str(venv))} PATH={quote(str(build_python.parent))}:$PATH\n"
        f'exec {quote(str(build_python))} "$@"\n',
    )


def write_versioned(directory: Path, *, version: str) -> None:
    """Let the programs of both Pythons be called by the version, too: ``cross-pip3``, ``build-python3.11``."""
    for name in ("build-python", "cross-python", "build-pip", "cross-pip"):
        for suffix in ("3", version):
            (directory / "bin" / f"{name}{suffix}").symlink_to(name)
