"""What a terminal shows of commands, as somebody in front of it sees it; and what pipes and logs of CI services get."""

from __future__ import annotations

import functools
import io
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest

from crossbuild import frontend
from crossbuild.__main__ import main
from crossbuild.cli.app import app
from crossbuild.terminal.groups import GitLabSections
from crossbuild.terminal.terminal_reporter import TerminalReporter
from tests.frames.recorder import record
from tests.unit.terminal_builds import FAILING, FAILURE, NAMES, TAG, five, one

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.frames.recorder import Screen

WIDTHS = (80, 50)
SPINNER = "[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]"
WORDS = ("wheel", "thing", "--host", "manylinux_2_28_aarch64", "-w", "wheelhouse")
PATHS = [f"wheelhouse/{name.replace('-', '_')}-1.0-{TAG}.whl" for name in NAMES if name != FAILING]


def command(build: str, *more: str, **settings: Any) -> list[str]:
    code = f"from tests.unit.terminal_builds import run; run({build!r}, *{[*WORDS, *more]}, **{settings})"
    return [sys.executable, "-c", code]


def environment(**variables: str) -> dict[str, str]:
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C.UTF-8"}
    return given | variables


@pytest.fixture(scope="module", params=WIDTHS)
def screen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Screen:
    """The terminal of a set of five, of which one failed."""
    words, place = command("five"), tmp_path_factory.mktemp("five")
    status, screen = record(words, columns=request.param, environ=environment(), cwd=place)
    assert status == 7, screen.text
    return screen


def is_all_there(text: str, columns: int) -> bool:
    """Return whether ``text`` has the path of each wheel, as a terminal of so many columns breaks it."""
    broken = ("\n".join(path[at : at + columns] for at in range(0, len(path), columns)) for path in PATHS)
    return all(path in text for path in broken)


def test_nothing_is_erased_and_nothing_stays(screen: Screen) -> None:
    assert is_all_there(screen.text, screen.columns)
    words = " ".join(screen.text.split())
    assert "a line that something else prints" in words
    assert re.search(r" 5 packages: 2 built, 2 downloaded, 1 failed, in \d\S* s → wheelhouse/ error: 1 of 5", words)
    assert not re.search(rf"waiting|Working|{SPINNER}|\d of 5$", screen.text)
    assert screen.is_cursor_shown


def test_what_moves_fits_the_terminal(screen: Screen) -> None:
    """Before and between steps, it says that there is work; then there is a row for each package, and a bar."""
    assert any("Working" in frame for frame in screen.frames)
    table = next(
        frame for frame in screen.frames if len(re.findall(r"  Build *$", frame, re.MULTILINE)) > 1
    ).splitlines()
    rows = [line for line in table if re.match(SPINNER, line)]
    assert len(rows) > 1
    for row in rows:
        assert re.match(r". (numpy|click|lxml|pandas|scikit-learn\S*) .* \d\.\d s  (Install|Build)", row)
    assert re.fullmatch(r"[━╸╺]{20} +\d of 5", table[-1])


def test_lines_are_broken_between_words(screen: Screen) -> None:
    lines = [line for line in screen.text.splitlines() if "wheelhouse/" not in line and "whl" not in line]
    assert {*FAILURE.split(), "libyaml-0.so.2", "(libyaml-0-2),", "libxml2.so.2"} <= set(" ".join(lines).split())
    assert FAILURE in " ".join(screen.text.split())


def test_a_failure_is_told_when_it_happens(screen: Screen) -> None:
    told = [frame for frame in screen.frames if FAILURE in " ".join(frame.split())]
    assert any(re.search(r"\d of 5$", frame) for frame in told), "while others are at work"
    assert "error:" not in told[0]


def test_output_through_a_pipe_to_the_same_terminal(tmp_path: Path) -> None:
    words = ["sh", "-c", '"$@" | tee log', "sh", *command("five")]
    _, screen = record(words, columns=80, environ=environment(), cwd=tmp_path)
    assert is_all_there(screen.text, 80)
    assert (tmp_path / "log").read_text().splitlines()[:-1] == PATHS


def test_output_in_a_file_beside_a_terminal(tmp_path: Path) -> None:
    words = ["sh", "-c", '"$@" > paths', "sh", *command("one")]
    _, screen = record(words, columns=80, environ=environment(), cwd=tmp_path)
    assert "wheelhouse/" not in screen.text
    assert (tmp_path / "paths").read_text() == PATHS[1] + "\n"


