"""What help texts consist of: sections with terms or examples, written for the width of the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from crossbuild.cli.printed_examples import example_lines

if TYPE_CHECKING:
    import click

Terms = list[tuple[str, str]]
"""Terms with what they mean."""
Content = str | Terms | Callable[[], Terms]
"""Examples, a command a line, or terms; or what makes the terms when the help is shown."""
Section = tuple[str, Content]
"""A heading, and what stands below it."""

EXAMPLES = "Examples"
"""The heading of examples."""
_TERMS = 26
"""The most columns that options, and other terms, take; a third where lines are short."""


def first_sentence(text: str) -> str:
    """Return the first sentence of a help text, on one line."""
    sentence, stop, _ = " ".join(text.split()).partition(". ")
    return sentence + stop.strip()


def write_content(content: Content, formatter: click.HelpFormatter) -> None:
    """Write what is in a section."""
    if isinstance(content, str):
        indent = " " * formatter.current_indent
        lines = example_lines(content, formatter.width - formatter.current_indent)
        # In one call, which is the only one of this method from outside of the formatter: see the one for man pages.
        formatter.write("".join(f"{indent}{line}".rstrip() + "\n" for line in lines))
    else:
        terms = content() if callable(content) else content
        formatter.write_dl(terms, col_max=min(_TERMS, formatter.width // 3))
