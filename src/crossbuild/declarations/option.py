"""What a field says of the option that it is, and what can be done with all options of a dataclass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum, IntEnum, StrEnum, auto
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from dataclasses import Field

    from _typeshed import DataclassInstance

_T = TypeVar("_T", bound="DataclassInstance")


class Kind(Enum):
    """What the value of an option is, and so how a user writes it.

    Code that reads, shows or keeps values has rows by kind: ``cli/kinds.py`` for the command line,
    ``options/table_values.py`` for configurations, ``options/variables.py`` for the environment, and
    ``environments/kept_options.py`` for cross environments.
    """

    SWITCH = auto()
    NUMBER = auto()
    """At least 1."""
    SIZE = auto()
    """Bytes: ``20G``."""
    TEXT = auto()
    TEXTS = auto()
    CHOICE = auto()
    """One of the option's ``choices``."""
    PYTHON = auto()
    """``3.13t``: a version as a pair, and ABI flags for a second field."""
    FILE = auto()
    REGULAR_FILE = auto()
    """A file that another program reads to its end."""
    FILES = auto()
    PROGRAM = auto()
    DIRECTORY = auto()
    NEW_DIRECTORY = auto()
    """A directory that is made if it is not there."""
    HOST = auto()
    SYSROOT = auto()
    """A directory, or a distribution's release."""
    PREFIX = auto()
    """What stands before the names of compilers, or a word for them."""
    COMMAND = auto()
    MIRRORS = auto()
    """Addresses of archives: the first, and the others for a second field."""
    PLACE = auto()
    """The address of an index, or of a page or a directory with links."""
    PLACES = auto()
    PACKAGES = auto()
    """Packages of a distribution."""
    PROJECTS = auto()
    """Names of Python projects, normalised."""
    FINDINGS = auto()
    """IDs of findings of the check."""
    REQUIREMENTS = auto()
    VARIABLES = auto()
    """Names of variables, and patterns for them."""
    CHANGES = auto()
    """Changes to the environment of builds."""
    ASSIGNMENTS = auto()
    """Values of variables."""
    SETTINGS = auto()
    """Settings of build backends (PEP 517)."""


# An IntEnum, because scopes are compared: each command takes the options up to its own.
class Scope(IntEnum):
    """Which commands have an option. Those with a later scope have it, too."""

    HOST = auto()
    """Commands that only look at a host."""
    ENVIRONMENT = auto()
    """Those that make a cross environment."""
    BUILD = auto()
    """Those that build wheels."""
    SET = auto()
    """Those that take a whole set of packages."""
    WHEELS = auto()
    """Those whose result is wheels, or that test some."""


