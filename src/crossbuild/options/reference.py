"""The tables of the reference that list options, in Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.declarations.option import options_of
from crossbuild.options.build_options import BuildOptions
from crossbuild.options.table_values import TABLE_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(?<!\S)(--\S*\w|\S*[*_=|]\S*?)(?=[.,;:]*(?:\s|$))")
"""What a description says of other options, files and values."""


def keys_table(kind: type) -> str:
    """Return a table of the keys that the options of ``kind`` have in a configuration."""
    return _table(
        ("Key", "Value", "Meaning"),
        ((f"`{one.key}`", TABLE_VALUES[one.kind].written, with_code(one.meaning)) for one in options_of(kind)),
    )


def variables_table() -> str:
    """Return a table of the variables that stand in for options."""
    options = (one for one in options_of(BuildOptions) if one.variable)
    return _table(
        ("Variable", "Option", "Meaning"),
        ((f"`{one.variable}`", f"`{one.long_name}`", with_code(one.description)) for one in options),
    )


def with_code(text: str, quote: str = "`") -> str:
    """Return a description with quotes around what is to be read letter by letter."""
    return _CODE.sub(lambda found: f"{quote}{found[1]}{quote}", text)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    # A bar inside a cell would begin another cell, even within quotes.
    lines = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in (heads, *rows))
    return "\n".join((f"| {next(lines)} |", "|" + "---|" * len(heads), *(f"| {line} |" for line in lines)))
