"""The man page, crossbuild(1): the help texts of all commands, written as roff. Source: man(7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from crossbuild import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_USUAL = 78
"""The columns of the lines of examples. All else is filled by the program that shows the page."""
_CHARACTERS = {"\\": r"\(rs", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "~": r"\(ti", "^": r"\(ha"}
"""What roff would show as something else, such as a quotation mark that a shell does not know."""


class _Roff(click.HelpFormatter):
    """Takes what a help text consists of, and writes it as roff."""

    def write(self, string: str) -> None:
        """Write lines that are shown as they are."""
        lines = (_escaped(line) for line in string.rstrip("\n").splitlines())
        self._request(".PP", ".nf", *lines, ".fi")

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how the command is called."""
        self._request(".PP", rf"\fB{_escaped(prog)}\fR {_escaped(args)}".rstrip())

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        self._request(f".SS {_escaped(heading)}")

    def write_paragraph(self) -> None:
        """Do nothing: each paragraph says that it begins."""

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        for paragraph in re.split(r"\n\s*\n", text.strip()):
            self._request(".PP", _escaped(" ".join(paragraph.split())))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write terms, each with what it means."""
        for term, meaning in rows:
            self._request(".TP", rf"\fB{_escaped(term)}\fR", _escaped(" ".join(meaning.split())))

    def _request(self, *lines: str) -> None:
        self.buffer += [f"{line}\n" for line in lines]


def man_page(program: click.Group, name: str) -> str:
    """Return the page for ``program``, which is called ``name``, and all of its commands that are not hidden."""
    root = click.Context(program, info_name=name, **_settings(program))
    purpose = program.get_short_help_str().rstrip(".")
    head = [
        f'.TH {name.upper()} 1 "" "{name} {__version__}" "User Commands"',
        # Names of options and variables that are cut in two could not be copied, nor found.
        ".nh",
        ".ad l",
        ".SH NAME",
        rf"{name} \- {_escaped(purpose[:1].lower() + purpose[1:])}",
        ".SH SYNOPSIS",
    ]
    parts = [_described(root, ".SH DESCRIPTION")]
    parts += [_described(ctx, f'.SH "{ctx.command_path.upper()}"') for ctx in _below(root)]
    usage = _Roff(width=_USUAL)
    program.format_usage(root, usage)
    return "\n".join(head) + "\n" + usage.getvalue() + "".join(parts)


def _settings(command: click.Command) -> dict[str, Any]:
    return dict(command.context_settings)


def _below(ctx: click.Context) -> Iterator[click.Context]:
    """Yield the contexts of all commands below that of ``ctx``."""
    if isinstance(ctx.command, click.Group):
        for name in ctx.command.list_commands(ctx):
            command = ctx.command.commands[name]
            if not command.hidden:
                below = click.Context(command, info_name=name, parent=ctx, **_settings(command))
                yield below
                yield from _below(below)


def _described(ctx: click.Context, heading: str) -> str:
    """Return the section of a command. Headings within it are those of its help."""
    formatter = _Roff(width=_USUAL)
    if ctx.parent:
        ctx.command.format_usage(ctx, formatter)
    ctx.command.format_help_text(ctx, formatter)
    ctx.command.format_options(ctx, formatter)
    ctx.command.format_epilog(ctx, formatter)
    return f"{heading}\n{formatter.getvalue()}"


def _escaped(text: str) -> str:
    """Return ``text`` so that roff takes none of it for a request, and its commands can be copied."""
    escaped = "".join(_CHARACTERS.get(character, character) for character in text)
    # A line that begins with a dot would be a request, so something without a width comes before it.
    return rf"\&{escaped}" if escaped.startswith(".") else escaped
