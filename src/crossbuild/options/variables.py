"""Environment variables that stand in for options, read for programs; click reads them for the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from crossbuild.declarations.option import Kind, completed, options_of
from crossbuild.errors import UsageError
from crossbuild.sysroot.apt_sources import first_and_further
from crossbuild.system.disk_usage import size_from_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import DataclassInstance

_T = TypeVar("_T", bound="DataclassInstance")


def size_from(size: int | str | None) -> int | None:
    """Return the bytes that a program means: a number, or a text such as ``20G``. Raises UsageError."""
    try:
        return size_from_text(size) if isinstance(size, str) else size
    except ValueError as error:
        raise UsageError(str(error)) from None


_READ: Mapping[Kind, Callable[[str], Any]] = {
    Kind.HOST: str,
    Kind.CHOICE: str,
    # Blanks separate values, as click reads variables of options that can be given more than once.
    Kind.MIRRORS: lambda text: first_and_further(text.split()),
    Kind.REGULAR_FILE: lambda text: Path(text).absolute(),
    Kind.NEW_DIRECTORY: Path,
    Kind.SIZE: size_from,
}
"""How values are written in variables, for the kinds that have one."""


def with_variables(options: _T, environ: Mapping[str, str]) -> _T:
    """Return ``options``, a dataclass of options, with what ``environ`` says of those that have their defaults."""
    values = {
        one.field: _READ[one.kind](environ[one.variable])
        for one in options_of(type(options))
        if one.variable and environ.get(one.variable)
    }
    return completed(options, values)
