"""The values that the options of a command come to."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from crossbuild.cli.options import (
    BUILD_OPTIONS,
    ENVIRONMENT_OPTIONS,
    HOST_OPTIONS,
    JSON,
    LOOK,
    OF_THE_MACHINE,
    REBUILT_HOST,
    SET_OPTIONS,
    TESTED_OPTIONS,
    VERBOSITY,
    with_options,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.cli.options import Maker
    from crossbuild.environments.environment_request import EnvironmentRequest
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.requirements.request import Request
    from crossbuild.terminal.terminal_reporter import Color

    _Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
    _Take = Callable[[dict[str, Any]], Any]

_OF_REQUESTS = (
    *("specs", "files", "constraints", "groups", "no_binary", "only_binary", "prefer_binary", "pre"),
    "require_hashes",
)


@dataclass(frozen=True, kw_only=True)
class Output:
    """How much is said, and in which form."""

    verbosity: int = 0
    """-1: errors only; 1: commands and their output; 2: tracebacks and logs too."""
    json: bool = False
    color: Color = "auto"
    progress: bool = True
    """Whether a terminal may show what runs now."""

    @classmethod
    def from_words(cls, *, verbose: int, quiet: bool, as_json: bool) -> Self:
        """Return what the options of that name mean, and those of the command that is run which have no word for it.

        Raises click.UsageError if they contradict each other.
        """
        if verbose and quiet:
            raise click.UsageError("-v and -q exclude each other.")
        context = click.get_current_context(silent=True)
        look = context.meta.get(LOOK, {}) if context else {}
        return cls(verbosity=-1 if quiet else verbose, json=as_json, **look)


def build_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give ``command`` all options of a build; it gets ``options``, ``output`` and its own."""
    return with_options(*BUILD_OPTIONS)(output_options()(_with_values(command)))


def tested_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give ``command`` all options of tests of wheels; it gets ``options``, ``output`` and its own."""
    return with_options(*TESTED_OPTIONS)(output_options()(_with_values(command)))


def set_options(*own: Maker, build_named: bool = False, **parts: _Take) -> _Decorator:
    """Give a command the options of a whole set of packages, and its ``own``.

    It gets ``request``, ``options``, ``output``, its ``parts`` and its own. ``build_named``: whether what its words
    name is built though there may be wheels.
    """

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        called = _with_values(command, request=functools.partial(take_request, build_named=build_named), **parts)
        return with_options(*SET_OPTIONS, *own)(output_options()(called))

    return decorate


def host_options(*, json: bool = True, **parts: _Take) -> _Decorator:
    """Give a command the options about a host, which may be its argument.

    It gets ``options``, ``output``, its ``parts`` and its own. ``json``: whether what it prints may be a JSON document.
    """

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        return with_options(HOST_OPTIONS)(output_options(json=json)(_with_values(command, **parts)))

    return decorate


def rebuild_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give ``command`` the options of a build that was done before; it gets ``options``, ``output`` and its own."""
    return with_options(REBUILT_HOST, OF_THE_MACHINE)(output_options()(_with_values(command)))


def environment_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give ``command`` the options of a cross environment; it gets ``wishes``, ``options``, ``output`` and its own."""
    return with_options(*ENVIRONMENT_OPTIONS)(output_options(json=False)(_with_values(command, wishes=_wishes)))


def output_options(*, json: bool = True) -> _Decorator:
    """Give a command the options about what it prints; it gets ``output`` and its own."""

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def call(*, verbose: int, quiet: bool, as_json: bool = False, **words: Any) -> int:
            return command(output=Output.from_words(verbose=verbose, quiet=quiet, as_json=as_json), **words)

        return with_options(*VERBOSITY, *([JSON] if json else []))(call)

    return decorate


def _with_values(command: Callable[..., int], **parts: _Take) -> Callable[..., int]:
    """Return what calls ``command`` with ``options`` and the ``parts``, instead of what these are made of.

    Each part is taken out of the words first: some of its options are called like those of a build.
    """

    @functools.wraps(command)
    def call(**words: Any) -> int:
        made = {name: take(words) for name, take in parts.items()}
        options = _options(words)
        return command(options=options, **made, **words)

    return call


def take_request(words: dict[str, Any], *, build_named: bool = False) -> Request:
    """Take what is requested out of ``words``; the project in the current directory, if nothing is."""
    from crossbuild.requirements.request import Request

    parts = {name: words.pop(name) for name in _OF_REQUESTS}
    if not any(parts[name] for name in ("specs", "files", "groups")):
        parts["specs"] = (_project_here(),)
    return Request(**parts, dependencies=not words.pop("no_deps"), build_named=build_named)


def _project_here() -> str:
    from crossbuild.errors import SourceError
    from crossbuild.sources.archives import check_project

    here = Path.cwd()
    try:
        check_project(here, str(here))
    except SourceError as error:
        raise click.UsageError(f"Give a SPEC, -r or --group: there is no project in {here}. {error.why}") from None
    return "."


def cache_limit(given: int | None) -> int | None:
    """Return the largest size of the cache, as it is ``given`` or else configured. 0 is no limit."""
    from crossbuild.options.configuration import Configuration

    return Configuration.from_directory(Path.cwd()).cache_max_size if given is None else given


def _wishes(words: dict[str, Any]) -> EnvironmentRequest:
    from crossbuild.environments.environment_request import EnvironmentRequest

    return EnvironmentRequest(**{name: words.pop(name) for name in ("requires", "host_requires", "projects")})


def _options(words: dict[str, Any]) -> BuildOptions:
    """Take the options of a build out of ``words``, and add the configuration."""
    from crossbuild.declarations.option import taken
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.options.configuration import Configuration

    return replace(taken(BuildOptions, words), configuration=Configuration.from_directory(Path.cwd()))
