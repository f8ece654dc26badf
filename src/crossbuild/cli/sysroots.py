"""``crossbuild sysroot``: make, change and look at roots with a distribution's Python and libraries."""

from __future__ import annotations

import functools
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli import suggestions
from crossbuild.cli.manual import OPTION_MAKERS, Command, Group
from crossbuild.cli.option_values import cache_limit, output_options
from crossbuild.cli.options import CACHE_DIR, CACHE_LIMIT, SYSROOT_SOURCES, under, with_options
from crossbuild.cli.values import fillable, writable_unless_there
from crossbuild.terminal.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.api.sysroot_calls import Sysroots
    from crossbuild.cli.help_text import Section
    from crossbuild.cli.option_values import Output
    from crossbuild.reporting import Reporter
    from crossbuild.sysroot.model import Sysroot

    Act = Callable[[Sysroots], list[Sysroot]]

_NAMES: Section = (
    "SYSROOT is one of",
    [
        ("debian:bookworm:arm64", "The shared one of a release, in the cache: what --host debian:bookworm:arm64 uses."),
        ("./image", "A directory that was made with -o."),
    ],
)
_MEGA = 1e6
_other = under("Other")


@click.group(
    cls=Group,
    common=True,
    short_help="Make and change roots with a distribution's Python and libraries.",
    sections=(
        _NAMES,
        (
            "Examples",
            """\
            crossbuild sysroot create debian:bookworm:arm64
            crossbuild sysroot add debian:bookworm:arm64 libxml2-dev
            crossbuild sysroot list
            """,
        ),
    ),
)
def sysroot() -> None:
    """Roots with a distribution's Python, headers and libraries for another machine.

    The packages are those of the distribution: apt resolves, downloads and verifies them, with a state of its own.
    Nothing is installed into this machine, nobody has to be root, and no maintainer script runs.
    """


def _command(*sections: Section, brief: bool = False) -> Callable[[Callable[..., Act]], click.Command]:
    """Make a command of a function that returns what to do with the sysroots; it then shows those that come out.

    ``brief``: in a line each.
    """

    def decorate(function: Callable[..., Act]) -> click.Command:
        # Its own options come first.
        own = vars(function).pop(OPTION_MAKERS, ())

        @functools.wraps(function)
        def run(*, output: Output, **words: Any) -> int:
            cache = {name: words.pop(name) for name in ("cache_dir", "cache_max_size")}
            return _run(function(**words), _line if brief else _text, cache, output)

        decorated = with_options(*own, CACHE_DIR, CACHE_LIMIT)(output_options()(run))
        return sysroot.command(function.__name__.strip("_"), cls=Command, sections=sections)(decorated)

    return decorate


def _with_sources(function: Callable[..., Act]) -> Callable[..., Act]:
    @functools.wraps(function)
    def with_request(**words: Any) -> Act:
        from crossbuild.declarations.option import taken
        from crossbuild.sysroot.apt_sources import SourceRequest

        # Checked before the sysroots are looked for: what is wrong in the options does not depend on them.
        request = taken(SourceRequest, words)
        request.check()
        act = function(**words)
        return lambda sysroots: act(replace(sysroots, source=request))

    return with_options(SYSROOT_SOURCES)(with_request)


@_command(
    (
        "Examples",
        """\
        crossbuild sysroot create debian:bookworm:arm64
        crossbuild sysroot create debian:trixie:riscv64 libxml2-dev libxslt1-dev -o riscv
        crossbuild sysroot create ubuntu:noble:arm64 --mirror http://ports.ubuntu.com/ubuntu-ports
        """,
    )
)
@click.argument("name", shell_complete=suggestions.releases)
@click.argument("packages", nargs=-1, metavar="[PACKAGE]...", shell_complete=suggestions.packages)
@with_options(
    _other(
        "-o",
        "--output",
        "into",
        metavar="DIR",
        type=click.Path(path_type=Path),
        callback=fillable,
        help="Make it in this new directory.",
    ),
    _other(
        "--lock",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=writable_unless_there,
        help="Take the exact versions listed in FILE. If there is no FILE, write those that were taken.",
    ),
)
@_with_sources
def create(*, name: str, packages: tuple[str, ...], into: Path | None, lock: Path | None) -> Act:
    """Make the sysroot NAME, such as debian:bookworm:arm64, with PACKAGEs beside Python and the compilers' libraries.

    Without -o it is kept in the cache, and --host NAME uses it. What is there already is not made again; PACKAGEs are
    added to it.
    """
    return lambda sysroots: [sysroots.create(name, packages, directory=into, lock=lock)]


