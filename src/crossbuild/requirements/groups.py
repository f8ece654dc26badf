"""Dependency groups of a project (PEP 735)."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.dependency_groups import resolve_dependency_groups
from packaging.utils import canonicalize_name

from crossbuild.errors import UsageError
from crossbuild.system.documents import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator


def group_requirements(text: str) -> tuple[str, ...]:
    """Return the requirements of the group that ``[PATH:]NAME`` means, with those of the groups that it includes.

    PATH is that of a ``pyproject.toml``, by default the working directory's; as with pip. Raises UsageError.
    """
    # pip's --group: the path may have a colon in it, the name of a group may not.
    path, _, name = text.rpartition(":")
    file = Path(path or "pyproject.toml")
    groups = _groups(file)
    if canonicalize_name(name) not in map(canonicalize_name, groups):
        near = difflib.get_close_matches(name, groups, n=1) or list(groups)
        raise UsageError(
            f"{file} has no dependency group {name!r}.",
            fix=f"Did you mean {', '.join(near)}?" if near else "It has no [dependency-groups] at all.",
        )
    try:
        return resolve_dependency_groups(groups, name)
    except (ExceptionGroup, ValueError, TypeError, RecursionError) as error:
        raise UsageError(f"The dependency group {name!r} of {file} cannot be read.", why=_why(error)) from None


def _groups(file: Path) -> dict[str, list[str | dict[str, str]]]:
    if file.name != "pyproject.toml":
        raise UsageError(f"{file} is no pyproject.toml.", fix="A group is [PATH/pyproject.toml:]NAME.")
    try:
        table = read_toml(file)
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} could not be read.", why=str(error)) from None
    groups = table.get("dependency-groups", {})
    if not isinstance(groups, dict):
        raise UsageError(f"[dependency-groups] of {file} is no table.")
    return groups


def _why(error: BaseException) -> str:
    return "\n".join(_messages(error))


def _messages(error: BaseException) -> Iterator[str]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _messages(inner)
    else:
        yield str(error)
