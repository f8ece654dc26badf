"""The build Python: an interpreter of this machine with the host's version and ABI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import BuildPythonError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DESCRIBE = """
import json, os, sys, sysconfig
paths = sysconfig.get_paths()
name = getattr(sysconfig, '_get_sysconfigdata_name', lambda: '')()
json.dump({
    'executable': os.path.realpath(getattr(sys, '_base_executable', sys.executable) or sys.executable),
    'version': list(sys.version_info[:3]),
    'implementation': sys.implementation.name,
    'abi_flags': sys.abiflags,
    'prefix': sys.base_prefix,
    'stdlib': paths['stdlib'],
    'platstdlib': paths['platstdlib'],
    'include': paths['include'],
    'multiarch': getattr(sys.implementation, '_multiarch', ''),
    'sysconfigdata_name': name,
    'platform': sysconfig.get_platform(),
}, sys.stdout)
"""


@dataclass(frozen=True, kw_only=True)
class BuildPython:
    """Facts of an interpreter that runs here."""

    executable: Path
    """The real executable, not a link and not a venv's."""
    version: tuple[int, int, int]
    abi_flags: str
    """``sys.abiflags``: ``""``, ``t``, ``d`` or both."""
    prefix: Path
    stdlib: Path
    include: Path
    """The directory that ought to hold ``Python.h``; see :attr:`has_headers`."""
    multiarch: str
    sysconfigdata_name: str
    """The module that ``sysconfig`` imports its variables from, by this interpreter's own naming rule."""
    platform: str

    @classmethod
    def from_executable(cls, executable: Path) -> BuildPython:
        """Ask ``executable``, in isolated mode, who it is. Raises BuildPythonError if it does not answer."""
        command = [os.fspath(executable), "-I", "-S", "-c", _DESCRIBE]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
            facts = json.loads(answer.stdout)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            raise BuildPythonError(
                f"{executable} does not answer as a Python interpreter.",
                why=str(getattr(error, "stderr", "") or error).strip(),
                fix="Give --build-python an interpreter of this machine.",
            ) from None
        if facts["implementation"] != "cpython":
            raise BuildPythonError(
                f"{executable} is {facts['implementation']}; crossbuild builds with CPython.",
                fix="Give --build-python a CPython.",
            )
        major, minor, micro = facts["version"]
        return cls(
            executable=Path(facts["executable"]),
            version=(major, minor, micro),
            abi_flags=facts["abi_flags"],
            prefix=Path(facts["prefix"]),
            stdlib=Path(facts["stdlib"]),
            include=Path(facts["include"]),
            multiarch=facts["multiarch"],
            sysconfigdata_name=facts["sysconfigdata_name"],
            platform=facts["platform"],
        )

    @property
    def has_headers(self) -> bool:
        """Whether the headers for C extensions are installed."""
        return (self.include / "Python.h").is_file() and (self.include / "pyconfig.h").is_file()

    def fits(self, version: tuple[int, int], abi_flags: str) -> bool:
        """Return whether extensions for a Python of ``version`` and ``abi_flags`` can be built with this one."""
        return self.version[:2] == version and self.abi_flags == abi_flags


def find_build_python(
    version: tuple[int, int],
    abi_flags: str = "",
    *,
    explicit: Path | None = None,
    environ: Mapping[str, str],
) -> BuildPython:
    """Return an interpreter of this machine with ``version`` and ``abi_flags``.

    ``explicit`` is the only candidate if given. Otherwise: the running interpreter, ``pythonX.Y`` on ``PATH``,
    pyenv's and uv's installed versions. Raises BuildPythonError where none fits.
    """
    wanted = f"{version[0]}.{version[1]}{abi_flags}"
    if explicit:
        found = BuildPython.from_executable(explicit)
        if not found.fits(version, abi_flags):
            have = "{}.{}.{}".format(*found.version) + found.abi_flags
            raise BuildPythonError(
                f"{explicit} is Python {have}, but the host is Python {wanted}.",
                why="Headers, bytecode and ABI follow the minor version, so build and host must share it.",
                fix=f"Give --build-python a Python {wanted}, or leave it out.",
            )
        return found
    tried = []
    for candidate in _candidates(version, abi_flags, environ):
        tried.append(str(candidate))
        try:
            found = BuildPython.from_executable(candidate)
        except BuildPythonError:
            continue
        if found.fits(version, abi_flags):
            return found
    raise BuildPythonError(
        f"No Python {wanted} was found on this machine, and the host is Python {wanted}.",
        why=f"Tried: {', '.join(tried) or 'nothing; no candidate exists'}.",
        fix=f"Install one (`uv python install {wanted}`, `pyenv install {wanted}`, or "
        f"`apt install python{wanted}-dev python{wanted}-venv`), or name one with --build-python.",
    )


def _candidates(version: tuple[int, int], abi_flags: str, environ: Mapping[str, str]) -> Iterator[Path]:
    name = f"python{version[0]}.{version[1]}{abi_flags}"
    if sys.version_info[:2] == version:
        yield Path(sys.executable)
    for directory in environ.get("PATH", "").split(os.pathsep):
        on_path = shutil.which(name, path=directory) if directory else None
        if on_path:
            yield Path(on_path)
    home = Path(environ.get("HOME", "/"))
    pyenv = Path(environ.get("PYENV_ROOT", home / ".pyenv"))
    uv = Path(environ.get("UV_PYTHON_INSTALL_DIR", home / ".local/share/uv/python"))
    for versions in (pyenv / "versions", uv):
        yield from sorted(versions.glob(f"*/bin/{name}"))
