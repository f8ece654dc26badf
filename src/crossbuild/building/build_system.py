"""Which backend builds a project, and what that requires: the table ``[build-system]``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from build import BuildException, BuildSystemTableValidationError, ProjectBuilder
from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from crossbuild.backend_shim import EXAMPLE, NAME, own_backend
from crossbuild.errors import SourceError
from crossbuild.system.documents import read_toml
from crossbuild.system.requirement_text import read_requirement, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_LEGACY = "setuptools.build_meta:__legacy__"
"""The backend of projects that name none (PEP 517)."""


@dataclass(frozen=True, kw_only=True)
class BuildSystem:
    """What a project is built with. Of one that crossbuild's backend wraps, the backend that is wrapped."""

    requires: frozenset[str]
    backend: str
    """Its import path."""
    backend_path: tuple[str, ...]
    """Directories of the project that it is imported from."""

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """Read the ``pyproject.toml`` of a project, which need not have one. Raises SourceError."""
        file = directory / "pyproject.toml"
        try:
            # A dangling link is an error, not a project without the file.
            pyproject = read_toml(file) if os.path.lexists(file) else {}
            # build checks the table as PEP 518 says, and has setuptools for projects without one.
            requires = ProjectBuilder(directory).build_system_requires
            _check(requires, pyproject)
        except (BuildException, BuildSystemTableValidationError, OSError, ValueError) as error:
            raise SourceError(
                f"{directory.name} has no usable build-system table.",
                why=str(error),
                fix="Fix [build-system] in its pyproject.toml (see PEP 518).",
            ) from None
        table = pyproject.get("build-system", {})
        backend, path = table.get("build-backend", _LEGACY), table.get("backend-path", [])
        if backend == NAME:
            backend, path = _wrapped(pyproject, directory)
            requires = {one for one in requires if not _is_of_the_wrapper(one)}
        return cls(requires=frozenset(requires), backend=backend, backend_path=tuple(path))


def _check(requires: Iterable[str], pyproject: Mapping[str, Any]) -> None:
    """Raise ValueError for an invalid requirement, and for a backend with a character that cannot be printed."""
    for text in requires:
        try:
            read_requirement(text)
        except InvalidRequirement as error:
            raise ValueError(f"`requires` has {shown(text)}, which is not a requirement: {error}") from None
    table = pyproject.get("build-system", {})
    for text in (table.get("build-backend", _LEGACY), *table.get("backend-path", ())):
        if not text.isprintable():
            raise ValueError(f"{shown(text)} cannot be imported.")


def _wrapped(pyproject: dict[str, Any], directory: Path) -> tuple[str, list[str]]:
    try:
        return own_backend(pyproject)
    except ValueError as error:
        raise SourceError(f"{directory.name} cannot be built.", why=str(error), fix=EXAMPLE) from None


def _is_of_the_wrapper(requirement: str) -> bool:
    """Return whether ``requirement`` is crossbuild, which no build needs, and older Pythons do not have."""
    return canonicalize_name(read_requirement(requirement).name) == "crossbuild"
