"""Where a host Python is installed: its prefix, version and executable, found by the names of files.

Source: CPython's Lib/sysconfig (``_INSTALL_SCHEMES``: the standard library is ``lib/pythonX.Y``, with a ``t`` when
free-threaded; Fedora and openSUSE say ``lib64``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.files import follow

if TYPE_CHECKING:
    from pathlib import Path

_LIBRARY_NAME = re.compile(r"python(3)\.(\d+)(t?)")
_EXECUTABLE_NAME = re.compile(r"python(3)\.(\d+)(t?)(d?)")


@dataclass(frozen=True, kw_only=True)
class Prefix:
    """A directory with ``lib/pythonX.Y`` in it."""

    path: Path
    """On this machine, links followed."""
    version: tuple[int, int]
    abi_flags: str = ""
    """As far as file names tell: ``t`` for a free-threaded Python, ``d`` for a debug one."""
    executable: Path | None = None
    """The interpreter, links followed, if there is one."""

    @classmethod
    def from_executable(
        cls, text: Path, *, root: Path | None, python: tuple[int, int] | None, abi_flags: str | None = None
    ) -> Prefix:
        """Find the prefix that the interpreter ``text`` belongs to; absolute links in it start from ``root``.

        Raises HostError if there is no standard library beside it, or if it is not of version ``python``.
        """
        executable = follow(text, root=root)
        _check_is_program(executable, text)
        prefix = executable.parent.parent
        found = _EXECUTABLE_NAME.fullmatch(executable.name)
        if not found:
            return _chosen(cls._installed_in(prefix, executable, root), prefix, python, abi_flags)
        own = (3, int(found[2])), found[3] + found[4]
        installed = cls._installed_in(prefix, executable, root, debug=found[4])
        return _chosen([one for one in installed if (one.version, one.abi_flags) == own], prefix, python, abi_flags)

    @classmethod
    def from_directory(
        cls, prefix: Path, *, root: Path | None, python: tuple[int, int] | None, abi_flags: str | None = None
    ) -> Prefix:
        """Choose the Python of version ``python`` with ``abi_flags`` in ``prefix``; left open, one is there.

        Raises HostError for none and for more than one.
        """
        real = follow(prefix, root=root)
        return _chosen(cls._installed_in(real, None, root), real, python, abi_flags)

    @classmethod
    def _installed_in(
        cls, prefix: Path, executable: Path | None, root: Path | None, *, debug: str = ""
    ) -> list[Prefix]:
        """Return the Pythons in ``prefix``, oldest first. ``lib`` may be a link into the real prefix."""
        installed = {}
        for library in sorted((*prefix.glob("lib/python3.*"), *prefix.glob("lib64/python3.*"))):
            found = _LIBRARY_NAME.fullmatch(library.name)
            real = follow(library, root=root)
            if not found or not any(real.glob("_sysconfigdata*.py")):
                continue
            version, thread = (3, int(found[2])), found[3]
            path = real.parent.parent if real.parent.name in {"lib", "lib64"} else prefix
            own = executable or _executable(path, f"python3.{found[2]}{thread}", root)
            flags = thread + debug
            installed[version, thread] = cls(path=path, version=version, abi_flags=flags, executable=own)
        return [installed[key] for key in sorted(installed)]

    @property
    def library_directories(self) -> list[Path]:
        """The directories that may hold what belongs to the standard library."""
        name = "python{}.{}".format(*self.version) + ("t" if "t" in self.abi_flags else "")
        directories = [self.path / library / name for library in ("lib", "lib64")]
        return [directory for directory in directories if directory.is_dir()]


def _executable(prefix: Path, name: str, root: Path | None) -> Path | None:
    file = follow(prefix / "bin" / name, root=root)
    return file if file.is_file() and _starts_with(file, b"\x7fELF") else None


def _check_is_program(executable: Path, text: Path) -> None:
    if executable.exists() and not executable.is_file():
        raise HostError(f"{text} is neither a file nor a directory.")
    if not executable.exists():
        raise HostError(
            f"{text} is a link to {executable}, which is not there.",
            fix="Copy or unpack the whole host Python, or name the root it is in with --sysroot.",
        )
    if _starts_with(executable, b"\x7fELF"):
        return
    raise HostError(
        f"{text} is not a host Python's executable.",
        why="It is a script." if _starts_with(executable, b"#!") else "It is not an ELF file.",
        fix="Name the interpreter itself (…/bin/python3.X) or its prefix, the directory with lib/python3.X.",
    )


def _starts_with(file: Path, magic: bytes) -> bool:
    try:
        with file.open("rb") as stream:
            return stream.read(len(magic)) == magic
    except OSError as error:
        raise HostError(f"{file} cannot be read.", why=error.strerror or str(error)) from None


def _chosen(installed: list[Prefix], prefix: Path, python: tuple[int, int] | None, abi_flags: str | None) -> Prefix:
    if not installed:
        raise _none_installed(prefix)
    fitting = [one for one in installed if python in (None, one.version) and abi_flags in (None, one.abi_flags)]
    names = ", ".join(_name(one) for one in installed)
    if not fitting and python:
        raise HostError(
            f"The host in {prefix} is Python {names}, but Python {python[0]}.{python[1]} was asked for.",
            fix="Leave --python out for an installed host, or name another one.",
        )
    if len(fitting) > 1:
        raise HostError(
            f"{prefix} holds several Pythons: {names}.",
            fix="Choose one with --python, or name its executable.",
        )
    return fitting[0]


def _name(one: Prefix) -> str:
    return "{}.{}".format(*one.version) + one.abi_flags


def _none_installed(prefix: Path) -> HostError:
    if (prefix / "pyvenv.cfg").is_file():
        return HostError(
            f"{prefix} is a virtual environment.",
            fix="Name the Python that it was made from: `home` in its pyvenv.cfg.",
        )
    inner = next((prefix / name for name in ("usr", "usr/local") if any((prefix / name).glob("lib*/python3.*"))), None)
    return HostError(
        f"{prefix} is not the prefix of a CPython.",
        why="It has no lib/python3.X (nor lib64/python3.X) with a _sysconfigdata*.py in it.",
        fix=f"Did you mean {inner}?" if inner else "Name the directory that the host's Python was installed into.",
    )
