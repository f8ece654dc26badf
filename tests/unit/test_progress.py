"""What a terminal and a log show of several packages that are fetched and built at once."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from crossbuild.cli.display import Display
from crossbuild.errors import BackendError
from crossbuild.terminal.terminal_reporter import TerminalReporter

LABELS = ["numpy 2.0", "click 8.1", "lxml 6.0", "pandas 3.0"]


def display(*, live: bool) -> Display:
    return Display(console=Console(file=io.StringIO(), width=80), verbosity=0, live=live)


def shown(board: Display, height: int = 20) -> list[str]:
    """Return the table's lines, with one space between the words, but no bar; none if there is nothing to show."""
    table = board.table(80, height)
    console = Console(file=io.StringIO(), width=80)
    if table:
        console.print(table)
    assert isinstance(console.file, io.StringIO)
    text = re.sub(r"\d\.\d s", "0.0 s", re.sub(r"[━╸⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]", " ", console.file.getvalue()))
    return [" ".join(line.split()) for line in text.splitlines()]


def said(board: Display) -> list[str]:
    assert isinstance(board.console.file, io.StringIO)
    return board.console.file.getvalue().splitlines()


def test_the_table_shows_each_package() -> None:
    board = display(live=True)
    board.expect(LABELS)
    assert shown(board) == [*(f"{label} waiting" for label in LABELS), "0 of 4"]
    with board.within("click 8.1"):
        assert shown(board)[0] == "click 8.1 0.0 s starting"
        board.kept("click 8.1")
    with pytest.raises(BackendError), board.within("lxml 6.0"):
        raise BackendError("no")
    with board.within("numpy 2.0") as numpy, numpy.step("Build numpy 2.0"), numpy.step("Read the host"):
        assert shown(board) == ["numpy 2.0 0.0 s Read the host", "pandas 3.0 waiting", "2 of 4"]
        assert shown(board, height=4) == ["numpy 2.0 0.0 s Read the host", "2 of 4 1 not shown"]
    assert shown(board) == ["pandas 3.0 waiting", "3 of 4"], "what has ended has a line above the table"
    with board.within("pandas 3.0"):
        pass
    assert shown(board) == [], "it goes when all is over"


def test_what_became_of_a_package_is_told_when_it_is_known() -> None:
    board = display(live=True)
    board.expect(LABELS)
    with board.within("numpy 2.0"):
        pass
    board.obtained("numpy 2.0", "downloaded")
    with pytest.raises(BackendError), board.within("lxml 6.0") as lxml, lxml.step("Build"):
        raise BackendError("no")
    board.failed("lxml 6.0", "The build of lxml failed.")
    assert said(board) == ["✓ numpy 2.0  downloaded  0.0 s", "✗ lxml 6.0  0.0 s  The build of lxml failed."]


def test_a_log_has_lines_that_begin_with_the_package() -> None:
    board = display(live=False)
    board.expect(LABELS)
    with board.within("lxml 6.0") as lxml, lxml.step("Build"):
        lxml.note("of libxml2")
        lxml.warning("old")
        assert board.running == ["lxml 6.0: Build, 0.0 s so far"]
    assert [" ".join(line.split()) for line in said(board)] == [
        "lxml 6.0: of libxml2",
        "warning: lxml 6.0: old",
        "✓ lxml 6.0: Build 0.0 s",
    ]


def test_one_package_is_no_table() -> None:
    board = display(live=True)
    board.expect(LABELS[:1])
    with board.within("numpy 2.0") as reporter, reporter.step("Build"):
        assert not board.table(80, 20)
        assert board.running == ["Build: 0.0 s so far"]
    assert said(board) == ["✓ Build  0.0 s"]


STEERING = "\x1b[31m\x1b]0;title\x07\x08\r\x9b2J\u202e\u2066\udcff"


