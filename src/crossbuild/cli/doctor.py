"""``crossbuild doctor``: look at this machine, before a build fails for want of something."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from crossbuild.cli import suggestions
from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import host_options
from crossbuild.cli.options import under, with_options

if TYPE_CHECKING:
    from crossbuild.cli.option_values import Output
    from crossbuild.diagnosis.finding import Finding
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter

_EXAMPLES = """\
crossbuild doctor
crossbuild doctor --host manylinux_2_28_aarch64
"""


@click.command(
    cls=Command,
    common=True,
    short_help="Look at what this machine has to build with.",
    sections=(("Examples", _EXAMPLES),),
)
@with_options(
    under("Host")(
        "--host",
        metavar="HOST",
        shell_complete=suggestions.hosts,
        default="",
        envvar="CROSSBUILD_HOST",
        show_envvar=True,
        common=True,
        help="Also check what builds for this host need, and test its compilers.",
    )
)
@host_options()
def doctor(*, options: BuildOptions, output: Output) -> int:
    """Look at what this machine has to build with: what works, what does not, and the line to type.

    The exit code is 0 unless something is broken that every build needs or, with --host, that those for HOST need.
    """
    from crossbuild.cli.findings import show_findings

    def look(reporter: Reporter) -> list[Finding]:
        from crossbuild.frontend import check_machine

        return check_machine(options, reporter=reporter, environ=os.environ)

    return show_findings(look, output)
