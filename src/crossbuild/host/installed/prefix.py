"""Where a host Python is installed: its prefix, version and executable, found by the names of files.

Source: CPython's Lib/sysconfig (``_INSTALL_SCHEMES``: the standard library is ``lib/pythonX.Y``, with a ``t`` when
free-threaded; Fedora and openSUSE say ``lib64``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.reading.files import begins_with, follow
from crossbuild.host.reading.sysconfigdata import names_debug, variables_files
from crossbuild.host.reading.variables import not_cpython
from crossbuild.platforms.elf import ELF_MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LIBRARY_NAME = re.compile(r"python3\.(\d+)(t?)")
_EXECUTABLE_NAME = re.compile(r"python3\.(\d+)(t?d?)")


@dataclass(frozen=True, kw_only=True)
class Prefix:
    """A directory with ``lib/pythonX.Y`` in it."""

    path: Path
    """On this machine, links followed."""
    outer: Path
    """As it was named, where that leads into ``path`` by links: a profile of a store, a directory that stow filled."""
    library: Path
    """The standard library, links followed."""
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
        # Both are PREFIX/bin/python3.X.
        prefix, outer = executable.parent.parent, text.absolute().parent.parent
        installed = cls._installed_in(prefix, outer, executable, root)
        # Maybe only bin, or the file, is a link: then the library is beside the name that was given.
        if not installed and text.name == executable.name:
            installed = cls._installed_in(outer, outer, executable, root)
        found = _EXECUTABLE_NAME.fullmatch(executable.name)
        if found:
            installed = _named(installed, (3, int(found[1])), found[2])
        return _chosen(installed, prefix, python, abi_flags)

    @classmethod
    def from_directory(
        cls, prefix: Path, *, root: Path | None, python: tuple[int, int] | None, abi_flags: str | None = None
    ) -> Prefix:
        """Choose the Python of version ``python`` with ``abi_flags`` in ``prefix``; left open, one is there.

        Raises HostError for none and for more than one; a debug Python beside its release is not meant.
        """
        real = follow(prefix, root=root)
        return _chosen(cls._installed_in(real, prefix.absolute(), None, root), real, python, abi_flags)

    @classmethod
    def _installed_in(cls, prefix: Path, outer: Path, executable: Path | None, root: Path | None) -> list[Prefix]:
        """Return the Pythons in ``prefix``, oldest first. ``lib`` may be a link into the real prefix."""
        installed = {}
        for library in sorted((*prefix.glob("lib/python3.*"), *prefix.glob("lib64/python3.*"))):
            found = _LIBRARY_NAME.fullmatch(library.name)
            if not found:
                continue
            real = follow(library, root=root)
            # Skip directories without build variables: on Fedora, lib/python3.X has packages and lib64/python3.X is the
            # library. One library may serve two Pythons: Debian's debug Python only adds its own variables.
            for debug in sorted({"d" if names_debug(file) else "" for file in variables_files(real)}):
                version, flags = (3, int(found[1])), found[2] + debug
                path = real.parent.parent if real.parent.name in {"lib", "lib64"} else prefix
                own = executable or _executable((path, outer), f"python3.{version[1]}{flags}", root)
                installed[version, flags] = cls(
                    path=path, outer=outer, library=real, version=version, abi_flags=flags, executable=own
                )
        return [installed[key] for key in sorted(installed)]

    @property
    def library_directories(self) -> list[Path]:
        """The directories that may hold what belongs to the standard library."""
        beside = [self.path / directory / self.library.name for directory in ("lib", "lib64")]
        return [self.library, *(directory for directory in beside if directory.is_dir() and directory != self.library)]


def _executable(prefixes: Iterable[Path], name: str, root: Path | None) -> Path | None:
    files = [follow(prefix / "bin" / name, root=root) for prefix in prefixes]
    return next((file for file in files if begins_with(file, ELF_MAGIC)), None)


def _check_is_program(executable: Path, text: Path) -> None:
    if executable.exists() and not executable.is_file():
        raise HostError(f"{text} is neither a file nor a directory.")
    if not executable.exists():
        raise HostError(
            f"{text} is a link to {executable}, which is not there.",
            fix="Copy or unpack the whole host Python, or name the root it is in with --sysroot.",
        )
    if executable.name.startswith("pypy"):
        raise not_cpython(text)
    if begins_with(executable, ELF_MAGIC):
        return
    raise HostError(
        f"{text} is not a host Python's executable.",
        why="It is a script." if begins_with(executable, b"#!") else "It is not an ELF file.",
        fix="Name the interpreter itself (…/bin/python3.X) or its prefix, the directory with lib/python3.X.",
    )


def _named(installed: list[Prefix], version: tuple[int, int], flags: str) -> list[Prefix]:
    """Return what an executable of that name can be: CPython installs ``python3.13t`` as ``python3.13``, too."""
    fitting = [one for one in installed if one.version == version and set(flags) <= set(one.abi_flags)]
    return [one for one in fitting if one.abi_flags == flags] or fitting


def _chosen(installed: list[Prefix], prefix: Path, python: tuple[int, int] | None, abi_flags: str | None) -> Prefix:
    if not installed:
        raise _none_installed(prefix)
    names = ", ".join(_name(one) for one in installed)
    fitting = [one for one in installed if python in (None, one.version)]
    if python and not fitting:
        raise HostError(
            f"The host in {prefix} is Python {names}, but Python {python[0]}.{python[1]} was asked for.",
            fix="Leave --python out for an installed host, or name another one.",
        )
    fitting = [one for one in fitting if abi_flags in (None, one.abi_flags)]
    if not fitting:
        raise HostError(
            f"The host in {prefix} is Python {names}, but one with the ABI flags {abi_flags!r} was asked for.",
            fix="Name one of them with --python, or another host.",
        )
    fitting = [one for one in fitting if not (one.abi_flags.endswith("d") and _release_of(one, fitting))] or fitting
    if len(fitting) > 1:
        raise HostError(
            f"{prefix} holds several Pythons: {names}.",
            fix="Choose one with --python, such as 3.13t, or name its executable.",
        )
    return fitting[0]


def _release_of(debug: Prefix, among: Iterable[Prefix]) -> bool:
    return any((one.version, f"{one.abi_flags}d") == (debug.version, debug.abi_flags) for one in among)


def _name(one: Prefix) -> str:
    return "{}.{}".format(*one.version) + one.abi_flags


def _none_installed(prefix: Path) -> HostError:
    if (prefix / "pyvenv.cfg").is_file():
        return HostError(
            f"{prefix} is a virtual environment.",
            fix="Name the Python that it was made from: `home` in its pyvenv.cfg.",
        )
    if any(prefix.glob("bin/pypy3*")) or any(prefix.glob("lib/pypy3*")):
        return not_cpython(prefix)
    inner = next((prefix / name for name in ("usr", "usr/local") if any((prefix / name).glob("lib*/python3.*"))), None)
    return HostError(
        f"{prefix} is not the prefix of a CPython.",
        why="It has no lib/python3.X (nor lib64/python3.X) with a _sysconfigdata*.py (or .pyc) in it.",
        fix=f"Did you mean {inner}?" if inner else "Name the directory that the host's Python was installed into.",
    )