def test_nothing_from_outside_steers_the_terminal() -> None:
    """Names of files and packages, and what programs print, may hold anything."""
    board = Display(console=Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None), verbosity=1)
    name = f"a{STEERING}b"
    board.note(name)
    board.warning(name)
    board.command(name)
    board.output(name)
    with board.step(name):
        pass
    board.expect([name, "other"])
    with board.within(name) as part, part.step(name):
        part.note(name)
    board.obtained(name, name)
    board.failed(name, name)
    error = BackendError(name, why=name, fix=name)
    error.log = Path(name)
    board.error(error)
    text = "\n".join(said(board))
    assert not set(text) & set(STEERING) - set("[31m]0;title2J")
    assert text.count(r"\x9b2J\u202e\u2066\udcff") == 18
    assert r"warning: a\x1b[31m\x1b]0;title\x07" in text


def test_the_table_does_not_steer_the_terminal() -> None:
    board = display(live=True)
    board.expect([f"a{STEERING}", "b"])
    with board.within(f"a{STEERING}") as part, part.step(STEERING):
        assert not set("".join(shown(board))) & set("\x1b\x07\x08\r\x9b\u202e\u2066\udcff")


def test_colours_of_programs_stay() -> None:
    board = Display(console=Console(file=io.StringIO(), force_terminal=True, color_system="standard"), verbosity=1)
    board.output("\x1b[31mred\x1b[0m \x1b[2Jcleared")
    assert said(board)[0].count("\x1b[31mred\x1b[0m") == 1
    assert r"\x1b[2Jcleared" in said(board)[0]


# --- As programs use it ---------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


XTERM = {"TERM": "xterm", "COLUMNS": "60", "LINES": "20"}


def written(stream: io.StringIO, **words: Any) -> str:
    """Let two packages be built while a reporter writes to ``stream``, and return what it wrote."""
    with TerminalReporter.from_stream(stream, **words) as reporter:
        reporter.expect(LABELS[:2])
        for label in LABELS[:2]:
            with reporter.within(label) as part, part.step("Build"):
                part.output("cc -c x.c")
                if reporter.live:
                    reporter._draw()
    return stream.getvalue()


def test_a_terminal_gets_a_table_with_a_bar() -> None:
    text = written(Terminal(), environ=XTERM)
    assert {"numpy 2.0", "click 8.1", "1 of 2"} <= set(re.findall(r"numpy 2.0|click 8.1|\d of 2", text))
    assert re.search(r"[━╸╺]{20} +1 of 2", re.sub(r"\x1b\[[\d;]*m", "", text)), "the bar"
    assert "\x1b[?25h" in text, "the cursor is shown again"


def test_anything_else_gets_lines() -> None:
    text = written(io.StringIO(), environ={**XTERM, "FORCE_COLOR": "1"}, live=False)
    assert "\x1b[32m✓\x1b[0m" in text
    plain = written(io.StringIO())
    assert [line.rpartition("  ")[0] for line in plain.splitlines()] == [f"✓ {label}: Build" for label in LABELS[:2]]
    assert written(io.StringIO(), verbosity=1).count("cc -c x.c") == 2
    assert written(io.StringIO(), verbosity=-1) == ""


def test_a_terminal_that_cannot_move_its_cursor_gets_lines() -> None:
    assert "\x1b" not in written(Terminal(), environ={"TERM": "dumb"})


def test_the_environment_of_the_process_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(io.StringIO())
    monkeypatch.setenv("FORCE_COLOR", "1")
    after = written(io.StringIO())
    assert [line.rpartition("  ")[0] for line in after.splitlines()] == [
        line.rpartition("  ")[0] for line in before.splitlines()
    ]


def test_one_reporter_for_several_calls() -> None:
    """What an earlier call had is over, and does not count any more."""
    board = display(live=True)
    board.expect(LABELS[:2])
    for label in LABELS[:2]:
        with board.within(label):
            pass
    board.expect(LABELS[2:])
    assert shown(board)[-1] == "0 of 2"


def test_errors_of_the_process_are_not_caught_by_a_reporter_for_another_stream() -> None:
    before = sys.stderr
    with TerminalReporter.from_stream(Terminal(), environ=XTERM):
        assert sys.stderr is before


def test_a_summary_of_nothing() -> None:
    board = display(live=False)
    board.packages_together(Path("image"))
    (line,) = said(board)
    assert line.startswith("0 packages: nothing to do, in ")
