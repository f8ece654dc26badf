"""What ``-h`` shows: what a command is for, the options that people need most, and three examples, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from crossbuild.cli.help_text import EXAMPLES, first_sentence, write_content
from crossbuild.cli.printed_examples import commands_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossbuild.cli.help_text import Terms
    from crossbuild.cli.manual import Manual

_MOST = 10
"""As many options or commands are listed even if they are not marked as common."""
_EXAMPLES = 3
_WIDTH = 31
"""The most columns that options take. What follows is short, so that they may take more than in the long help."""
_Listed = TypeVar("_Listed", click.Command, click.Option)


def short_help(command: Manual, ctx: click.Context) -> str:
    """Return the short help of ``command``, which is that of ``ctx``."""
    formatter = ctx.make_formatter()
    command.format_usage(ctx, formatter)
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(command.get_short_help_str())
    heading = "Commands" if isinstance(command, click.Group) else "Options"
    if rows := _commands(ctx, command) if isinstance(command, click.Group) else _options(ctx, command):
        with formatter.section(heading):
            formatter.write_dl(rows, col_max=_WIDTH)
    if examples := _examples(command):
        with formatter.section(EXAMPLES):
            write_content("\n".join(examples), formatter)
    formatter.write_paragraph()
    formatter.write_text(f"See {ctx.command_path} --help for all {heading.lower()}.")
    return formatter.getvalue().rstrip("\n")


def _commands(ctx: click.Context, group: click.Group) -> Terms:
    # By the names in the group: a command may have several.
    commands = {name: group.commands[name] for name in group.list_commands(ctx)}
    shown = _most_used([command for command in commands.values() if not command.hidden])
    return [(name, command.get_short_help_str()) for name, command in commands.items() if command in shown]


def _options(ctx: click.Context, command: Manual) -> Terms:
    found, used = command.options(ctx), set(" ".join(_examples(command)).split())
    usual = _most_used(found)
    # An example is of no help if its options are not explained.
    shown = [option for option in found if option in usual or used.intersection(option.opts)]
    return [(_named(option, ctx), _briefly(option)) for option in shown]


def _named(option: click.Option, ctx: click.Context) -> str:
    """Return the first short and the first long name of ``option``, and its value; the long help has other names."""
    by_length = {name.startswith("--"): name for name in reversed(option.opts)}
    names = ", ".join(by_length[is_long] for is_long in sorted(by_length))
    return names if option.is_flag or option.count else f"{names} {option.make_metavar(ctx)}"


def _briefly(option: click.Option) -> str:
    sentence = first_sentence(option.help or "")
    return f"{sentence.removesuffix('.')} (required)." if option.required else sentence


def _most_used(found: Sequence[_Listed]) -> Sequence[_Listed]:
    """Return those of ``found`` that are marked as common; all, if they are few."""
    return found if len(found) <= _MOST else [one for one in found if getattr(one, "common", False)]


def _examples(command: Manual) -> list[str]:
    texts = (content for heading, content in command.sections if heading == EXAMPLES and isinstance(content, str))
    return [line for text in texts for line in commands_in(text)][:_EXAMPLES]
