"""What a user can say about a build, as values."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from crossbuild.declarations.option import Heading, Kind, Scope, option, over, part
from crossbuild.errors import HostError, UsageError
from crossbuild.options.configuration import CACHE_MAX_SIZE, Configuration
from crossbuild.options.host_options import EMULATE, HostOptions
from crossbuild.options.repair_options import RepairOptions
from crossbuild.options.wheel_tests import WheelTests
from crossbuild.toolchain.model import ToolchainRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

ConfigSettings = dict[str, str | list[str]]
"""PEP 517 config settings: a key given more than once holds a list."""
_of_index = functools.partial(option, heading=Heading.SOURCES, scope=Scope.HOST)


def read_config_settings(words: Iterable[str]) -> ConfigSettings:
    """Read ``KEY=VALUE``, each of ``words``. Raises ValueError for what has another form."""
    found: ConfigSettings = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise ValueError(f"{word!r} is not KEY=VALUE.")
        # As pip and build do it: the first value is a text, and a second one makes it a list.
        present = found.get(key)
        if present is None:
            found[key] = value
        else:
            found[key] = [*([present] if isinstance(present, str) else present), value]
    return found


def _user_cache() -> Path:
    # Imported here because commands without a cache, and --help, get by without it.
    from platformdirs import user_cache_path

    return user_cache_path("crossbuild")


@dataclass(frozen=True, kw_only=True)
class IndexOptions:
    """Where distributions come from. An empty ``index_url`` means: what the environment says, else PyPI."""

    index_url: str = field(
        default="",
        metadata=_of_index(
            Kind.PLACE, "-i", "--index-url", "--default-index", description="The index to use instead of PyPI."
        ),
    )
    extra_index_urls: tuple[str, ...] = field(
        default=(),
        metadata=_of_index(
            Kind.PLACES, "--extra-index-url", metavar="URL", description="An index to ask before that one."
        ),
    )
    find_links: tuple[str, ...] = field(
        default=(),
        metadata=_of_index(
            Kind.PLACES,
            "-f",
            "--find-links",
            metavar="PLACE",
            description="A directory, or the URL of a page, to look at too.",
        ),
    )
    trusted_hosts: tuple[str, ...] = ()
    """Hosts, or ``host:port``, that need no valid certificate, in addition to those of the environment."""
    no_index: bool = field(
        default=False,
        metadata=_of_index(Kind.SWITCH, "--no-index", description="Ask no index, only what --find-links names."),
    )
    offline: bool = field(
        default=False,
        metadata=_of_index(Kind.SWITCH, "--offline", description="Never use the network, only what the caches hold."),
    )


@dataclass(frozen=True, kw_only=True)
class BuildOptions(HostOptions):
    """How to build, for which host. All are options of the command line.

    Those that :class:`NamedHost` has, too, are keys of a configuration; the others are not.
    """

    provision: bool = field(
        default=False,
        metadata=option(
            Kind.SWITCH,
            "--provision",
            heading=Heading.HOST,
            scope=Scope.HOST,
            description="Let uv download a Python to build with, where this machine has none, and --emulate auto an "
            "emulator.",
        ),
    )
    configuration: Configuration = field(default_factory=Configuration)
    """What the user wants in every build."""
    config_settings: Mapping[str, str | list[str]] = field(
        default_factory=dict,
        metadata=option(
            Kind.SETTINGS,
            "-C",
            "--config-setting",
            "--config-settings",
            scope=Scope.ENVIRONMENT,
            description="Pass a setting to the build backend. A KEY given more than once gets a list.",
        ),
    )
    build_constraints: tuple[Path, ...] = field(
        default=(),
        metadata=option(
            Kind.FILES,
            "-b",
            "--build-constraint",
            "--build-constraints",
            scope=Scope.ENVIRONMENT,
            description="Constrain the versions of build requirements.",
        ),
    )
    jobs: int | None = field(
        default=None,
        metadata=option(
            Kind.NUMBER, "-j", "--jobs", scope=Scope.ENVIRONMENT, description="How many compilers may run at once."
        ),
    )
    """Default: the number of CPUs available."""
    host_requires: tuple[str, ...] = field(
        default=(),
        metadata=option(
            Kind.REQUIREMENTS,
            "--host-requires",
            description="Install a further build requirement, with the host's headers and static libraries.",
        ),
    )
    keep: bool = field(
        default=False,
        metadata=option(Kind.SWITCH, "--keep", description="Keep the build directory, also after success."),
    )
    allow_missing_extensions: bool = field(
        default=False,
        metadata=option(
            Kind.SWITCH,
            "--allow-missing-extensions",
            description="Deliver a wheel although an optional extension of it failed to compile.",
        ),
    )
    reproducible: bool = field(
        default=False,
        metadata=option(
            Kind.SWITCH,
            "--reproducible",
            heading=Heading.WANTED,
            description="Build each wheel twice, under different circumstances, and deliver it only if both builds "
            "give the same bytes.",
        ),
    )
    provenance: bool = field(
        default=False,
        metadata=option(
            Kind.SWITCH,
            "--provenance",
            heading=Heading.WANTED,
            scope=Scope.WHEELS,
            description="Write a statement of what each wheel was built from beside it, as WHEEL.provenance.json. "
            "crossbuild rebuild takes it.",
        ),
    )
    ignore: frozenset[str] = field(
        default=frozenset(),
        metadata=option(
            Kind.FINDINGS,
            "--ignore",
            heading=Heading.WANTED,
            description="Leave this finding of the check out, even if it would refuse the wheel. Separate several by "
            "commas. crossbuild explain lists all.",
        ),
    )
    """IDs, for the wheels of all projects."""
    repair: RepairOptions = field(default_factory=RepairOptions, metadata=part(RepairOptions))
    index: IndexOptions = field(default_factory=IndexOptions, metadata=part(IndexOptions))
    cache_dir: Path = field(
        default_factory=_user_cache,
        metadata=_of_index(
            Kind.NEW_DIRECTORY,
            "--cache-dir",
            variable="CROSSBUILD_CACHE_DIR",
            description="Where to keep what is downloaded and made once. Default: crossbuild in the user's cache "
            "directory.",
        ),
    )
    cache_max_size: int | None = field(default=None, metadata=CACHE_MAX_SIZE)
    """Bytes; 0 is no limit. Default: what the configuration says."""
    no_check: frozenset[str] = field(
        default=frozenset(),
        metadata=option(
            Kind.PROJECTS,
            "--no-check",
            heading=Heading.WANTED,
            scope=Scope.SET,
            description="Use the wheel of NAME even if the check refuses it, and say so in all reports. Repeat for "
            "more names.",
        ),
    )

    tests: WheelTests = field(default_factory=WheelTests, metadata=part(WheelTests))

    @property
    def cache_limit(self) -> int | None:
        """The largest size that the cache may have, in bytes; None if it has no limit."""
        limit = self.configuration.cache_max_size if self.cache_max_size is None else self.cache_max_size
        return limit or None

    def check_emulate(self) -> None:
        """Raise UsageError for what cannot be meant."""
        if self.emulate not in EMULATE:
            raise UsageError(f"{self.emulate!r} is not a value of --emulate.", fix=f"Give one of {', '.join(EMULATE)}.")

    def with_named_host(self) -> Self:
        """Return the options with what the configuration says of the host, if it is one of its names.

        What is given here counts more; packages of the sysroot and changes to the environment add up. Compilers that
        are given as build variables are compilers. Raises HostError for what is nearly a name.
        """
        named = self.configuration.hosts.get(self.host)
        if named is None:
            self._refuse_misspelt()
        options = self._over(named) if named else self
        # As a mere build variable, CC would change what sysconfig says, and not what compiles.
        variables = options.host_request.config_vars
        recorded = ToolchainRequest(cc=variables.get("CC"), cxx=variables.get("CXX"), ar=variables.get("AR"))
        return replace(options, toolchain=options.toolchain.over(recorded))

    def _over(self, named: HostOptions) -> Self:
        # ABI flags are part of the version that is given.
        request = replace(named.host_request, abi_flags=None) if self.python else named.host_request
        return replace(over(self, replace(named, host_request=request)), host=named.host)

    def _refuse_misspelt(self) -> None:
        import difflib

        near = difflib.get_close_matches(self.host, self.configuration.hosts, n=1)
        # A path that exists is meant, however close it is to a name.
        if near and not os.path.lexists(self.host):
            raise HostError(f"There is no host {self.host!r}.", fix=f"Did you mean {near[0]}, which is configured?")