RUN = """
import sys
from contextlib import contextmanager
from types import SimpleNamespace
from crossbuild import frontend
from crossbuild.__main__ import main

@contextmanager
def environment(*_, **__):
    yield SimpleNamespace(variables=SimpleNamespace(entered=dict))

frontend.temporary_environment = environment
sys.exit(main())
"""


def test_a_program_that_is_run_has_the_terminal_for_itself(tmp_path: Path) -> None:
    script = "printf 'name? '; sleep 0.4; printf 'it is thing\\n'; sleep 0.3"
    words = [sys.executable, "-c", RUN, "run", "--host", "linux_aarch64", "--", "sh", "-c", script]
    status, screen = record(words, columns=80, environ=environment(), cwd=tmp_path)
    assert (status, screen.text) == (0, "name? it is thing")


def test_ctrl_c(tmp_path: Path) -> None:
    words = command("one", seconds=60)
    status, screen = record(words, columns=80, environ=environment(), cwd=tmp_path, interrupt_at="Build click")
    assert (status, screen.text.splitlines()[-1]) == (130, "error: Interrupted.")
    assert screen.is_cursor_shown
    assert not re.search(SPINNER, screen.text)


def test_a_terminal_on_which_nothing_moves(tmp_path: Path) -> None:
    _, screen = record(command("five", "--no-progress"), columns=80, environ=environment(NO_COLOR="1"), cwd=tmp_path)
    assert not re.search(rb"\x1b\[([?\d]*[AKJlh]|(\d+;)*[349]\d)", screen.received), "nor has it colors"
    assert is_all_there(screen.text, 80)
    assert "✓ pandas 1.0: Build pandas 1.0" in screen.text


# --- Without a process of its own -----------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "is_live"),
    [
        ({}, True),
        ({"CI": "false"}, True),
        ({"CI": "true"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "unknown"}, False),
    ],
)
def test_where_something_moves(variables: dict[str, str], *, is_live: bool) -> None:
    variables = {"TERM": "xterm"} | variables
    assert TerminalReporter.from_stream(Terminal(), environ=variables).live == is_live
    assert not TerminalReporter.from_stream(Terminal(), environ=variables, verbosity=-1).live
    assert not TerminalReporter.from_stream(io.StringIO(), environ=variables | {"FORCE_COLOR": "1"}).live


@pytest.mark.parametrize(
    ("stream", "color", "variables", "codes"),
    [
        (Terminal, "auto", {}, "\x1b[1;33m"),
        (Terminal, "never", {"FORCE_COLOR": "1"}, ""),
        (Terminal, "always", {"NO_COLOR": "1"}, "\x1b[1;33m"),
        (Terminal, "always", {"TERM": "dumb"}, "\x1b[1;33m"),
        (Terminal, "auto", {"TERM": "dumb"}, ""),
        (Terminal, "auto", {"NO_COLOR": "1"}, "\x1b[1m"),
        (io.StringIO, "auto", {}, ""),
        (io.StringIO, "auto", {"FORCE_COLOR": "1"}, "\x1b[1;33m"),
        (io.StringIO, "always", {}, "\x1b[1;33m"),
    ],
)
def test_colors(stream: Callable[[], io.StringIO], color: Any, variables: dict[str, str], codes: str) -> None:
    file = stream()
    reporter = TerminalReporter.from_stream(file, color=color, environ={"TERM": "xterm"} | variables)
    reporter.warning("red sky")
    assert file.getvalue().partition("warning: ")[0] == codes


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """A function that runs the command line in this process."""
    monkeypatch.chdir(tmp_path)

    def run(build: Any, *more: str, **variables: str) -> int:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(frontend, "fill_wheelhouse", functools.partial(build))
        return main([*WORDS, *more])

    return run


