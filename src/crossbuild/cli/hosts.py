"""``crossbuild host``: look at what wheels are built for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from crossbuild.cli import suggestions
from crossbuild.cli.host_capture import capture
from crossbuild.cli.host_export import export
from crossbuild.cli.host_list import list_
from crossbuild.cli.host_show import show
from crossbuild.cli.manual import Command, Group
from crossbuild.cli.option_values import host_options

if TYPE_CHECKING:
    from crossbuild.cli.option_values import Output
    from crossbuild.diagnosis.finding import Finding
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter


@click.group(
    cls=Group,
    common=True,
    short_help="Look at the host that wheels are built for.",
    sections=(
        (
            "Examples",
            """\
            crossbuild host list
            crossbuild host show debian:bookworm:arm64
            crossbuild host check manylinux_2_28_aarch64
            """,
        ),
    ),
)
def host() -> None:
    """Look at the host that wheels are built for."""


@host.command(cls=Command, sections=(("Examples", "crossbuild host check debian:trixie:riscv64"),))
@click.argument("host", shell_complete=suggestions.hosts)
@host_options()
def check(*, options: BuildOptions, output: Output) -> int:
    """Check that wheels can be built for HOST: it is read, its compilers are proven, its cross Python answers.

    What --host takes, HOST may be. All that is wrong is shown, each with what to do; the exit code is that of the
    first.
    """
    from crossbuild.cli.findings import show_findings

    def look(reporter: Reporter) -> list[Finding]:
        from crossbuild.frontend import check_host

        return check_host(options, reporter=reporter, environ=os.environ)

    return show_findings(look, output)


host.add_command(capture)
host.add_command(show)
host.add_command(list_)
host.add_command(export)
