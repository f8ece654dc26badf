"""``crossbuild host show``: what is known of a host."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from crossbuild.cli import suggestions
from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import host_options
from crossbuild.terminal.printable import printable

if TYPE_CHECKING:
    from crossbuild.cli.option_values import Output
    from crossbuild.export.host_facts import Fact
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter

_EXAMPLES = """\
crossbuild host show debian:bookworm:arm64
crossbuild host show manylinux_2_28_aarch64 --python 3.12
crossbuild host show /opt/arm/python3 --json > arm.json
crossbuild wheel numpy --host arm.json
"""


@click.command(
    cls=Command,
    short_help="Show what is known of a host, and from where.",
    sections=(("Examples", _EXAMPLES),),
)
@click.argument("host", shell_complete=suggestions.hosts)
@host_options()
def show(*, options: BuildOptions, output: Output) -> int:
    """Show what is known of HOST, and where each fact is from; of a platform tag, what was measured.

    What --host takes, HOST may be. With --json it is one document with everything, which may be a HOST in turn.
    """
    from crossbuild.cli.outcome import guarded

    def work(reporter: Reporter) -> None:
        from crossbuild.export.host_facts import credited, host_facts, host_json
        from crossbuild.frontend import load_host

        found = credited(load_host(options, reporter=reporter, environ=os.environ), options)
        if output.json:
            click.echo(json.dumps(host_json(found), indent=2))
        else:
            facts = list(host_facts(found))
            width = max(len(fact.name) for fact in facts) + 2
            for fact in facts:
                click.echo(_line(fact, width))

    return guarded(work, output)


def _line(fact: Fact, width: int) -> str:
    origin = click.style(f"  ({fact.origin})", dim=True) if fact.origin else ""
    return f"{fact.name + ':':{width}}{printable(str(fact.value))}{origin}"
