"""What the page of a GitHub job shows of a command: a table of what was made, and what went wrong, in Markdown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.redaction import redacted_text
from crossbuild.terminal.live import duration
from crossbuild.terminal.printable import printable
from crossbuild.terminal.quantities import size_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crossbuild.cli.display import Display
    from crossbuild.errors import CrossbuildError
    from crossbuild.frontend import BuiltWheel
    from crossbuild.terminal.package_table import Row

_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#+!|~@&-]")


def write_job_summary(display: Display, error: CrossbuildError | None, environ: Mapping[str, str]) -> None:
    """Add what ``display`` showed to the summary of the GitHub job that this is run in, if it is one."""
    file = environ.get("GITHUB_STEP_SUMMARY")
    lines = list(_lines(display, error)) if file else []
    if not file or not lines:
        return
    try:
        with Path(file).open("a", encoding="utf-8") as summary:
            summary.write("\n".join(lines) + "\n\n")
    except OSError as failure:
        display.warning(f"Cannot write the job's summary: {failure.strerror}.")


def _lines(display: Display, error: CrossbuildError | None) -> Iterator[str]:
    packages = [row for row in display.packages if row.outcome and not row.reason]
    if display.wheels:
        yield from _table(("Wheel", "Tags", "Size", "", "Time"), [_of_wheel(wheel) for wheel in display.wheels])
    elif packages:
        yield from _table(("Package", "", "Time"), [_of_row(row, row.outcome) for row in packages])
    if failed := [row for row in display.packages if row.reason]:
        yield from _table(("Failed", "Reason", "Time"), [_of_row(row, row.reason) for row in failed])
    if display.summary:
        yield _text(display.summary)
    if error and not failed:
        yield f"**Error:** {_text(error.what)}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(row)} |"
    yield ""


def _of_wheel(wheel: BuiltWheel) -> list[str]:
    facts = (f"{wheel.name} {wheel.version}", ", ".join(wheel.tags), size_text(wheel.size), wheel.how)
    return [*map(_text, facts), duration(wheel.seconds)]


def _of_row(row: Row, fact: str) -> list[str]:
    return [_text(row.label), _text(fact), duration(row.seconds or 0)]


def _text(text: str) -> str:
    """Return ``text`` in one line, so that nothing in it is markup."""
    return _MARKUP.sub(r"\\\g<0>", printable(redacted_text(" ".join(text.split()))))
