"""``[tool.crossbuild]``: what a user wants in every build, as values.

It is ``crossbuild.toml``, or else the table ``[tool.crossbuild]`` of ``pyproject.toml``::

    [hosts.pi]
    host = "debian:bookworm:armhf"

    [packages.lxml]
    sysroot-packages = ["libxml2-dev", "libxslt1-dev"]

The table in ``pyproject.toml`` has the keys of :mod:`crossbuild.backend_shim`, too, which reads them itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from crossbuild.declarations.option import Heading, Kind, Scope, option, over
from crossbuild.errors import SourceError, UsageError
from crossbuild.options.host_options import EMULATE, HostOptions

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.options.configuration_file import Table

_FILE, _PROJECT_FILE = "crossbuild.toml", "pyproject.toml"
_WRAPPED = ("build-backend", "backend-path")
CACHE_MAX_SIZE = option(
    Kind.SIZE,
    "--cache-max-size",
    heading=Heading.SOURCES,
    scope=Scope.HOST,
    variable="CROSSBUILD_CACHE_MAX_SIZE",
    description="The largest size of the cache, such as 20G. When a command exceeds it, the least recently used "
    "entries are removed. Default: no limit.",
)
"""Declared here for both: the command line counts more than the configuration."""


@dataclass(frozen=True, kw_only=True)
class PackageSettings:
    """What one package needs: each field is a key of ``[packages.NAME]``."""

    config_settings: Mapping[str, str | list[str]] = field(
        default_factory=dict,
        metadata=option(Kind.SETTINGS, description="Settings for the build backend (PEP 517). Those of -C count more."),
    )
    environment: Mapping[str, str] = field(
        default_factory=dict,
        metadata=option(Kind.ASSIGNMENTS, description="Variables that its build sees. They override crossbuild's own."),
    )
    build_requires: tuple[str, ...] = field(
        default=(),
        metadata=option(
            Kind.REQUIREMENTS, description="Requirements that are installed for this machine, in addition to its own."
        ),
    )
    host_requires: tuple[str, ...] = field(
        default=(),
        metadata=option(
            Kind.REQUIREMENTS,
            description="Further build requirements, whose headers and static libraries are the host's.",
        ),
    )
    constraints: tuple[str, ...] = field(
        default=(), metadata=option(Kind.REQUIREMENTS, description="Limits to the versions that its build installs.")
    )
    sysroot_packages: tuple[str, ...] = field(
        default=(),
        metadata=option(
            Kind.PACKAGES, description="Packages of the distribution that are added to the sysroot for its build."
        ),
    )
    emulate: str = field(
        default="",
        metadata=option(
            Kind.CHOICE,
            choices=EMULATE,
            description="What of its build may run although it is for the host, as --emulate says it for all.",
        ),
    )
    pass_env: tuple[str, ...] = field(
        default=(),
        metadata=option(
            Kind.VARIABLES, adds_up=True, description="More of your variables that its build sees: names and patterns."
        ),
    )
    ignore: tuple[str, ...] = field(
        default=(),
        metadata=option(
            Kind.FINDINGS,
            description="Findings of the check that are left out for its wheels, as --ignore does for all. Only in "
            "your own configuration.",
        ),
    )
    no_check: bool = field(
        default=False,
        metadata=option(
            Kind.SWITCH,
            description="Use its wheels even if the check refuses them, as --no-check NAME does. Only in your own "
            "configuration.",
        ),
    )

    def over(self, other: Self) -> Self:
        """Return these settings, and for what they leave open those of ``other``; tables are merged by key."""
        return over(self, other)


@dataclass(frozen=True, kw_only=True)
class NamedHost(HostOptions):
    """A host that the configuration gives a name, and what builds for it take: the keys of ``[hosts.NAME]``."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What a directory says of builds."""

    packages: Mapping[str, PackageSettings] = field(default_factory=dict)
    """By normalised name (PEP 503)."""
    hosts: Mapping[str, NamedHost] = field(default_factory=dict)
    """By the names that ``--host`` takes for them."""
    pass_env: tuple[str, ...] = field(
        default=(), metadata=option(Kind.VARIABLES, description="More of your variables that builds see.")
    )
    """As of every package."""
    cache_max_size: int | None = field(default=None, metadata=CACHE_MAX_SIZE)
    """Only of the user's own configuration."""

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """Read ``crossbuild.toml`` or ``pyproject.toml`` in ``directory``; neither has to be there.

        Raises UsageError for what is malformed or unknown, naming the near one.
        """
        if not any((directory / name).is_file() for name in (_FILE, _PROJECT_FILE)):
            return cls()
        from crossbuild.options.configuration_file import Table, load

        # One file counts, as with ruff.toml: two that are merged would leave it open which of them said something.
        file = directory / _FILE
        if file.is_file():
            return cls.from_table(Table.from_value(load(file), name="", where=str(file), base=directory))
        file = directory / _PROJECT_FILE
        tools = load(file).get("tool") if file.is_file() else None
        # pyproject.toml is everybody's: where [tool] is not a table, it is for others to complain.
        value = tools.get("crossbuild", {}) if isinstance(tools, Mapping) else {}
        if isinstance(value, Mapping):
            value = {key: one for key, one in value.items() if key not in _WRAPPED}
        return cls.from_table(Table.from_value(value, name="", where=f"[tool.crossbuild] of {file}", base=directory))

    @classmethod
    def from_project(cls, directory: Path) -> Self:
        """Read what the project in ``directory`` says; its faults are SourceErrors."""
        try:
            return cls.from_directory(directory)
        except UsageError as error:
            raise SourceError(error.what, why=error.why, fix=error.fix) from None

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read the whole table. Raises UsageError."""
        from packaging.utils import canonicalize_name

        from crossbuild.options.table_values import read_options

        # --host takes such a name for something else, so the table could never be used.
        table.table("hosts").refuse_ambiguous_hosts()
        return replace(
            read_options(cls, table, others=("packages", "hosts")),
            packages={
                canonicalize_name(name): read_options(PackageSettings, one)
                for name, one in table.tables("packages").items()
            },
            hosts={name: read_options(NamedHost, one) for name, one in table.tables("hosts").items()},
        )

    @property
    def as_foreign(self) -> Self:
        """The settings without ``pass-env``: other people's sources cannot choose among the user's variables."""
        packages = {name: replace(one, pass_env=()) for name, one in self.packages.items()}
        return replace(self, packages=packages, pass_env=())

    def of(self, package: str) -> PackageSettings:
        """Return the settings of the project ``package``."""
        from packaging.utils import canonicalize_name

        # Looked up by the normalised name: sdists spell their projects in many ways.
        own = self.packages.get(canonicalize_name(package), PackageSettings())
        return replace(own, pass_env=(*self.pass_env, *own.pass_env))

    def over(self, other: Self) -> Self:
        """Return this, and for what it leaves open what ``other`` says: hosts as a whole, packages key by key."""
        both = {*self.packages, *other.packages}
        nothing = PackageSettings()
        packages = {name: self.packages.get(name, nothing).over(other.packages.get(name, nothing)) for name in both}
        # These add up: what one configuration passes, another one has no reason to withhold.
        pass_env = (*other.pass_env, *self.pass_env)
        return replace(self, packages=packages, hosts={**other.hosts, **self.hosts}, pass_env=pass_env)
