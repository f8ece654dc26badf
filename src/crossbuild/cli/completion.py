"""``crossbuild completion``: what makes a shell complete the words of crossbuild."""

from __future__ import annotations

import click

from crossbuild.cli.manual import Command

VARIABLE = "_CROSSBUILD_COMPLETE"
"""What click looks at: the shell asks by this variable which words may follow."""


@click.command(
    cls=Command,
    short_help="Print a script that completes commands and options in your shell.",
    sections=(
        (
            "Examples",
            """\
            eval "$(crossbuild completion bash)"
            crossbuild completion zsh > _crossbuild
            crossbuild completion fish > crossbuild.fish
            """,
        ),
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="bash|zsh|fish")
@click.pass_context
def completion(ctx: click.Context, *, shell: str) -> int:
    """Print a script that completes commands, options and their values in your shell.

    Values are hosts, sysroots, toolchains, packages of a sysroot, and files. bash evaluates the script in ~/.bashrc.
    zsh finds it in a directory of its fpath, and fish in ~/.config/fish/completions. The script only asks crossbuild,
    so you need not print it again after an update.
    """
    from click.shell_completion import get_completion_class

    from crossbuild.cli.shells import register_shells

    register_shells()
    if found := get_completion_class(shell):
        program = ctx.find_root()
        click.echo(found(program.command, {}, program.info_name or "", VARIABLE).source(), nl=False)
    return 0
