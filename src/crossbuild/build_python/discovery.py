"""The build Python: an interpreter of this machine with the host's version and ABI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from crossbuild.errors import BuildPythonError
from crossbuild.system.programs import directories_on, run_program

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

# sys._base_executable is the interpreter behind a venv; the module venv uses it, too. _get_sysconfigdata_name is
# CPython's own, and another implementation has to be able to say what it is.
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

_MOST_AT_ONCE = 8
_WHY_MINOR = "Headers, bytecode and ABI follow the minor version, so build and host must share it."
_WHY_FLAGS = (
    "Extensions for a free-threaded Python (t) and for a debug one (d) are compiled by other macros than those for the "
    "usual one, so build and host must share them."
)


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
        # Without site: .pth files and a sitecustomize would run, and may print.
        command = [os.fspath(executable), "-I", "-S", "-c", _DESCRIBE]
        try:
            answer = run_program(command, check=True, timeout=60)
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
    def full_version(self) -> str:
        """Its version with the ABI flags: ``3.13.1t``."""
        return _text(self.version, self.abi_flags)

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
    """Return an interpreter of this machine with ``version`` and ``abi_flags``; the third number may be any.

    ``explicit`` is the only candidate if given. Otherwise: the running interpreter, ``pythonX.Y`` on ``PATH``,
    pyenv's and uv's installed versions. Raises BuildPythonError where none fits.
    """
    if explicit:
        return _checked(BuildPython.from_executable(explicit), explicit, version, abi_flags)
    candidates = list(_candidates(version, abi_flags, environ))
    with ThreadPoolExecutor(_MOST_AT_ONCE) as pool:
        # The first of them is mostly the one; only if it is not, there may be many that are not.
        for some in (candidates[:1], candidates[1:]):
            for python in pool.map(_ask, some):
                if python and python.fits(version, abi_flags):
                    return python
    return _none_found(version, abi_flags, candidates)


def _checked(found: BuildPython, explicit: Path, version: tuple[int, int], abi_flags: str) -> BuildPython:
    if found.fits(version, abi_flags):
        return found
    wanted = _text(version, abi_flags)
    raise BuildPythonError(
        f"{explicit} is Python {found.full_version}, but the host is Python {wanted}.",
        why=_WHY_FLAGS if found.version[:2] == version else _WHY_MINOR,
        fix=f"Give --build-python a Python {wanted}, or leave it out.",
    )


def _ask(candidate: Path) -> BuildPython | None:
    try:
        return BuildPython.from_executable(candidate)
    except BuildPythonError:
        return None


def _none_found(version: tuple[int, int], abi_flags: str, tried: Collection[Path]) -> NoReturn:
    wanted = _text(version, abi_flags)
    others = [f"pyenv install {wanted}"]
    if not abi_flags:
        others.append(f"apt install python{wanted}-dev python{wanted}-venv")
    raise BuildPythonError(
        f"No Python {wanted} was found on this machine, and the host is Python {wanted}.",
        why=f"Tried: {', '.join(map(str, tried)) or 'nothing; no candidate exists'}."
        + (f" {_WHY_FLAGS}" if abi_flags else ""),
        fix=f"uv python install {wanted}\n--provision does that. Or `{'`, or `'.join(others)}`, or name one with "
        "--build-python.",
    )


def _text(version: Iterable[int], abi_flags: str) -> str:
    return ".".join(map(str, version)) + abi_flags


def _candidates(version: tuple[int, int], abi_flags: str, environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the interpreters that are there and may fit by their names, each once."""
    seen = set()
    # Compared by the real file: python3.11 on PATH is often a link to the one that runs, or to pyenv's.
    for candidate in _named(version, abi_flags, environ):
        real = candidate.resolve()
        if real not in seen:
            seen.add(real)
            yield candidate


def _named(version: tuple[int, int], abi_flags: str, environ: Mapping[str, str]) -> Iterator[Path]:
    if (sys.version_info[:2], sys.abiflags) == (version, abi_flags):
        yield Path(sys.executable)
    plain = _text(version, "")
    # Debian calls its debug Pythons so.
    names = [f"python{plain}{abi_flags}", *([f"python{plain}-dbg"] if abi_flags == "d" else [])]
    home = Path(environ.get("HOME") or "/")
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    shared = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    uv = Path(environ.get("UV_PYTHON_INSTALL_DIR") or shared / "uv/python")
    for directory in directories_on(environ.get("PATH", "")):
        # pyenv's scripts there run what is chosen, slowly; all versions are looked at below.
        if directory != pyenv / "shims":
            yield from (Path(found) for name in names if (found := shutil.which(name, path=directory)))
    for versions in (pyenv / "versions", uv):
        yield from sorted(found for name in names for found in versions.glob(f"*/bin/{name}"))
