"""``crossbuild shell``: an interactive shell in a cross environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import environment_options
from crossbuild.cli.run import run_inside
from crossbuild.cli.suggestions import words

if TYPE_CHECKING:
    from crossbuild.cli.option_values import Output
    from crossbuild.environments.environment_request import EnvironmentRequest
    from crossbuild.environments.standing import StandingEnvironment
    from crossbuild.options.build_options import BuildOptions


@click.command(
    cls=Command,
    common=True,
    short_help="Work in a cross environment.",
    sections=(("Examples", "crossbuild shell --host manylinux_2_28_aarch64 --with meson --with ninja"),),
)
@click.option(
    "--shell",
    metavar="SHELL",
    shell_complete=words("bash", "zsh", "fish"),
    help="bash, zsh, fish or the path of another one. Default: $SHELL.",
)
@environment_options
def shell(*, shell: str | None, wishes: EnvironmentRequest, options: BuildOptions, output: Output) -> int:
    """Start a shell in a cross environment for HOST, as crossbuild run does a command.

    Your own start files are read first, and the prompt says which host it is. The environment is gone when the shell
    ends. Where standard input is no terminal, the shell reads its commands from there.
    Once the shell runs, the exit code is that of the shell.
    """

    def command(inside: StandingEnvironment) -> tuple[list[str], dict[str, str]]:
        from crossbuild.environments.shells import find_shell, interactive
        from crossbuild.environments.standing import outside

        environ = outside(os.environ)
        program = find_shell(shell, environ)
        # The descriptor itself: sys.stdin is what this process reads, and the shell inherits descriptor 0.
        if os.isatty(0):
            return interactive(program, inside, environ)
        return [str(program)], inside.variables.entered(environ)

    return run_inside(command, wishes=wishes, options=options, output=output)
