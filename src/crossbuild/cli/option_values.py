"""The values that the options of a command come to."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from crossbuild.cli.options import (
    BUILD_OPTIONS,
    ENVIRONMENT_OPTIONS,
    HOST_OPTIONS,
    JSON,
    SET_OPTIONS,
    SOURCE_OPTIONS,
    VERBOSITY,
    with_options,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.options.build_options import BuildOptions
    from crossbuild.sysroot.apt_sources import SourceRequest

    _Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


_OF_REQUESTS = (
    *("specs", "files", "constraints", "groups", "no_binary", "only_binary", "prefer_binary", "pre"),
    "require_hashes",
)
_OWN_OF_ENVIRONMENTS = ("command", "directory", "clear", "form", "shell")


@dataclass(frozen=True, kw_only=True)
class Output:
    """How much is said, and in which form."""

    verbosity: int = 0
    """-1: errors only; 1: commands and their output; 2: tracebacks and logs too."""
    json: bool = False

    @classmethod
    def from_words(cls, *, verbose: int, quiet: bool, as_json: bool) -> Self:
        """Return what the options of that name mean. Raises click.UsageError if they contradict each other."""
        if verbose and quiet:
            raise click.UsageError("-v and -q exclude each other.")
        return cls(verbosity=-1 if quiet else verbose, json=as_json)


def build_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give ``command`` all options of a build; it is called with ``options``, ``wheel_dir`` and ``output``."""

    @functools.wraps(command)
    def build(*, wheel_dir: Path, verbose: int, quiet: bool, as_json: bool, **words: Any) -> int:
        output = Output.from_words(verbose=verbose, quiet=quiet, as_json=as_json)
        own = {parameter: words.pop(parameter) for parameter in ("path",) if parameter in words}
        return command(options=to_options(words), wheel_dir=wheel_dir, output=output, **own)

    return with_options(*BUILD_OPTIONS)(build)


def set_options(*own: _Decorator, parameters: tuple[str, ...], build_named: bool = False) -> _Decorator:
    """Give a command the options of a whole set of packages, and its ``own``, whose ``parameters`` it gets.

    Besides, it gets ``request``, ``options`` and ``output``. ``build_named``: whether what its words name is built
    though there may be wheels.
    """

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def gather(*, verbose: int, quiet: bool, as_json: bool, **words: Any) -> int:
            from crossbuild.requirements.request import Request

            output = Output.from_words(verbose=verbose, quiet=quiet, as_json=as_json)
            parts = {name: words.pop(name) for name in _OF_REQUESTS}
            if not any(parts[name] for name in ("specs", "files", "groups")):
                raise click.UsageError("Nothing is asked for: give a SPEC, or a file of requirements with -r.")
            request = Request(**parts, dependencies=not words.pop("no_deps"), build_named=build_named)
            mine = {name: words.pop(name) for name in (*parameters, "lock", "fail_fast")}
            return command(request=request, options=to_options(words), output=output, **mine)

        return with_options(*SET_OPTIONS, *own, *VERBOSITY, JSON)(gather)

    return decorate


def host_options(*, json: bool = True) -> _Decorator:
    """Give a command whose argument is a host the options about it; it gets ``options`` and ``output``.

    ``json``: whether what it prints may be a JSON document.
    """

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def look(*, verbose: int, quiet: bool, as_json: bool = False, **words: Any) -> int:
            output = Output.from_words(verbose=verbose, quiet=quiet, as_json=as_json)
            own = {parameter: words.pop(parameter) for parameter in ("form", "into", "wheels") if parameter in words}
            return command(options=to_options(words), output=output, **own)

        return with_options(*HOST_OPTIONS, *SOURCE_OPTIONS, *VERBOSITY, *([JSON] if json else []))(look)

    return decorate


def environment_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give ``command`` the options of a cross environment; it gets ``wishes``, ``options``, ``output`` and its own."""

    @functools.wraps(command)
    def make(*, verbose: int, quiet: bool, **words: Any) -> int:
        from crossbuild.environments.environment_request import EnvironmentRequest

        output = Output.from_words(verbose=verbose, quiet=quiet, as_json=False)
        wishes = EnvironmentRequest(**{name: words.pop(name) for name in ("requires", "host_requires", "projects")})
        own = {parameter: words.pop(parameter) for parameter in _OWN_OF_ENVIRONMENTS if parameter in words}
        return command(wishes=wishes, options=to_options(words), output=output, **own)

    return with_options(*ENVIRONMENT_OPTIONS)(make)


def to_options(words: dict[str, Any]) -> BuildOptions:
    """Return what the options of that name mean."""
    from crossbuild.host.host_request import HostRequest
    from crossbuild.options.build_options import BuildOptions, IndexOptions
    from crossbuild.options.configuration import Configuration
    from crossbuild.toolchain.model import ToolchainRequest

    words.pop("no_deps", None)
    toolchain = ToolchainRequest(
        **{name: words.pop(name) for name in ("cc", "cxx", "ar", "fc", "relative")}, choice=words.pop("toolchain")
    )
    words["python"], abi_flags = words["python"]
    parts = ("sysconfigdata", "headers", "machine", "platform_tags", "config_vars")
    request = HostRequest(abi_flags=abi_flags, **{name: words.pop(name) for name in parts})
    index = IndexOptions(
        index_url=words.pop("index_url"),
        extra_index_urls=words.pop("extra_index_urls"),
        find_links=words.pop("find_links"),
        no_index=words.pop("no_index"),
        offline=words.pop("offline"),
    )
    if words["cache_dir"] is None:
        del words["cache_dir"]
    source = source_request(words)
    configuration = Configuration.from_directory(Path.cwd())
    return BuildOptions(
        **words,
        host_request=request,
        toolchain=toolchain,
        index=index,
        sysroot_source=source,
        configuration=configuration,
    )


def source_request(words: dict[str, Any]) -> SourceRequest:
    """Take what concerns the source of packages out of ``words``."""
    from crossbuild.sysroot.apt_sources import SourceRequest, mirror_address

    keyring = words.pop("keyring")
    return SourceRequest.from_mirrors(
        map(mirror_address, words.pop("mirrors")),
        keyring=keyring.absolute() if keyring else None,
        snapshot=words.pop("snapshot"),
    )
