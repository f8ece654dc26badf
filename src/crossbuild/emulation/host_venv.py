"""A virtual environment (PEP 405) of a Python that is for the host, on this machine."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from crossbuild.emulation import config_vars, processor_time
from crossbuild.system.filesystem import write_script

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def make_host_venv(
    directory: Path, python: Path, *, site_packages: Path, recorded: Path, before: Sequence[str] = ()
) -> Path:
    """Make ``directory`` a virtual environment of the host's ``python`` over the new ``site_packages``; return its own.

    ``recorded`` is the module with its config vars, and ``before`` the beginning of the command that starts ``python``.
    """
    site_packages.mkdir(parents=True)
    library = directory / "lib" / site_packages.parent.name
    library.mkdir(parents=True)
    (library / "site-packages").symlink_to(site_packages)
    (site_packages / config_vars.LINK).symlink_to(recorded)
    for module in (config_vars, processor_time):
        name = "_crossbuild_" + module.__name__.rpartition(".")[2]
        (site_packages / f"{name}.py").symlink_to(str(module.__file__))
        (site_packages / f"{name}.pth").write_text(f"import {name}\n", encoding="utf-8")
    return write_host_python(directory, python, before=before)


def seconds_in_python(record: Path) -> float:
    """Return how much processor time the host's Python took in the build that ``record`` is of."""
    file = record / processor_time.NAME
    return sum(map(float, file.read_text(encoding="ascii").split())) if file.exists() else 0.0


def write_host_python(environment: Path, python: Path, *, before: Sequence[str] = ()) -> Path:
    """Write ``bin/python`` into ``environment``, whose site-packages are there; it starts the host's ``python``.

    ``before`` is the beginning of the command for that; nothing if the system starts it. A script, so that what the
    Python starts with ``sys.executable`` runs, too: an emulator does not follow execve(2).
    """
    programs, real = environment / "bin", environment / "libexec" / python.name
    real.parent.mkdir()
    real.symlink_to(python.absolute())
    # Beside the link's directory: so Python takes it for a virtual environment.
    settings = f"home = {python.absolute().parent}\ninclude-system-site-packages = false\n"
    (environment / "pyvenv.cfg").write_text(settings, encoding="utf-8")
    programs.mkdir(exist_ok=True)
    script = write_script(programs / "python", f'exec {shlex.join([*before, str(real)])} "$@"\n')
    for name in ("python3", python.name):
        (programs / name).symlink_to("python")
    (site_packages,) = environment.glob("lib/python*/site-packages")
    line = f"import sys; sys.executable = {str(script)!r}\n"
    (site_packages / "_crossbuild_executable.pth").write_text(line, encoding="utf-8")
    return script
