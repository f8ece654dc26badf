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
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Self

from packaging.utils import canonicalize_name

from crossbuild.errors import SourceError, UsageError
from crossbuild.host.host_request import HostRequest
from crossbuild.options.configuration_file import Table, load
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.toolchain.model import ToolchainRequest

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.options.environment_changes import EnvironmentChange
    from crossbuild.sysroot.names import SysrootName

_FILE = "crossbuild.toml"
_COMPILERS = ("cc", "cxx", "ar", "fc")
_WRAPPED = ("build-backend", "backend-path")


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
    pass_env: tuple[str, ...] = ()
    """Names and patterns of the caller's variables that its hooks see."""
    no_check: bool = False
    """Whether its wheels are used even if the audit refuses them. A project cannot set this for itself."""

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read ``[packages.NAME]``. Raises UsageError."""
        table.refuse_other_keys(_keys(cls))
        return cls(
            config_settings=table.settings("config-settings"),
            environment=table.texts("environment"),
            build_requires=table.requirements("build-requires"),
            host_requires=table.requirements("host-requires"),
            constraints=table.requirements("constraints"),
            sysroot_packages=table.packages("sysroot-packages"),
            pass_env=table.variables("pass-env"),
            no_check=table.switch("no-check"),
        )

    def over(self, other: Self) -> Self:
        """Return these settings, and for what they leave open those of ``other``; tables are merged by key."""
        return replace(
            self,
            config_settings={**other.config_settings, **self.config_settings},
            environment={**other.environment, **self.environment},
            build_requires=self.build_requires or other.build_requires,
            host_requires=self.host_requires or other.host_requires,
            constraints=self.constraints or other.constraints,
            sysroot_packages=self.sysroot_packages or other.sysroot_packages,
            pass_env=(*other.pass_env, *self.pass_env),
            no_check=self.no_check or other.no_check,
        )


@dataclass(frozen=True, kw_only=True)
class NamedHost:
    """A host and what builds for it take, in the words of the command line."""

    host: str
    python: tuple[int, int] | None = None
    host_request: HostRequest = field(default_factory=HostRequest)
    environment_changes: tuple[EnvironmentChange, ...] = ()
    build_python: Path | None = None
    toolchain: ToolchainRequest = field(default_factory=ToolchainRequest)
    sysroot: Path | SysrootName | None = None
    sysroot_packages: tuple[str, ...] = ()
    auto_sysroot: bool = False
    sysroot_source: SourceRequest = field(default_factory=SourceRequest)

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Read ``[hosts.NAME]``. Raises UsageError."""
        own = _keys(cls) - {"sysroot-source", "host-request", "environment-changes"}
        request, source = _keys(HostRequest) - {"abi-flags"}, _keys(SourceRequest) - {"further-mirrors"}
        table.refuse_other_keys(own | {"env", "relative-toolchain", *_COMPILERS} | request | source)
        python, abi_flags = table.version("python")
        return cls(
            host=table.host("host"),
            python=python,
            host_request=HostRequest(
                abi_flags=abi_flags,
                sysconfigdata=table.path("sysconfigdata"),
                headers=table.path("headers"),
                machine=table.text("machine") or None,
                platform_tags=table.names("platform-tags"),
                config_vars=table.texts("config-vars"),
            ),
            environment_changes=table.environment_changes("env"),
            build_python=table.path("build-python"),
            toolchain=ToolchainRequest(
                choice=table.prefix("toolchain") or None,
                relative=table.switch("relative-toolchain"),
                **{name: table.command(name) or None for name in _COMPILERS},
            ),
            sysroot=table.sysroot("sysroot"),
            sysroot_packages=table.packages("sysroot-packages"),
            auto_sysroot=table.switch("auto-sysroot"),
            sysroot_source=SourceRequest.from_mirrors(
                table.mirrors("mirror"), keyring=table.path("keyring"), snapshot=table.text("snapshot")
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What a directory says of builds."""

    packages: Mapping[str, PackageSettings] = field(default_factory=dict)
    """By normalised name (PEP 503)."""
    hosts: Mapping[str, NamedHost] = field(default_factory=dict)
    pass_env: tuple[str, ...] = ()
    """As of every package."""

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """Read ``crossbuild.toml`` or ``pyproject.toml`` in ``directory``; neither has to be there.

        Raises UsageError for what is malformed or unknown, naming the near one.
        """
        file = directory / _FILE
        if file.is_file():
            return cls.from_table(Table.from_value(load(file), name="", where=str(file), base=directory))
        file = directory / "pyproject.toml"
        tools = load(file).get("tool") if file.is_file() else None
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
        table.refuse_other_keys(_keys(cls))
        table.table("hosts").refuse_ambiguous_hosts()
        return cls(
            packages={
                canonicalize_name(name): PackageSettings.from_table(one)
                for name, one in table.tables("packages").items()
            },
            hosts={name: NamedHost.from_table(one) for name, one in table.tables("hosts").items()},
            pass_env=table.variables("pass-env"),
        )

    @property
    def as_foreign(self) -> Self:
        """The settings without ``pass-env``: other people's sources cannot choose among the user's variables."""
        packages = {name: replace(one, pass_env=()) for name, one in self.packages.items()}
        return replace(self, packages=packages, pass_env=())

    def of(self, package: str) -> PackageSettings:
        """Return the settings of the project ``package``."""
        own = self.packages.get(canonicalize_name(package), PackageSettings())
        return replace(own, pass_env=(*self.pass_env, *own.pass_env))

    def over(self, other: Self) -> Self:
        """Return this, and for what it leaves open what ``other`` says: hosts as a whole, packages key by key."""
        both = {*self.packages, *other.packages}
        nothing = PackageSettings()
        packages = {name: self.packages.get(name, nothing).over(other.packages.get(name, nothing)) for name in both}
        pass_env = (*other.pass_env, *self.pass_env)
        return replace(self, packages=packages, hosts={**other.hosts, **self.hosts}, pass_env=pass_env)


def _keys(settings: type) -> set[str]:
    """Return the keys of a table whose values the fields of ``settings`` are."""
    return {one.name.replace("_", "-") for one in fields(settings)}
