"""A host's ``_sysconfigdata*.py``, read as the literal that it is and never run.

Source: CPython's Lib/sysconfig (``_generate_posix_vars`` writes it, ``_get_sysconfigdata_name`` names it). Debian keeps
the file under two names, one a link to the other.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.files import follow, read_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LARGEST = 4 << 20
"""Bytes; the real ones have some 50 thousand."""


def find_sysconfigdata(directories: Iterable[Path], abi_flags: str = "") -> Path:
    """Return the one sysconfigdata in ``directories``; files with equal content count once.

    Where there are several, those named for ``abi_flags`` are meant. Raises HostError for none, and for more than one.
    """
    searched = list(directories)
    files = [follow(file) for directory in searched for file in sorted(directory.glob("_sysconfigdata*.py"))]
    named = [file for file in files if file.name.startswith(f"_sysconfigdata_{abi_flags}_")]
    contents = {read_file(file, limit=_LARGEST): file for file in named or files}
    if len(contents) == 1:
        return contents.popitem()[1]
    if not contents:
        raise HostError(
            f"There is no _sysconfigdata*.py in {' or '.join(map(str, searched))}.",
            why="A Python's build variables are there; without them nobody knows what it was built for.",
            fix="Install the host Python's complete standard library "
            "(Debian: libpythonX.Y-minimal or libpythonX.Y-stdlib; for a venv, name its base Python).",
        )
    raise HostError(
        f"Several _sysconfigdata*.py that differ are in {' and '.join(map(str, searched))}.",
        why=", ".join(str(file) for file in sorted(contents.values())),
        fix="Leave the host's own file there and move the others away.",
    )


def read_sysconfigdata(path: Path) -> dict[str, str | int]:
    """Return the ``build_time_vars`` assigned in ``path``.

    Raises HostError if the file holds anything but that one assignment of a literal dictionary.
    """
    return _variables(_module(path), path)


def _module(path: Path) -> ast.Module:
    try:
        return ast.parse(read_file(path, limit=_LARGEST), filename=str(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise HostError(
            f"{path} is damaged: it cannot be parsed as Python.",
            why=str(error),
            fix="Install the host Python anew, or copy the file again.",
        ) from None


def _variables(module: ast.Module, path: Path) -> dict[str, str | int]:
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


def _literal(value: ast.Dict, path: Path) -> dict[str, str | int]:
    try:
        variables = ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError, MemoryError) as error:
        raise _not_data(path, f"A value in it is not a literal: {error}.") from None
    odd = [key for key, entry in variables.items() if not (isinstance(key, str) and isinstance(entry, str | int))]
    if odd:
        raise _not_data(path, f"These are neither text nor whole numbers: {', '.join(map(str, odd))}.")
    return dict(variables)


def _not_data(path: Path, why: str) -> HostError:
    return HostError(
        f"{path} is not a sysconfigdata as CPython writes it.",
        why=f"{why} The file is read, never run, so it may hold nothing else.",
        fix="Restore the file that the host's Python came with.",
    )
