"""Whether crossbuild would take a printed command's words: what click says of them, with nothing run."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROGRAMS = ("crossbuild", "cross-pip", "build-pip")
_OPERATOR = re.compile(r"[();<>|&]+")
_BEFORE = re.compile(r"\w+=.*|do|then|else|exec|eval|sudo|\{|!", re.DOTALL)
"""Words that a command may come after."""
_OPEN = re.compile(r"…|\$|\.\.\.")
"""What leaves open which words are meant."""


def calls(line: str) -> Iterator[list[str]]:
    """Yield the words of each call of crossbuild, or one of its pips, in what a shell reads."""
    for part in line.replace("\\\n", " ").splitlines():
        for words in _simple_commands(part):
            if words and (name := PurePath(words[0]).name) in PROGRAMS:
                yield [name, *words[1:]]


def _simple_commands(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if _OPERATOR.fullmatch(word):
            yield words
            words = []
        elif words or not _BEFORE.fullmatch(word):
            words.append(word)


def refusal(words: Sequence[str], *, complete: bool) -> str:
    """Return why crossbuild would refuse ``words``, or nothing.

    ``complete``: whether they are all that is typed; otherwise any may be missing, and some stand for others.
    """
    program, *rest = words
    if program == "build-pip":  # which takes those of pip
        return ""
    command: click.Command = app.commands.get(program, app)
    ctx = click.Context(command, info_name=program)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        name, *rest = rest
        found = command.get_command(ctx, name)
        if found is None:
            return f"No such command: {name}"
        command, ctx = found, click.Context(found, parent=ctx, info_name=name)
    try:
        _check(command, ctx, rest, complete=complete)
    except click.BadOptionUsage as error:
        return error.format_message() if complete else ""  # it is mentioned without its value
    except click.UsageError as error:
        return error.format_message()
    return ""


def _check(command: click.Command, ctx: click.Context, words: list[str], *, complete: bool) -> None:
    """Raise click.UsageError if ``words`` are not those of ``command``. Files need not exist."""
    if command.name == "cross-pip" or (not words and not complete):
        return
    given, more, order = command.make_parser(ctx).parse_args(args=list(words))
    if more and not isinstance(command, click.Group) and complete:
        raise click.UsageError(f"Got unexpected extra arguments: {shlex.join(more)}")
    for parameter in dict.fromkeys((*order, *command.params)) if complete else ():
        _check_value(parameter, given.get(parameter.name or ""), ctx)


def _check_value(parameter: click.Parameter, value: Any, ctx: click.Context) -> None:
    texts = [one for one in (value if isinstance(value, list | tuple) else [value]) if isinstance(one, str)]
    if any(_OPEN.search(text) for text in texts):
        return
    if not isinstance(parameter.type, click.Path):
        parameter.process_value(ctx, value)
    elif parameter.required and not texts:
        raise click.MissingParameter(ctx=ctx, param=parameter)
