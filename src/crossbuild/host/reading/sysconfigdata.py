"""A host's build variables, found and read as the data that they are; nothing is run.

They are in ``_sysconfigdata*.py``, in its bytecode where only that was kept (Yocto, Buildroot), and since CPython 3.14
in ``_sysconfig_vars*.json`` as well. Source: CPython's Lib/sysconfig (``_generate_posix_vars`` writes the files,
``_get_sysconfigdata_name`` names them). Debian keeps the file under two names, one a link to the other.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.reading.files import begins_with, follow, read_file
from crossbuild.host.reading.pyc import assigned_dictionary
from crossbuild.host.reading.variables import is_plain, is_text
from crossbuild.system.documents import parse_json

if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterable
    from pathlib import Path

_LARGEST = 4 << 20
"""Bytes; the real ones have some 50 thousand."""

_NAMES = (
    ("_sysconfigdata*.py", "plat-*/_sysconfigdata*.py"),
    ("_sysconfigdata*.pyc", "__pycache__/_sysconfigdata*.pyc"),
    ("_sysconfig_vars*.json",),
)
"""The best first. Debian and Ubuntu once had the file in ``plat-<multiarch>``."""

_LONGEST = 500
"""Characters of an error."""


def variables_files(library: Path) -> list[Path]:
    """Return the files with build variables in the standard library ``library``: source, else bytecode, else JSON."""
    for patterns in _NAMES:
        found = sorted(file for pattern in patterns for file in library.glob(pattern))
        if found:
            return found
    return []


def names_debug(file: Path) -> bool:
    """Return whether ``file`` is named as the build variables of a debug Python."""
    return bool(re.match(r"_sysconfig(data|_vars)_t?d_", file.name))


def find_sysconfigdata(directories: Iterable[Path], abi_flags: str = "") -> Path:
    """Return the one file with build variables in ``directories``; files with equal variables count once.

    Where there are several, those named for ``abi_flags`` are meant. Raises HostError for none, and for more than one.
    """
    searched = list(directories)
    files = list(dict.fromkeys(follow(file) for directory in searched for file in variables_files(directory)))
    # Debian's debug Python has its file beside that of the release.
    named = [file for file in files if re.match(rf"_sysconfig(data|_vars)_{re.escape(abi_flags)}_", file.name)]
    meant = named or files
    if len(meant) == 1:
        return meant[0]
    different = {frozenset(read_variables_file(file).items()): file for file in reversed(meant)}
    if len(different) == 1:
        return meant[0]
    if not different:
        raise HostError(
            f"There is no _sysconfigdata*.py in {' or '.join(map(str, searched))}.",
            why="A Python's build variables are there; without them nobody knows what it was built for.",
            fix="Install the host Python's complete standard library "
            "(Debian: libpythonX.Y-minimal or libpythonX.Y-stdlib; for a venv, name its base Python).",
        )
    raise HostError(
        f"{len(different)} sysconfigdata that differ are in {' and '.join(map(str, searched))}.",
        why=", ".join(str(file) for file in sorted(different.values())),
        fix="Say with --sysconfigdata FILE which one is the host's own. (conda's Pythons have several: the host's own "
        "is the one with the compilers of the machine that it was built for.)",
    )


def read_variables_file(path: Path) -> dict[str, str | int]:
    """Return the build variables in ``path``: a sysconfigdata (``.py`` or ``.pyc``), or a ``_sysconfig_vars*.json``.

    Raises HostError if the file holds anything but one literal dictionary of text and whole numbers.
    """
    is_json = path.suffix == ".json" or begins_with(path, b"{")
    read = _from_json if is_json else _from_bytecode if path.suffix == ".pyc" else _from_source
    return _checked(read(path), path)


def _from_source(path: Path) -> ItemsView[object, object]:
    return _variables(_module(path), path)


def _from_bytecode(path: Path) -> ItemsView[object, object]:
    try:
        return assigned_dictionary(read_file(path, limit=_LARGEST), "build_time_vars").items()
    except ValueError as error:
        raise _not_data(path, str(error)) from None


def _from_json(path: Path) -> ItemsView[object, object]:
    """Return what is in ``path``, without the variables that have no value: CPython writes all of get_config_vars()."""
    try:
        found = parse_json(read_file(path, limit=_LARGEST))
    except ValueError as error:
        raise _damaged(path, "JSON", error) from None
    if not isinstance(found, dict):
        raise _not_data(path, "It holds no object.")
    return {name: value for name, value in found.items() if value is not None}.items()


def _module(path: Path) -> ast.Module:
    try:
        return ast.parse(read_file(path, limit=_LARGEST), filename=str(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _damaged(path, "Python", error) from None


def _variables(module: ast.Module, path: Path) -> ItemsView[object, object]:
    literals = []
    for statement in module.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="build_time_vars")], value=ast.Dict() as value):
                literals.append(value)
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise _not_data(path, f"Line {statement.lineno} is something else than `build_time_vars = {{…}}`.")
    if len(literals) != 1:
        raise _not_data(path, f"It assigns build_time_vars {len(literals)} times.")
    return _literal(literals[0], path)


def _literal(value: ast.Dict, path: Path) -> ItemsView[object, object]:
    try:
        return dict(ast.literal_eval(value)).items()
    except (ValueError, TypeError, RecursionError, MemoryError) as error:
        raise _not_data(path, f"A value in it is not a literal: {error}.") from None


def _checked(found: ItemsView[object, object], path: Path) -> dict[str, str | int]:
    variables = {name: value for name, value in found if is_text(name) and is_plain(value)}
    odd = [repr(name) if isinstance(name, str) else type(name).__name__ for name, _ in found if name not in variables]
    if odd:
        raise _not_data(path, f"These are neither text nor whole numbers: {', '.join(odd)[:_LONGEST]}.")
    return variables


def _damaged(path: Path, language: str, error: Exception) -> HostError:
    return HostError(
        f"{path} is damaged: it cannot be parsed as {language}.",
        why=str(error),
        fix="Install the host Python anew, or copy the file again.",
    )


def _not_data(path: Path, why: str) -> HostError:
    return HostError(
        f"{path} is not a sysconfigdata as CPython writes it.",
        why=f"{why} The file is read, never run, so it may hold nothing else.",
        fix="Restore the file that the host's Python came with.",
    )
