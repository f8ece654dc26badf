"""What a shell offers for the values of options and arguments. Nothing is fetched or compiled for that.

All is imported when it is needed: there is a keystroke to answer, and all commands name these functions.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import click
    from click.shell_completion import CompletionItem

    from crossbuild.options.configuration import NamedHost
    from crossbuild.platforms.platform import Architecture
    from crossbuild.sysroot.names import SysrootName

    Suggest = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]

_TOOLCHAINS = {
    "auto": "The compiler that suits the host",
    "zig": "Downloaded on first use",
    "gnu": "A GNU cross compiler on PATH",
}
_FAMILIES = ("manylinux_2_28", "musllinux_1_2", "linux")
_FAMILY = re.compile(r"((?:manylinux|musllinux)_\d+_\d+|manylinux\d+)_")
_LIKELIEST = 2
"""Releases of each distribution that are offered. Others can be fetched, too."""
_NOT_IN_UBUNTU = ("armel", "i386")


def hosts(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return hosts: names of the configuration, sysroots of the cache, releases and platform tags; else files."""
    named = {name: f"{host.host}, from the configuration" for name, host in _configured().items()}
    found = {**dict.fromkeys(_tags(incomplete), "A platform tag"), **_known_releases(ctx), **named}
    return _matching(found, incomplete) or _kind("file", incomplete)


def releases(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return releases that sysroots can be made of; else directories."""
    return _matching(_known_releases(ctx), incomplete) or _kind("dir", incomplete)


def sysroots(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return the sysroots of the cache; else directories."""
    return _matching(_cached(ctx), incomplete) or _kind("dir", incomplete)


def toolchains(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return the words for toolchains, and prefixes of GNU cross compilers on PATH or below a directory; else files."""
    directory = incomplete.rpartition("/")[0]
    found = dict.fromkeys(_prefixes(directory), "A GNU cross compiler")
    return _matching({**_TOOLCHAINS, **found}, incomplete) or _kind("file", incomplete)


def packages(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return the packages of the release that the options before name, if its lists were fetched once."""
    from crossbuild.errors import CrossbuildError
    from crossbuild.sysroot.cached import cached_packages

    try:
        release = _release(ctx)
        found = cached_packages(_cache(ctx), release, os.environ) if release else set()
    except (CrossbuildError, OSError):
        return []
    return _matching(dict.fromkeys(sorted(found), ""), incomplete)


def findings(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return the findings of the check, for the last of several IDs with commas between them."""
    from crossbuild.wheels.rules import RULES

    before = incomplete.rpartition(",")
    return _matching({f"{''.join(before[:2])}{rule.id}": rule.what for rule in RULES.values()}, incomplete)


def files(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Return files and directories."""
    return _kind("file", incomplete)


def words(*known: str) -> Suggest:
    """Return what offers the words that are ``known``; else files."""

    def suggest(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        return _matching(dict.fromkeys(known, ""), incomplete) or _kind("file", incomplete)

    return suggest


def _matching(found: Mapping[str, str], incomplete: str) -> list[CompletionItem[str]]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(value, help=text or None) for value, text in found.items() if value.startswith(incomplete)]


def _kind(kind: str, incomplete: str) -> list[CompletionItem[str]]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type=kind)]


def _configured() -> Mapping[str, NamedHost]:
    from crossbuild.errors import CrossbuildError
    from crossbuild.options.configuration import Configuration

    try:
        return Configuration.from_directory(Path.cwd()).hosts
    except (CrossbuildError, OSError):  # a command that is run will say what is wrong
        return {}


def _cache(ctx: click.Context) -> Path:
    from crossbuild.declarations.option import taken
    from crossbuild.options.build_options import BuildOptions

    given: str | None = ctx.params.get("cache_dir")
    return taken(BuildOptions, {"cache_dir": Path(given) if given else None}).cache_dir


def _cached(ctx: click.Context) -> dict[str, str]:
    from crossbuild.sysroot.cached import cached_releases

    return {str(name): "A sysroot in the cache" for name in cached_releases(_cache(ctx))}


def _known_releases(ctx: click.Context) -> dict[str, str]:
    return {**dict.fromkeys(_fetched(), "A release"), **_cached(ctx)}


def _architectures() -> Iterable[Architecture]:
    from crossbuild.platforms.platform import ARCHITECTURES

    return ARCHITECTURES.values()


def _fetched() -> Iterator[str]:
    """Yield the likeliest of the releases that can be fetched."""
    from crossbuild.platforms.debian import DEBIAN_ARCHITECTURES, SUITES, oldest_suite

    debian, ubuntu = (list(suites)[:_LIKELIEST] for suites in SUITES.values())
    for machine, architecture in DEBIAN_ARCHITECTURES.items():
        oldest = oldest_suite(machine)
        # Of a machine that is new in Debian, the first release is offered alone.
        yield from (f"debian:{suite}:{architecture}" for suite in (debian if oldest in debian[:1] else [oldest]))
        if oldest in debian[:1] and architecture not in _NOT_IN_UBUNTU:
            yield from (f"ubuntu:{suite}:{architecture}" for suite in ubuntu)


def _tags(incomplete: str) -> Iterator[str]:
    """Yield platform tags; if a version was typed, tags with that."""
    from crossbuild.errors import HostError
    from crossbuild.platforms.platform import Platform

    typed = _FAMILY.match(incomplete)
    for family in (typed[1],) if typed else _FAMILIES:
        for architecture in _architectures():
            tag = f"{family}_{architecture.name}"
            try:
                Platform.from_tag(tag)
            except HostError:
                continue
            yield tag


def _prefixes(directory: str) -> Iterator[str]:
    """Yield what stands before ``gcc`` in the names of cross compilers in ``directory``, or else on PATH."""
    from crossbuild.system.programs import directories_on

    places = [Path(directory)] if directory else directories_on(os.environ.get("PATH", os.defpath))
    for place in places:
        for compiler in sorted(place.glob("*-*-gcc")):
            prefix = compiler.name.removesuffix("gcc")
            yield f"{directory}/{prefix}" if directory else prefix


def _release(ctx: click.Context) -> SysrootName | None:
    """Return the release that the sysroot of a command, or its host, consists of or is built with."""
    from crossbuild.platforms.platform import Platform
    from crossbuild.sysroot.names import SysrootName, is_sysroot_name

    text = str(next(filter(None, _places(ctx)), ""))
    if not text:
        return None
    if is_sysroot_name(text):
        return SysrootName.from_text(text)
    if (sysroot := Path(text)).is_dir():
        return _made_of(sysroot)
    return SysrootName.oldest_for(Platform.from_tag(text))


def _places(ctx: click.Context) -> Iterator[Any]:
    """Yield what names the host's libraries, what counts more first."""
    named = _configured().get(ctx.params.get("host") or "")
    yield ctx.params.get("name")  # of the commands about sysroots
    yield ctx.params.get("sysroot")
    if named:
        yield from (named.sysroot, named.host)
    yield ctx.params.get("host")


def _made_of(directory: Path) -> SysrootName:
    from crossbuild.sysroot.model import Sysroot

    return Sysroot.from_directory(directory).name
