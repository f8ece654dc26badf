"""How values are written in the tables of a configuration, by their kinds: to read them, and to describe them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from crossbuild.declarations.option import Kind, options_of, taken
from crossbuild.options.configuration_file import Table
from crossbuild.system.disk_usage import SIZE_PATTERN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from _typeshed import DataclassInstance

    from crossbuild.declarations.option import Option

_T = TypeVar("_T", bound="DataclassInstance")
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}


@dataclass(frozen=True, kw_only=True)
class TableValue:
    """How a value is written in a table."""

    read: Callable[[Table, str], Any]
    """Reads the value of a key, an empty one if there is none. Raises UsageError."""
    schema: Mapping[str, Any]
    written: str
    """What the reference says of it, in Markdown."""


TABLE_VALUES: Mapping[Kind, TableValue] = {
    Kind.SWITCH: TableValue(read=Table.switch, schema={"type": "boolean"}, written="`true` or `false`"),
    Kind.SIZE: TableValue(read=Table.size, schema={**_TEXT, "pattern": SIZE_PATTERN}, written='a size: `"20G"`'),
    Kind.TEXT: TableValue(read=Table.text, schema=_TEXT, written="a text"),
    Kind.CHOICE: TableValue(read=Table.text, schema=_TEXT, written="one of a few words"),
    Kind.TEXTS: TableValue(read=Table.names, schema=_TEXTS, written="a list of texts"),
    Kind.PYTHON: TableValue(
        read=Table.version,
        schema={**_TEXT, "pattern": r"^[0-9]{1,2}\.[0-9]{1,3}t?d?$"},
        written='`"3.11"`, or `"3.13t"`',
    ),
    Kind.FILE: TableValue(read=Table.path, schema=_TEXT, written="a path"),
    Kind.REGULAR_FILE: TableValue(read=Table.path, schema=_TEXT, written="a path"),
    Kind.PROGRAM: TableValue(read=Table.path, schema=_TEXT, written="a path"),
    Kind.DIRECTORY: TableValue(read=Table.path, schema=_TEXT, written="a path"),
    Kind.HOST: TableValue(
        read=Table.host, schema={**_TEXT, "minLength": 1}, written='a text: `"debian:bookworm:armhf"`'
    ),
    Kind.SYSROOT: TableValue(
        read=Table.sysroot, schema=_TEXT, written='a path, or a release: `"debian:bookworm:armhf"`'
    ),
    Kind.PREFIX: TableValue(read=Table.prefix, schema=_TEXT, written='a text: `"zig"`'),
    Kind.COMMAND: TableValue(read=Table.command, schema=_TEXT, written="a command, with arguments"),
    Kind.MIRRORS: TableValue(
        read=Table.mirrors, schema={"anyOf": [_TEXT, _TEXTS]}, written="an address, or a list of addresses"
    ),
    Kind.PACKAGES: TableValue(read=Table.packages, schema=_TEXTS, written='a list of packages: `["libxml2-dev"]`'),
    Kind.FINDINGS: TableValue(
        read=Table.names,
        schema={"type": "array", "items": {**_TEXT, "pattern": "^[a-z]+(-[a-z]+)*$"}},
        written='a list of IDs: `["executable-stack"]`',
    ),
    Kind.REQUIREMENTS: TableValue(
        read=Table.requirements,
        schema={"type": "array", "items": {**_TEXT, "minLength": 1}},
        written='a list of requirements: `["numpy>=2"]`',
    ),
    Kind.VARIABLES: TableValue(
        read=Table.variables,
        schema={"type": "array", "items": {**_TEXT, "pattern": r"^[^\s=,]+$"}},
        written='a list of variables and patterns: `["LICENCE_SERVER", "MYLIB_*"]`',
    ),
    Kind.CHANGES: TableValue(
        read=Table.environment_changes,
        schema={"type": "array", "items": {**_TEXT, "pattern": r"^\s*[A-Za-z_][A-Za-z0-9_]*[?+:]?="}},
        written='a list of changes: `["LICENCE?=none", "PATH:=/opt/x/bin"]`',
    ),
    Kind.ASSIGNMENTS: TableValue(
        read=Table.texts,
        schema={"type": "object", "propertyNames": {"pattern": "^[^=]+$"}, "additionalProperties": _TEXT},
        written='a table of texts: `{ CFLAGS = "-O3" }`',
    ),
    Kind.SETTINGS: TableValue(
        read=Table.settings,
        schema={"type": "object", "additionalProperties": {"anyOf": [_TEXT, _TEXTS]}},
        written='a table of texts and lists of texts: `{ setup-args = ["-Dblas=none"] }`',
    ),
}
"""The kinds that a table can have."""


def read_options(kind: type[_T], table: Table, *, others: Collection[str] = ()) -> _T:
    """Read a table whose keys are the options of ``kind``, and ``others``. Raises UsageError."""
    # Refuse first: an unknown key is often the misspelling of one whose default would then be read.
    options = list(options_of(kind))
    table.refuse_other_keys({*others, *(one.key for one in options)})
    return taken(kind, {one.field: _read(one, table) for one in options})


def _read(one: Option, table: Table) -> Any:
    value = TABLE_VALUES[one.kind].read(table, one.key)
    if one.choices and value:
        table.refuse_unless_one_of(one.key, one.choices)
    return value
