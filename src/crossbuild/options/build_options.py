"""What a user can say about a build, as values."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from platformdirs import user_cache_path

from crossbuild.errors import HostError
from crossbuild.host.host_request import HostRequest
from crossbuild.options.configuration import Configuration
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.toolchain.model import ToolchainRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crossbuild.options.configuration import NamedHost
    from crossbuild.options.environment_changes import EnvironmentChange
    from crossbuild.sysroot.names import SysrootName

ConfigSettings = dict[str, str | list[str]]
"""PEP 517 config settings: a key given more than once holds a list."""


def read_config_settings(words: Iterable[str]) -> ConfigSettings:
    """Read ``KEY=VALUE``, each of ``words``. Raises ValueError for what has another form."""
    found: ConfigSettings = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise ValueError(f"{word!r} is not KEY=VALUE.")
        present = found.get(key)
        if present is None:
            found[key] = value
        else:
            found[key] = [*([present] if isinstance(present, str) else present), value]
    return found


@dataclass(frozen=True, kw_only=True)
class IndexOptions:
    """Where distributions come from. An empty ``index_url`` means: what the environment says, else PyPI."""

    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    """Hosts, or ``host:port``, that need no valid certificate, in addition to those of the environment."""
    no_index: bool = False
    """Ask no index, only what ``find_links`` names."""
    offline: bool = False
    """Use what the caches hold; never the network."""


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """How to build, for which host."""

    host: str = ""
    """Anything that ``--host`` takes: an interpreter, a prefix, a platform tag, a distribution's release, a name."""
    python: tuple[int, int] | None = None
    """The host's Python version, where the host does not say it; default: that of the running Python."""
    host_request: HostRequest = field(default_factory=HostRequest)
    build_python: Path | None = None
    provision: bool = False
    """Let uv install a build Python where there is none."""
    toolchain: ToolchainRequest = field(default_factory=ToolchainRequest)
    sysroot: Path | SysrootName | None = None
    """Where the host's libraries are: a directory, or a distribution's release."""
    sysroot_packages: tuple[str, ...] = ()
    """Packages of the distribution that are added for this build."""
    auto_sysroot: bool = False
    """Add the packages that a failed build lacked, and build again."""
    sysroot_source: SourceRequest = field(default_factory=SourceRequest)
    configuration: Configuration = field(default_factory=Configuration)
    """What the user wants in every build."""
    environment_changes: tuple[EnvironmentChange, ...] = ()
    """What becomes of the environment of builds, after all that crossbuild sets."""
    config_settings: Mapping[str, str | list[str]] = field(default_factory=dict)
    build_constraints: tuple[Path, ...] = ()
    host_requires: tuple[str, ...] = ()
    """Further build requirements whose host copy is needed."""
    index: IndexOptions = field(default_factory=IndexOptions)
    cache_dir: Path = field(default_factory=lambda: user_cache_path("crossbuild"))
    jobs: int | None = None
    """How many compilers may run at once; default: the number of CPUs available."""
    keep: bool = False
    """Keep the build directory, also after success."""
    allow_missing_extensions: bool = False
    """Deliver a wheel although an extension of it failed to compile."""
    no_check: frozenset[str] = frozenset()
    """Normalised names of projects whose wheels are used even if the audit refuses them."""

    def with_named_host(self) -> Self:
        """Return the options with what the configuration says of the host, if it is one of its names.

        What is given here counts more; packages of the sysroot and changes to the environment add up. Compilers that
        are given as build variables are compilers. Raises HostError for what is nearly a name.
        """
        named = self.configuration.hosts.get(self.host)
        if named is None:
            self._refuse_misspelt()
        options = self._over(named) if named else self
        variables = options.host_request.config_vars
        recorded = ToolchainRequest(cc=variables.get("CC"), cxx=variables.get("CXX"), ar=variables.get("AR"))
        return replace(options, toolchain=options.toolchain.over(recorded))

    def _over(self, named: NamedHost) -> Self:
        # ABI flags are part of the version that is given.
        own = replace(named.host_request, abi_flags=None) if self.python else named.host_request
        return replace(
            self,
            host=named.host,
            python=self.python or named.python,
            host_request=self.host_request.over(own),
            environment_changes=(*named.environment_changes, *self.environment_changes),
            build_python=self.build_python or named.build_python,
            toolchain=self.toolchain.over(named.toolchain),
            sysroot=self.sysroot or named.sysroot,
            sysroot_packages=(*named.sysroot_packages, *self.sysroot_packages),
            auto_sysroot=self.auto_sysroot or named.auto_sysroot,
            sysroot_source=self.sysroot_source.over(named.sysroot_source),
        )

    def _refuse_misspelt(self) -> None:
        near = difflib.get_close_matches(self.host, self.configuration.hosts, n=1)
        if near and not os.path.lexists(self.host):
            raise HostError(f"There is no host {self.host!r}.", fix=f"Did you mean {near[0]}, which is configured?")