@_command(_NAMES, ("Examples", "crossbuild sysroot add debian:bookworm:arm64 libxml2-dev"))
@click.argument("name", metavar="SYSROOT", shell_complete=suggestions.sysroots)
@click.argument("packages", nargs=-1, required=True, metavar="PACKAGE...", shell_complete=suggestions.packages)
@_with_sources
def add(*, name: str, packages: tuple[str, ...]) -> Act:
    """Add PACKAGEs, and what they depend on, to an existing sysroot."""
    return lambda sysroots: [sysroots.add_packages(name, packages)]


@_command(
    _NAMES,
    (
        "Examples",
        """\
        crossbuild sysroot add debian:bookworm:arm64 libxml2-dev
        crossbuild sysroot remove debian:bookworm:arm64 libxml2-dev
        crossbuild sysroot remove debian:bookworm:arm64
        """,
    ),
)
@click.argument("name", metavar="SYSROOT", shell_complete=suggestions.sysroots)
@click.argument("packages", nargs=-1, metavar="[PACKAGE]...", shell_complete=suggestions.packages)
@_with_sources
def remove(*, name: str, packages: tuple[str, ...]) -> Act:
    """Remove a sysroot; with PACKAGEs, only these from it, and what nothing else in it needs.

    Builds that use a sysroot must have ended before it is removed. Removing PACKAGEs does not disturb them.
    """

    def act(sysroots: Sysroots) -> list[Sysroot]:
        if packages:
            return [sysroots.remove_packages(name, packages)]
        sysroots.remove(name)
        return []

    return act


@_command(("Examples", "crossbuild sysroot list\ncrossbuild sysroot list --json"), brief=True)
def list_() -> Act:
    """List the shared sysroots of the cache."""
    return lambda sysroots: sysroots.all()


@_command(
    _NAMES,
    (
        "Examples",
        """\
        crossbuild sysroot info debian:bookworm:arm64
        crossbuild sysroot info debian:bookworm:arm64 --json
        """,
    ),
)
@click.argument("name", metavar="SYSROOT", shell_complete=suggestions.sysroots)
@_with_sources
def info(*, name: str) -> Act:
    """Show what is in a sysroot, and how to build for it."""
    return lambda sysroots: [sysroots.find(name)]


def _run(act: Act, show: Callable[[dict[str, Any]], str], cache: dict[str, Any], output: Output) -> int:
    from crossbuild.cli.outcome import documented

    facts: list[dict[str, Any]] = []

    def work(reporter: Reporter) -> None:
        from crossbuild.api.sysroot_calls import Sysroots

        limit = cache_limit(cache["cache_max_size"])
        sysroots = Sysroots(cache_dir=cache["cache_dir"], cache_max_size=limit, reporter=reporter, environ=os.environ)
        facts.extend([_facts(one) for one in act(sysroots)])
        for one in () if output.json else facts:
            click.echo(printable(show(one)))

    return documented(work, output, lambda error: click.echo(json.dumps({"sysroots": facts, "error": error}, indent=2)))


def _facts(one: Sysroot) -> dict[str, Any]:
    return {
        "name": str(one.name),
        # Bare: output ends up in logs, and the address of a mirror may have a password in it.
        "mirror": one.request.bare.mirror or None,
        "further_mirrors": one.request.bare.further_mirrors,
        "snapshot": one.request.snapshot or None,
        "directory": str(one.directory),
        "python": [str(python) for python in one.pythons],
        "glibc": one.version_of("libc6"),
        "requested": list(one.requested),
        "packages": {package.name: package.version for package in one.packages},
        "size": one.size(),
    }


def _line(facts: dict[str, Any]) -> str:
    pythons = ", ".join(Path(python).name for python in facts["python"])
    parts = (facts["name"], _source(facts), pythons, _megabytes(facts), " ".join(facts["requested"]))
    return "  ".join(filter(None, parts))


def _text(facts: dict[str, Any]) -> str:
    lines = {
        "name": facts["name"],
        "source": _source(facts),
        "directory": facts["directory"],
        "host": facts["python"][0] if facts["python"] else "no Python",
        "glibc": facts["glibc"],
        "added": " ".join(facts["requested"]) or "nothing",
        "packages": len(facts["packages"]),
        "size": _megabytes(facts),
    }
    return "\n".join(f"{name + ':':11}{value}" for name, value in lines.items() if value != "")


def _source(facts: dict[str, Any]) -> str:
    """Return in words where the packages are from, if the machine's own apt did not decide."""
    mirrors = " ".join(filter(None, (facts["mirror"], *facts["further_mirrors"])))
    return mirrors or (f"snapshot {facts['snapshot']}" if facts["snapshot"] else "")


def _megabytes(facts: dict[str, Any]) -> str:
    return f"{facts['size'] / _MEGA:.0f} MB"
