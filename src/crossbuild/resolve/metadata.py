"""What a distribution requires, as far as it can be read without a build: from an index, a wheel or an sdist.

Sources: the core metadata specification, PEP 643 (what an sdist's ``PKG-INFO`` promises), PEP 621 (``[project]``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Self

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from crossbuild.errors import RequirementsError
from crossbuild.system.core_metadata import read_core_metadata
from crossbuild.system.documents import read_toml
from crossbuild.system.requirement_text import read_requirement, shortened, shown
from crossbuild.wheels.summary import metadata_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from packaging.metadata import RawMetadata
    from packaging.requirements import Requirement

_PROMISING = Version("2.2")
"""The first version of the metadata whose sdists say what a build may change (PEP 643)."""
_TELLING = {"requires-dist", "requires-python", "provides-extra", "version"}
_FIELD = re.compile(rb"[^:\s][^:]*:|[ \t]")
"""Matches how a field begins, or goes on from the line before."""


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What the resolver has to know of one version of a project."""

    name: str
    """The project's normalised name."""
    version: Version
    requires: tuple[Requirement, ...] = ()
    requires_python: str = ""
    extras: frozenset[str] = frozenset()
    """Normalised."""
    is_whole: bool = True
    """Whether it tells what the version requires. If not, only a build can."""

    @classmethod
    def from_bytes(cls, metadata: bytes, *, label: str) -> Self:
        """Read a METADATA or PKG-INFO file, that of ``label``. Raises RequirementsError if it cannot be read."""
        fields = read_core_metadata(metadata)
        if fault := _fault(metadata, fields):
            raise _unreadable(label, fault)
        try:
            name, version = canonicalize_name(fields["name"], validate=True), Version(fields["version"])
        except ValueError as error:
            raise _unreadable(label, shortened(str(error))) from None
        return cls(
            name=name,
            version=version,
            requires=tuple(_requirement(text, label) for text in fields.get("requires_dist", [])),
            requires_python=fields.get("requires_python", ""),
            extras=frozenset(map(canonicalize_name, fields.get("provides_extra", []))),
        )

    @classmethod
    def from_wheel(cls, wheel: Path) -> Self:
        """Read that of a wheel. Raises RequirementsError, and AuditError for one that is malformed."""
        try:
            content = metadata_of(wheel)
        except OSError as error:
            raise _unreadable(wheel.name, str(error)) from None
        return cls.from_bytes(content, label=wheel.name)

    @classmethod
    def from_project(cls, directory: Path, *, version: str | None) -> Self | None:
        """Return what the files of an unpacked project promise of its wheel; None if a build has to tell.

        ``version`` is what an sdist's name says. Raises RequirementsError for a promise that cannot be read.
        """
        # PKG-INFO first: its backend has filled in what pyproject.toml may leave open.
        info = directory / "PKG-INFO"
        if info.is_file() and _promises(info.read_bytes()):
            return cls.from_bytes(info.read_bytes(), label=directory.name)
        return cls._from_pyproject(directory, version)

    @classmethod
    def _from_pyproject(cls, directory: Path, version: str | None) -> Self | None:
        try:
            project = read_toml(directory / "pyproject.toml")["project"]
            dynamic = set(project.get("dynamic", ()))
            name, own = canonicalize_name(project["name"], validate=True), Version(project.get("version", version))
            stated = tuple(_stated(project))
            requires_python = project.get("requires-python", "")
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        # PEP 621: backends must not change what is not dynamic. They also report malformed tables better.
        computed = {"dependencies", "optional-dependencies", "requires-python"} & dynamic
        if computed or not isinstance(requires_python, str):
            return None
        return cls(
            name=name,
            version=own,
            requires=tuple(_of_extra(_requirement(text, directory.name), extra) for text, extra in stated),
            requires_python=requires_python,
            extras=frozenset(map(canonicalize_name, project.get("optional-dependencies", {}))),
        )

    def required(self, environment: Mapping[str, str], extras: Iterable[str]) -> Iterator[Requirement]:
        """Yield what it requires with ``extras`` where markers have the values of ``environment``."""
        contexts = [{**environment, "extra": extra} for extra in (*sorted(extras), "")]
        for requirement in self.requires:
            if requirement.marker is None or any(map(requirement.marker.evaluate, contexts)):
                yield requirement


def _fault(metadata: bytes, fields: RawMetadata) -> str:
    """Return why what the resolver needs cannot be read from the ``fields`` of ``metadata``: a sentence, or nothing."""
    # To parsers of mail, what follows such a line is the text of the message: fields would be lost.
    if not all(map(_FIELD.match, takewhile(bool, metadata.splitlines()))):
        return "One of its lines is not a field."
    given = {"Metadata-Version": fields.get("metadata_version"), "Name": fields.get("name")}
    missing = [field for field, value in {**given, "Version": fields.get("version")}.items() if not value]
    return f"It has no {missing[0]}." if missing else ""


def _promises(info: bytes) -> bool:
    fields = read_core_metadata(info)
    try:
        new = Version(fields.get("metadata_version", "")) >= _PROMISING
    except ValueError:
        return False
    dynamic = {name.strip().lower() for name in fields.get("dynamic", [])}
    return new and bool(fields.get("name") and fields.get("version")) and not dynamic & _TELLING


def _stated(project: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each requirement in a table ``[project]``, with the normalised extra that it is for, if any."""
    own = project.get("dependencies", [])
    if not isinstance(own, list):
        raise TypeError(own)
    yield from ((text, "") for text in own)
    for extra, requirements in project.get("optional-dependencies", {}).items():
        for text in requirements:
            if not isinstance(text, str):
                raise TypeError(text)
            yield text, canonicalize_name(extra, validate=True)


def _of_extra(requirement: Requirement, extra: str) -> Requirement:
    """Return ``requirement`` as core metadata has it, where a marker names the extra."""
    if extra:
        condition = f'extra == "{extra}"'
        requirement.marker = Marker(f"({requirement.marker}) and {condition}" if requirement.marker else condition)
    return requirement


def _requirement(text: str, label: str) -> Requirement:
    try:
        return read_requirement(text)
    except InvalidRequirement as error:
        raise RequirementsError(
            f"{label} has an invalid requirement: {shown(text)}",
            why=str(error),
            fix="Choose another version of it.",
        ) from None


def _unreadable(label: str, why: str) -> RequirementsError:
    return RequirementsError(f"The metadata of {label} cannot be read.", why=why, fix="Choose another version of it.")
