"""``[tool.crossbuild]``: what a user wants in every build, read from the working directory.

It is ``crossbuild.toml``, or else the table ``[tool.crossbuild]`` of ``pyproject.toml``::

    [packages.lxml]
    sysroot-packages = ["libxml2-dev", "libxslt1-dev"]
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from packaging.utils import canonicalize_name

from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_FILE = "crossbuild.toml"


@dataclass(frozen=True, kw_only=True)
class PackageSettings:
    """What one package needs, in its user's words."""

    config_settings: Mapping[str, str | list[str]] = field(default_factory=dict)
    """PEP 517 config settings; those of the command line come after them."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that its hooks see."""
    build_requires: tuple[str, ...] = ()
    """Requirements that are installed for the build machine besides its own."""
    host_requires: tuple[str, ...] = ()
    """Requirements whose host copy is needed, whatever they hold."""
    constraints: tuple[str, ...] = ()
    """Limits to the versions of what the build installs."""
    sysroot_packages: tuple[str, ...] = ()
    """Packages of the distribution that are added to the sysroot."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What the working directory says of builds."""

    packages: Mapping[str, PackageSettings] = field(default_factory=dict)
    """By normalised name (PEP 503)."""

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """Read ``crossbuild.toml`` or ``pyproject.toml`` in ``directory``; neither has to be there.

        Raises UsageError for what is malformed or unknown, naming the near one.
        """
        file = directory / _FILE
        if file.is_file():
            return cls.from_table(_load(file), str(file))
        file = directory / "pyproject.toml"
        table = _load(file).get("tool", {}).get("crossbuild", {}) if file.is_file() else {}
        return cls.from_table(table, f"[tool.crossbuild] of {file}")

    @classmethod
    def from_table(cls, table: object, where: str) -> Self:
        """Read the table; ``where`` names it in messages. Raises UsageError."""
        packages = _table(_table(table, where, known=("packages",)).get("packages", {}), f"packages in {where}")
        return cls(packages={canonicalize_name(name): _package(one, name, where) for name, one in packages.items()})

    def of(self, package: str) -> PackageSettings:
        """Return the settings of the project ``package``."""
        return self.packages.get(canonicalize_name(package), PackageSettings())


def _package(table: object, name: str, where: str) -> PackageSettings:
    values = _table(table, f"packages.{name} in {where}", known=("sysroot-packages",))
    wanted = values.get("sysroot-packages", [])
    if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
        raise UsageError(
            f"sysroot-packages of packages.{name} in {where} is not a list of names.",
            fix='It looks like sysroot-packages = ["libxml2-dev"].',
        )
    return PackageSettings(sysroot_packages=tuple(wanted))


def _table(value: object, where: str, *, known: Collection[str] = ()) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UsageError(f"{where} is not a table.")
    unknown = sorted(set(value) - set(known)) if known else []
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, n=1)
        raise UsageError(
            f"{where} has an unknown key: {unknown[0]}.",
            fix=f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(known)}.",
        )
    return value


def _load(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read.", why=str(error), fix="Mend it; it has to be TOML.") from None
