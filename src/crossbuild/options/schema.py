"""The JSON schema of a configuration, for editors. ``crossbuild.schema.json`` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossbuild.declarations.option import options_of
from crossbuild.options.configuration import Configuration, PackageSettings
from crossbuild.options.configuration_file import PLAIN_NAME, TAG
from crossbuild.options.host_options import HostOptions
from crossbuild.options.table_values import TABLE_VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.declarations.option import Option


def schema() -> dict[str, Any]:
    """Return the schema of ``crossbuild.toml``, and of the table in ``pyproject.toml``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "crossbuild.toml",
        "description": "What a user wants in every build; also the table [tool.crossbuild] of pyproject.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": {**_of_wrapper(), **_tables(), **_keys(Configuration)},
        "$defs": {"host": _table(HostOptions), "package": _table(PackageSettings)},
    }


def _of_wrapper() -> dict[str, Any]:
    """Return the keys that :mod:`crossbuild.backend_shim` reads itself."""
    only = "In pyproject.toml only: "
    return {
        "build-backend": {
            "description": f"{only}the own backend of a project that crossbuild.backend_shim wraps.",
            "type": "string",
            "minLength": 1,
        },
        "backend-path": {
            "description": f"{only}directories of the project that this backend is imported from.",
            "type": "array",
            "items": {"type": "string"},
        },
    }


def _tables() -> dict[str, Any]:
    return {
        "hosts": {
            "description": "Hosts by the names that --host takes for them.",
            "type": "object",
            # The same names that reading refuses: an editor marks them before crossbuild does.
            "propertyNames": {"pattern": f"^{PLAIN_NAME.pattern}$", "not": {"pattern": f"^{TAG.pattern}"}},
            "additionalProperties": {"$ref": "#/$defs/host"},
        },
        "packages": {
            "description": "What single projects need, by their names.",
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/package"},
        },
    }


def _table(kind: type) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [one.key for one in options_of(kind) if one.required],
        "properties": _keys(kind),
    }


def _keys(kind: type) -> dict[str, Any]:
    return {one.key: {"description": _description(one), **_values(one)} for one in options_of(kind)}


def _description(one: Option) -> str:
    return f"{one.long_name}: {one.meaning}".removeprefix(": ")


def _values(one: Option) -> Mapping[str, Any]:
    return {"enum": list(one.choices)} if one.choices else TABLE_VALUES[one.kind].schema
