"""``crossbuild host list``: the hosts that need no looking for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import output_options
from crossbuild.cli.options import CACHE_DIR, with_options
from crossbuild.terminal.printable import printable

if TYPE_CHECKING:
    from crossbuild.cli.option_values import Output
    from crossbuild.reporting import Reporter

_HEADINGS = {"named": "Named hosts", "sysroots": "Sysroots", "compilers": "GNU cross compilers"}


@click.command(
    "list",
    cls=Command,
    short_help="List the hosts that are configured or found here.",
    sections=(("Examples", "crossbuild host list\ncrossbuild host list --json"),),
)
@with_options(CACHE_DIR)
@output_options()
def list_(*, cache_dir: Path | None, output: Output) -> int:
    """List what --host can be here: names of the configuration, sysroots of the cache, and what GNU compilers are for.

    Any platform tag can be a host, too: zig, which is fetched on first use, compiles for all of them.
    """
    from crossbuild.cli.outcome import guarded

    def work(reporter: Reporter) -> None:
        found = _found(cache_dir, reporter)
        if output.json:
            click.echo(json.dumps({**found, "error": None}, indent=2))
        else:
            click.echo(printable(_text(found)))

    return guarded(work, output)


def _found(cache_dir: Path | None, reporter: Reporter) -> dict[str, list[dict[str, Any]]]:
    from crossbuild.api.sysroot_calls import Sysroots
    from crossbuild.diagnosis.cross_compilers import gnu_compilers
    from crossbuild.options.configuration import Configuration

    # What --host takes in this directory: the configuration is read where all commands read it.
    hosts = Configuration.from_directory(Path.cwd()).hosts
    sysroots = Sysroots(cache_dir=cache_dir, reporter=reporter, environ=os.environ).all()
    return {
        "named": [{"name": name, "host": named.host} for name, named in sorted(hosts.items())],
        "sysroots": [
            {"name": str(one.name), "python": [python.name for python in one.pythons], "directory": str(one.directory)}
            for one in sysroots
        ],
        "compilers": [
            {"gnu_type": one.gnu_type, "platform_tag": one.platform_tag, "path": str(one.path), "options": one.options}
            for one in gnu_compilers(os.environ)
        ],
    }


def _text(found: dict[str, list[dict[str, Any]]]) -> str:
    rows = {
        "named": [(one["name"], one["host"]) for one in found["named"]],
        "sysroots": [(one["name"], ", ".join(one["python"])) for one in found["sysroots"]],
        "compilers": [(one["platform_tag"], f"{one['path']}  {one['options']}".rstrip()) for one in found["compilers"]],
    }
    width = max((len(row[0]) for section in rows.values() for row in section), default=0)
    lines = []
    for kind, section in rows.items():
        lines.append(f"{_HEADINGS[kind]}:{'' if section else ' none'}")
        lines += [f"  {name:{width}}  {what}" for name, what in section]
    return "\n".join(lines)
