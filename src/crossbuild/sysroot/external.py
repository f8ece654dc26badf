"""The libraries and programs that a project declares, and the distribution's packages that have them.

Source: PEP 725 (the ``[external]`` table, third version, September 2025; earlier forms and the keys that its authors'
trial metadata have are read too), PEP 804 (the registry of names), PEP 508 (environment markers). Debian's packages are
in ``external.toml``, with its sources.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from packaging.markers import InvalidMarker, Marker

from crossbuild.system.documents import read_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_Item = TypeVar("_Item")

_OTHER_KEYS = {"build-host-requires": "host-requires", "optional-build-host-requires": "optional-host-requires"}
"""Drafts' names, and PEP 725's."""
_READ = ("host-requires", "dependencies")
_NOT_READ = (
    *("build-requires", "optional-build-requires", "optional-host-requires"),
    *("optional-dependencies", "dependency-groups"),
)
"""Of the build machine, of sets that nothing chooses, of extras, and of those who develop the project."""

_DEP_URL = re.compile(
    r"""
    (?P<scheme>dep|pkg|virtual):/*                  # the first version of PEP 725 had the last two
    (?P<path>(?:@?[\w.+~%-]+/)+[\w.+~%-]+)          # type/namespace/name
    (?:(?:@|\s*(?=[<>=!~]))(?P<version>[\w.,<>=!~*+\s-]+))?
    (?:\?[^#\s]*)?(?:\#\S*)?                        # qualifiers and subpath say nothing that a distribution has
    """,
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """One external dependency specifier: a DepURL and perhaps a marker."""

    text: str
    """As written, without the marker."""
    name: str
    """Type, namespace and name in small letters: ``generic/libffi``, ``virtual/interface/blas``."""
    version: str = ""
    """The constraint as written: ``>=3.4``; ``3.4`` means that version only."""
    marker: Marker | None = None

    @classmethod
    def from_text(cls, text: str) -> Dependency:
        """Read ``dep:generic/libffi@>=3.4; platform_machine == "aarch64"``. Raises ValueError for anything else.

        ``pkg:generic/libffi`` and ``virtual:compiler/c`` mean what ``dep:generic/libffi`` and
        ``dep:virtual/compiler/c`` do. Small and capital letters are the same, as PEP 725's own examples have both.
        """
        url, separator, condition = text.partition(";")
        parsed = _DEP_URL.fullmatch(url.strip())
        if not parsed:
            raise ValueError("it is not of the form dep:type/name@version")
        try:
            marker = Marker(condition.strip()) if separator else None
        except (InvalidMarker, RecursionError):
            raise ValueError("what follows its semicolon is no environment marker") from None
        prefix = "virtual/" if parsed["scheme"] == "virtual" else ""
        return cls(
            text=url.strip(),
            name=prefix + unquote(parsed["path"]).lower(),
            version=(parsed["version"] or "").strip(),
            marker=marker,
        )

    def applies(self, environment: Mapping[str, str]) -> bool:
        """Say whether the marker holds, or there is none.

        ``environment`` must have every variable of PEP 508, since those of this process take the place of others. A
        marker that cannot be evaluated holds: a library too many does less harm than one too few.
        """
        if self.marker is None:
            return True
        try:
            return self.marker.evaluate({**environment})
        except ValueError:
            return True


@dataclass(frozen=True, kw_only=True)
class External:
    """A project's ``[external]`` table, as far as it is about the host."""

    host_requires: tuple[Dependency, ...] = ()
    """What must be in the sysroot for the build."""
    dependencies: tuple[Dependency, ...] = ()
    """What must be on the host at run time, and is not needed for the build."""
    warnings: tuple[str, ...] = ()
    """A sentence for each part that could not be read, and was passed over."""


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """What the distribution calls what a project needs."""

    packages: tuple[tuple[str, ...], ...] = ()
    """The packages that are needed, each with its alternatives: the first that the suite has is the one to take."""
    unknown: tuple[str, ...] = ()
    """DepURLs as written whose names are not in the table."""
    constrained: tuple[str, ...] = ()
    """DepURLs as written that name a version. It is not compared with the packages', and worth a note."""

    def choose(self, names: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the packages to take in a suite that has the packages ``names``, and those that it lacks."""
        found = [(next((one for one in several if one in names), None), several[0]) for several in self.packages]
        return tuple(one for one, _ in found if one), tuple(first for one, first in found if not one)


def read_external(pyproject: Path | Mapping[str, object]) -> External:
    """Read the ``[external]`` table of a ``pyproject.toml``, given as its path or as what is in it.

    A file or a table that does not exist says nothing. What is malformed is named in ``warnings``, and the rest is
    read: whether the build needs it, the build will tell.
    """
    warnings: list[str] = []
    content = _load(pyproject, warnings) if isinstance(pyproject, Path) else pyproject
    table = content.get("external", {})
    if not isinstance(table, Mapping):
        return External(warnings=("[external] is not a table.",))
    table = {_OTHER_KEYS.get(key, key): value for key, value in table.items()}
    warnings += [f"[external] has no key {key!r} in PEP 725." for key in table if key not in {*_READ, *_NOT_READ}]
    return External(
        host_requires=tuple(_dependencies("host-requires", table.get("host-requires", []), warnings)),
        dependencies=tuple(_dependencies("dependencies", table.get("dependencies", []), warnings)),
        warnings=tuple(warnings),
    )


def _load(pyproject: Path, warnings: list[str]) -> Mapping[str, object]:
    try:
        return read_toml(pyproject)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        warnings.append(f"{pyproject.name} cannot be read: {error}")
        return {}


def _dependencies(key: str, entries: object, warnings: list[str]) -> Iterator[Dependency]:
    if not isinstance(entries, list):
        warnings.append(f"[external] {key}: it is not an array.")
        return
    for entry in entries:
        try:
            yield Dependency.from_text(entry if isinstance(entry, str) else "")
        except ValueError as error:
            warnings.append(f"[external] {key}: {entry!r} is passed over; {error}.")


def packages_for(external: External, environment: Mapping[str, str]) -> Mapped:
    """Return the packages of Debian or Ubuntu with what ``external`` needs on the host.

    ``environment``: the host's values of all variables of PEP 508, as :mod:`crossbuild.host.markers` makes them.
    """
    table = load_table()
    declared = (*external.host_requires, *external.dependencies)
    found = [(one, _look_up(one, table)) for one in declared if one.applies(environment)]
    return Mapped(
        packages=_unique(alternatives for _, packages in found for alternatives in packages or ()),
        unknown=_unique(one.text for one, packages in found if packages is None),
        constrained=_unique(one.text for one, packages in found if packages and one.version),
    )


def _look_up(
    dependency: Dependency, table: Mapping[str, tuple[tuple[str, ...], ...]]
) -> tuple[tuple[str, ...], ...] | None:
    any_name = f"{dependency.name.rpartition('/')[0]}/*"
    return table.get(dependency.name, table.get(any_name))


def _unique(items: Iterable[_Item]) -> tuple[_Item, ...]:
    return tuple(dict.fromkeys(items))


def load_table() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the data file: names in small letters, each with its packages, each of these with its alternatives."""
    text = files("crossbuild.sysroot").joinpath("external.toml").read_text(encoding="utf-8")
    return {
        name: tuple(tuple(part.strip() for part in item.split("|")) for item in items)
        for name, items in tomllib.loads(text).items()
    }
