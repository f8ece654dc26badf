"""The cross venv: a virtual environment of the cross Python over the site-packages of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.interpreter.shadow import CrossPython


def make_cross_venv(directory: Path, *, cross_python: CrossPython, site_packages: Path) -> Path:
    """Make ``directory`` a virtual environment (PEP 405) of ``cross_python``; return its interpreter.

    Its site-packages is a link to ``site_packages``: what is installed there, before or after, is importable here.
    The same files as the standard library's ``venv`` makes, without pip and activation scripts.
    """
    binaries = directory / "bin"
    binaries.mkdir(parents=True)
    executable = cross_python.executable
    (binaries / "python").symlink_to(executable)
    for name in ("python3", executable.name):
        (binaries / name).symlink_to("python")
    link_python_config(binaries, executable)
    library = directory / "lib" / cross_python.stdlib.name
    library.mkdir(parents=True)
    # A link, so that the hooks find what is installed into the build venv while they run, too.
    (library / "site-packages").symlink_to(site_packages)
    (directory / "lib64").symlink_to("lib")
    (directory / "include").mkdir()
    (directory / "pyvenv.cfg").write_text(_configuration(directory, cross_python))
    return binaries / "python"


def link_python_config(binaries: Path, executable: Path) -> None:
    """Put the ``python3-config`` of the cross Python ``executable`` into ``binaries``, by both of its names."""
    for name in ("python3-config", f"{executable.name}-config"):
        (binaries / name).symlink_to(executable.with_name(name))


def _configuration(directory: Path, cross_python: CrossPython) -> str:
    executable = cross_python.executable
    values = {
        "home": executable.parent,
        "include-system-site-packages": "false",
        "version": "{}.{}.{}".format(*cross_python.version),
        "executable": executable,
        "command": f"{executable} -m venv --without-pip {directory}",
    }
    return "".join(f"{name} = {value}\n" for name, value in values.items())
