"""The statement beside a wheel: an in-toto Statement v1 about it, with SLSA's provenance v1 as the predicate.

Sources: in-toto attestation framework, ``spec/v1/statement.md``; slsa.dev/provenance/v1. It is not signed: whoever
publishes the wheel does that (PEP 740).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from crossbuild import __version__
from crossbuild.errors import SourceError
from crossbuild.provenance.resource import Resource
from crossbuild.system.documents import parse_json, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.provenance.inputs import Inputs

    _Type = type | tuple[type, ...]

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:crossbuild:wheel:v1"
"""What the parameters mean: ``docs/reference/provenance.md``."""
BUILDER = "urn:crossbuild:builder"
_SUFFIX = ".provenance.json"
_PROJECT = {"name": str, "version": str}
_EXTERNAL = {"project": dict, "python": str, "options": dict}
_EXTERNAL_IF_SAID = {
    **dict.fromkeys(("config-settings", "environment", "variables"), dict),
    **dict.fromkeys(("build-requires", "host-requires"), list),
    "subdirectory": str,
}
_INTERNAL = {"host": dict, "toolchain": dict, "build-machine": dict}
_INTERNAL_IF_SAID = {"sysroot": dict, "source-date": int}
_TOOLCHAIN: dict[str, type | tuple[type, ...]] = {"kind": str, "version": (str, dict)}
_MACHINE = {"platform": str, "python": str}
_SYSROOT = {"name": str}
"""Of what type the values of tables are."""


def statement_file(wheel: Path) -> Path:
    """Return where the statement about ``wheel`` is, or is to be."""
    return wheel.with_name(wheel.name + _SUFFIX)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What is said about one wheel."""

    wheel: str
    """The name of its file."""
    sha256: str
    project: str
    version: str
    source: Resource
    external: Mapping[str, Any]
    internal: Mapping[str, Any]
    dependencies: tuple[Resource, ...]
    crossbuild: str = __version__
    """The version of crossbuild that built it."""

    @classmethod
    def from_inputs(
        cls, inputs: Inputs, *, wheel: str, sha256: str, project: str, version: str, source: Resource
    ) -> Self:
        """Return the statement that ``wheel``, a file's name, was built from ``source`` with ``inputs``."""
        return cls(
            wheel=wheel,
            sha256=sha256,
            project=project,
            version=version,
            source=source,
            external=inputs.external,
            internal=inputs.internal,
            dependencies=inputs.dependencies,
        )

    @classmethod
    def from_file(cls, file: Path) -> Self:
        """Read the statement in ``file``. Raises SourceError if it is none of ours."""
        try:
            return cls._from_document(parse_json(read_text(file)))
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise SourceError(
                f"{file} is not a statement that crossbuild wrote.",
                why=f"{type(error).__name__}: {error}",
                fix="Give the file that --provenance wrote beside the wheel.",
            ) from None

    @classmethod
    def _from_document(cls, document: Mapping[str, Any]) -> Self:
        definition = document["predicate"]["buildDefinition"]
        types = (document["_type"], document["predicateType"], definition["buildType"])
        if types != (STATEMENT_TYPE, PREDICATE_TYPE, BUILD_TYPE):
            raise ValueError(f"it is about another kind of build: {', '.join(map(str, types))}")
        (subject,) = document["subject"]
        external = dict(_checked(definition["externalParameters"], _EXTERNAL, _EXTERNAL_IF_SAID))
        project = _checked(external.pop("project"), _PROJECT, {})
        _checked(external["options"], {"host": (str, dict)}, {})
        internal = _checked(definition["internalParameters"], _INTERNAL, _INTERNAL_IF_SAID)
        _checked(internal["toolchain"], _TOOLCHAIN, {})
        _checked(internal["build-machine"], _MACHINE, {})
        _checked(internal.get("sysroot", {"name": ""}), _SYSROOT, {"requested": list})
        source, *dependencies = map(Resource.from_json, definition["resolvedDependencies"])
        return cls(
            wheel=str(subject["name"]),
            sha256=str(subject["digest"]["sha256"]),
            project=project["name"],
            version=project["version"],
            source=source,
            external=external,
            internal=internal,
            dependencies=tuple(dependencies),
            crossbuild=str(document["predicate"]["runDetails"]["builder"]["version"]["crossbuild"]),
        )

    def to_text(self) -> str:
        """Return the document, the same for the same facts."""
        document = {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": self.wheel, "digest": {"sha256": self.sha256}}],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "buildDefinition": {
                    "buildType": BUILD_TYPE,
                    "externalParameters": {
                        "project": {"name": self.project, "version": self.version},
                        **self.external,
                    },
                    "internalParameters": dict(self.internal),
                    "resolvedDependencies": [one.to_json() for one in (self.source, *self.dependencies)],
                },
                # No time, and no name of a run: SLSA leaves them open, and two builds would never say the same.
                "runDetails": {"builder": {"id": BUILDER, "version": {"crossbuild": self.crossbuild}}},
            },
        }
        return json.dumps(document, indent=2) + "\n"


def _checked(table: Mapping[str, Any], needed: Mapping[str, _Type], if_said: Mapping[str, _Type]) -> Mapping[str, Any]:
    """Return ``table``. Raises LookupError or TypeError unless what it has to say, and may say, is of these types."""
    for name, kind in [*needed.items(), *(one for one in if_said.items() if one[0] in table)]:
        if not isinstance(table[name], kind):
            raise TypeError(f"{name} is {table[name]!r}")
    return table