class Heading(StrEnum):
    """Where the help lists an option."""

    HOST = "Host"
    WANTED = "What is wanted"
    LIBRARIES = "Host libraries"
    TOOLCHAIN = "Toolchain"
    BACKEND = "Build backend"
    SOURCES = "Where distributions come from"
    TESTS = "Tests"


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option of the command line, a key of a table of the configuration, or both."""

    kind: Kind
    names: tuple[str, ...]
    """What it is called on the command line; nothing if it is only a key."""
    description: str
    """What the help says of it."""
    in_table: str = ""
    """What is said of its key, if that is not the ``description``."""
    heading: Heading = Heading.BACKEND
    scope: Scope = Scope.BUILD
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    """The values that it can have, if these are few."""
    variable: str = ""
    """The variable of the environment that stands in for it."""
    required: bool = False
    common: bool = False
    """Whether the short help (``-h``) lists it, with the first sentence of its description."""
    field: str = ""
    """The name of the field that declares it."""
    key: str = ""
    """Its key in a table. Default: the name of the field, with dashes."""
    also: str = ""
    """A second field for what a user writes as one word; the value is a pair then."""
    adds_up: bool = False
    """Whether the values of two places are all used, or only those that count more."""

    @property
    def long_name(self) -> str:
        """``--long-name``; empty if it is only a key."""
        return next((name for name in self.names if name.startswith("--")), "")

    @property
    def meaning(self) -> str:
        """What the schema and the reference say of its key."""
        return self.in_table or self.description

    def by_field(self, value: Any) -> dict[str, Any]:
        """Return ``value`` by the fields that get it."""
        return dict(zip((self.field, self.also), value, strict=True)) if self.also else {self.field: value}


_OPTION, _PART = "option", "part"


def part(kind: type) -> Mapping[str, Any]:
    """Return the metadata of a field with a dataclass that has options of its own."""
    return {_PART: kind}


def option(kind: Kind, *names: str, **facts: Any) -> Mapping[str, Any]:
    """Return the metadata of a field that is an option; ``facts`` are further fields of :class:`Option`."""
    return {_OPTION: Option(kind=kind, names=names, **facts)}


def options_of(kind: type) -> Iterator[Option]:
    """Yield the options that the fields of a dataclass are, and those of its parts, in their order."""
    for one in fields(kind):
        if _PART in one.metadata:
            yield from options_of(one.metadata[_PART])
        elif _OPTION in one.metadata:
            declared: Option = one.metadata[_OPTION]
            # Known only here: the metadata is made before the dataclass has named its fields.
            yield replace(declared, field=one.name, key=declared.key or one.name.replace("_", "-"))


def taken(kind: type[_T], values: dict[str, Any]) -> _T:
    """Make a dataclass of the ``values`` that are its options', by field, and take them out of ``values``.

    What is not there, or empty, has its default.
    """
    found: dict[str, Any] = {}
    for one in options_of(kind):
        if one.field in values:
            found |= one.by_field(values.pop(one.field))
    # Empty is as good as absent: click gives an empty tuple for an option that was never given.
    return _with(kind(), {name: value for name, value in found.items() if value})


def completed(own: _T, values: Mapping[str, Any]) -> _T:
    """Return ``own`` with those of ``values``, by field, for which it has only the default."""
    present, defaults = values_of(own), values_of(type(own)())
    found: dict[str, Any] = {}
    for one in options_of(type(own)):
        # Asked of the option, not of each field: further mirrors belong to their first, and are no use beside another
        # one.
        if one.field in values and present[one.field] == defaults[one.field]:
            found |= one.by_field(values[one.field])
    return _with(own, found)


def values_of(own: DataclassInstance) -> dict[str, Any]:
    """Return the values of the fields of ``own``, and of its parts, by field."""
    found: dict[str, Any] = {}
    for one in fields(own):
        value = getattr(own, one.name)
        found |= values_of(value) if _PART in one.metadata else {one.name: value}
    return found


def _with(own: _T, values: Mapping[str, Any]) -> _T:
    """Return ``own`` with ``values`` in the fields of that name, also in those of its parts."""
    changes = {one.name: values[one.name] for one in fields(own) if one.name in values}
    parts = {one.name: _with(getattr(own, one.name), values) for one in fields(own) if _PART in one.metadata}
    return replace(own, **changes, **parts)


def converted(own: _T, how: Mapping[Kind, Callable[[Any], Any]]) -> _T:
    """Return ``own`` with its values as ``how`` converts those of their kind; of several in a field, each."""
    changes: dict[str, Any] = {}
    for one in fields(own):
        if _PART in one.metadata:
            changes[one.name] = converted(getattr(own, one.name), how)
        elif _OPTION in one.metadata and (convert := how.get(one.metadata[_OPTION].kind)):
            # What a user writes as one word is of one kind, in both of its fields.
            names = {one.name, one.metadata[_OPTION].also or one.name}
            changes |= {name: _each(convert, getattr(own, name)) for name in names}
    return replace(own, **changes)


def _each(convert: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(convert, value))
    return convert(value) if value else value


def over(own: _T, other: Any) -> _T:
    """Return ``own``, and what it leaves open as ``other`` has it: a dataclass of the same kind, or of a base of it."""
    # Only the fields that ``other`` has: a named host, for one, says nothing about the jobs of a build.
    changes = {one.name: _merged(one, getattr(own, one.name), getattr(other, one.name)) for one in fields(other)}
    return replace(own, **changes)


def _merged(one: Field[Any], own: Any, other: Any) -> Any:
    if _PART in one.metadata:
        return own.over(other)
    if isinstance(own, Mapping):
        return {**other, **own}
    # Those of ``own`` come last: where one value can override another, the later one wins.
    if _OPTION in one.metadata and one.metadata[_OPTION].adds_up:
        return (*other, *own)
    return other if not own or own == one.default else own
