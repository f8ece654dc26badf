"""``crossbuild host``: look at what wheels are built for."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from crossbuild.cli.manual import Command, Group, exit_codes
from crossbuild.cli.words import host_options

if TYPE_CHECKING:
    from crossbuild.cli.manual import Section
    from crossbuild.cli.words import Output
    from crossbuild.options import BuildOptions
    from crossbuild.reporting import Reporter


_CODES: Section = ("Exit codes", exit_codes())


@click.group(cls=Group, short_help="Look at the host that wheels are built for.", sections=(_CODES,))
def host() -> None:
    """Look at the host that wheels are built for."""


@host.command(cls=Command, sections=(("Examples", "crossbuild host check debian:trixie:riscv64"), _CODES))
@click.argument("host")
@host_options
def check(*, options: BuildOptions, output: Output) -> int:
    """Check that wheels can be built for HOST: it is read, its compilers are proven, its cross Python answers.

    What --host takes, HOST may be. The first thing that is wrong ends the check; the exit code says what kind it is.
    """
    from crossbuild.cli.outcome import guarded

    def work(reporter: Reporter) -> None:
        from crossbuild.frontend import check_host

        facts = check_host(options, reporter=reporter, environ=os.environ)
        if output.json:
            click.echo(json.dumps({"host": facts}, indent=2))
        else:
            for name, value in facts.items():
                click.echo(f"{name + ':':15}{value}")

    return guarded(work, output)