def test_the_option_for_color_reaches_the_reporter(
    builds: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert builds(one, "--color", "always") == 0
    printed = capsys.readouterr()
    assert "\x1b[32m✓" in printed.err
    assert printed.out == PATHS[1] + "\n"
    assert builds(one, "--color=never", FORCE_COLOR="1") == 0
    assert "\x1b" not in capsys.readouterr().err


def test_every_command_that_reports_has_the_options() -> None:
    def commands(group: Any) -> list[Any]:
        return [one for each in getattr(group, "commands", {}).values() for one in (each, *commands(each))]

    leaves = [one for one in commands(app) if not isinstance(one, click.Group)]
    names = [{name for parameter in one.params for name in parameter.opts} for one in leaves]
    reporting = [one for one in names if "--verbose" in one]
    assert len(reporting) > 10
    assert all({"--color", "--no-progress"} <= one for one in reporting)


def test_groups_of_github(builds: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert builds(five, "-v", GITHUB_ACTIONS="true") == 7
    depth, outside, titles = 0, [], []
    for line in capsys.readouterr().err.splitlines():
        if line.startswith("::group::"):
            titles.append(line.removeprefix("::group::"))
            depth += 1
        elif line == "::endgroup::":
            depth -= 1
        elif depth == 0:
            outside.append(line)
        assert depth in {0, 1}, "groups have no groups in them"
    assert depth == 0
    assert {f"{name} 1.0" for name in NAMES} <= set(titles)
    assert any(line.startswith("✗ lxml 1.0") and line.endswith(FAILURE) for line in outside)
    assert any(line.startswith("error: 1 of 5") for line in outside)
    assert any(line.startswith("✓ click 1.0  2.5 kB  downloaded") for line in outside)
    assert not any(line.startswith("> ") for line in outside)


def test_steps_of_one_package_in_githubs_log(builds: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """A warning is to be seen, so it is in no group; what a project says is no command to the service."""
    assert builds(one, "-v", GITHUB_ACTIONS="true") == 0
    lines = capsys.readouterr().err.splitlines()
    assert [re.sub(r"\d+\.\d s", "0.0 s", line) for line in lines] == [
        "::group::Build click",
        "… Build click",
        "    Compiler: zig 0.17.1",
        "  … Install the build requirements",
        "::endgroup::",
        "warning: the sky is grey",
        "::group::Build click",
        "> ::error::not from us",
        "  ✓ Install the build requirements  0.0 s",
        "    | ::set-output name=a::not from us",
        "::endgroup::",
        "✓ Build click  0.0 s",
        f"✓ click 1.0  2.5 kB  built  0.0 s  {TAG}  sha256:{'0' * 64}",
    ]


def test_sections_of_gitlab(builds: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert builds(five, GITLAB_CI="true") == 7
    text = capsys.readouterr().err
    starts = re.findall(r"\x1b\[0Ksection_start:(\d+):(\w+)\[collapsed=true\]\r\x1b\[0K(.+)\n", text)
    ends = re.findall(r"\x1b\[0Ksection_end:(\d+):(\w+)\r\x1b\[0K\n", text)
    assert {f"{name} 1.0" for name in NAMES} <= {title for _, _, title in starts}
    assert [name for _, name, _ in starts] == [name for _, name in ends]
    assert len({name for _, name in ends}) == len(ends)
    assert all(int(end) >= int(start) for (start, *_), (end, _) in zip(starts, ends, strict=True))


def test_two_commands_of_one_gitlab_job_have_no_section_in_common() -> None:
    """GitLab folds all sections of one name together."""
    names = [GitLabSections().opening("Build click", time).split(":")[2] for time in (1.0, 61.0)]
    assert names[0] != names[1]


def test_the_summary_of_a_github_job(builds: Callable[..., int], tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n\n")
    assert builds(five, "-q", GITHUB_STEP_SUMMARY=str(summary)) == 7
    lines = [re.sub(r"\d+(\.\d)? s", "0 s", line) for line in summary.read_text().replace("\\", "").splitlines()]
    assert lines[:5] == [
        "before",
        "",
        "| Wheel | Tags | Size |  | Time |",
        "| --- | --- | --- | --- | --- |",
        f"| numpy 1.0 | {TAG} | 2.5 kB | built | 0 s |",
    ]
    assert f"| lxml 1.0 | {FAILURE} | 0 s |" in lines
    assert "5 packages: 2 built, 2 downloaded, 1 failed, in 0 s → wheelhouse/" in lines


def test_a_summary_that_cannot_be_written(
    builds: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert builds(one, GITHUB_STEP_SUMMARY=str(tmp_path / "missing" / "summary.md")) == 0
    assert "warning: Cannot write the job's summary: No such file or directory.\n" in capsys.readouterr().err
