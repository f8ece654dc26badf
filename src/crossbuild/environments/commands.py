"""The programs of a cross environment that are not there in a build."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.environments.entering import outside_file
from crossbuild.system.filesystem import write_script

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.building.build_venv import BuildVenv
    from crossbuild.native.build_layout import BuildDirectory


def write_programs(venv: BuildVenv, *, cross_python: Path) -> None:
    """Write ``build-python``, which runs as it would outside, and ``cross-python`` into the environment's ``bin``.

    ``venv`` is the environment's. The file that activates it is there by the name that it has in other environments.
    """
    directory = venv.build
    (directory.bin / "activate").symlink_to("../activate")
    write_script(directory.bin / "cross-python", f'exec {quote(str(cross_python))} "$@"\n')
    write_script(
        directory.bin / "build-python",
        f". {quote(str(outside_file(directory.path)))}\n"
        f"export VIRTUAL_ENV={quote(str(venv.directory))} PATH={quote(str(venv.bin))}:$PATH\n"
        f'exec {quote(str(venv.python))} "$@"\n',
    )


def write_versioned(directory: BuildDirectory, *, version: str) -> None:
    """Let the programs of both Pythons be called by the version, too: ``cross-pip3``, ``build-python3.11``."""
    for name in ("build-python", "cross-python", "build-pip", "cross-pip"):
        for suffix in ("3", version):
            (directory.bin / f"{name}{suffix}").symlink_to(name)
