"""What ``-h`` and ``--help`` show on terminals of several widths, and the man page, which has the same text."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click
import pytest

from crossbuild.__main__ import main
from crossbuild.cli.app import app
from crossbuild.cli.kinds import option_of_click
from crossbuild.cli.man_page import man_page
from crossbuild.cli.manual import Command, Group, exit_codes
from crossbuild.cli.printed_examples import example_lines
from crossbuild.declarations.option import Kind, option, options_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Show = Callable[..., str]

SCREEN = (24, 80)
"""The lines and columns of a terminal."""


def commands(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            if not below.hidden:
                yield from commands(below, *words, name)


COMMANDS = list(commands(app))


def found(words: tuple[str, ...]) -> click.Command:
    command: click.Command = app
    for word in words:
        assert isinstance(command, click.Group)
        command = command.commands[word]
    return command


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    def shown(*words: str, columns: int = SCREEN[1], code: int = 0) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        assert main(words) == code
        printed = capsys.readouterr()
        return printed.err if code else printed.out

    return shown


def test_all_commands_are_tried() -> None:
    assert {(), ("wheel",), ("host",), ("sysroot", "create")} < set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_short_help_fits_a_screen(show: Show, words: tuple[str, ...]) -> None:
    text = show(*words, "-h")
    lines = text.splitlines()
    assert len(lines) <= SCREEN[0], text
    assert max(map(len, lines)) <= SCREEN[1], text
    assert lines[0].startswith(f"Usage: {' '.join(('crossbuild', *words))} ")
    assert lines[2].startswith("  ")
    assert "\nExamples:\n  " in text
    assert lines[-1].startswith(f"See {' '.join(('crossbuild', *words))} --help for all ")
    assert "..." not in "".join(lines[2:-1]), "no sentence is cut"


def test_the_short_help_has_what_is_needed_most(show: Show) -> None:
    text = show("wheel", "-h")
    listed = re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.MULTILINE)
    assert {"--host", "--python", "--requirement", "--wheel-dir", "--auto-sysroot"} <= set(listed)
    assert 8 <= len(listed) <= 12
    assert "The machine to build for (required)." in text
    assert text.count("\n  crossbuild wheel ") == 3
    assert "  wheel " in show("-h")


def test_the_short_help_of_a_command_with_few_options_has_all(show: Show) -> None:
    text = show("sysroot", "list", "-h")
    assert re.findall(r"--[\w-]+", text.partition("Options:")[2].partition("Examples:")[0]) == [
        *("--cache-dir", "--cache-max-size", "--verbose", "--quiet", "--color", "--no-progress", "--json")
    ]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_short_help_has_the_options_of_its_examples(show: Show, words: tuple[str, ...]) -> None:
    listed, _, examples = show(*words, "-h").partition("Examples:")
    own = {name for option in found(words).params if isinstance(option, click.Option) for name in option.opts}
    used = {word for word in examples.split() if word in own} if words else set[str]()
    long = {name for option in found(words).params if used & {*option.opts} for name in option.opts[:1]}
    assert long <= set(re.findall(r"(?<![\w-])--?[\w-]+", listed)), listed


def test_cross_pip_has_the_name_that_users_type(show: Show) -> None:
    pip = ("cross-pip", "--env-dir", ".")
    text = show(*pip, "-h")
    assert text.startswith("Usage: cross-pip [OPTIONS]")
    assert re.findall(r"^  ([a-z]+) +[A-Z]", text, re.MULTILINE) == ["freeze", "install", "list", "uninstall"]
    assert "See cross-pip --help for all" in text
    assert "Try 'cross-pip install --help' for help." in show(*pip, "install", "--nope", code=2)
    assert "Exit codes: see crossbuild --help." in show(*pip, "install", "--help")


def test_an_option_says_itself_whether_it_is_common() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Painted:
        shade: str = field(
            default="",
            metadata=option(Kind.TEXT, "--shade", common=True, description="How dark it is. It is light otherwise."),
        )
        layers: str = field(default="", metadata=option(Kind.TEXT, "--layers", description="How many there are."))

    many = [click.Option([f"--other-{number}"]) for number in range(20)]
    paint = Command("paint", params=[*many, *map(option_of_click, options_of(Painted))])
    text = paint.short_help_text(click.Context(paint, info_name="paint"))
    assert re.search(r"^  --shade TEXT +How dark it is\.$", text, re.MULTILINE)
    assert "--layers" not in text
    assert "--other-1" not in text


def test_a_command_says_itself_whether_it_is_common() -> None:
    group = Group("group", commands=[Command(f"rare-{number}", help="Rare.") for number in range(20)])
    group.add_command(Command("usual", help="Usual. And more.", common=True))
    text = group.short_help_text(click.Context(group, info_name="group"))
    assert re.search(r"^  usual  Usual\.$", text, re.MULTILINE)
    assert "rare" not in text


@pytest.mark.parametrize("words", [(), ("host",), ("sysroot",)], ids=" ".join)
def test_a_group_alone_shows_the_short_help(show: Show, words: tuple[str, ...]) -> None:
    assert show(*words, code=2) == show(*words, "-h")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_long_help_has_every_option_under_a_heading(show: Show, words: tuple[str, ...]) -> None:
    text = show(*words, "--help")
    options = [one for one in found(words).params if isinstance(one, click.Option) and not one.hidden]
    for name in ["-h", "--help", *(name for one in options for name in one.opts)]:
        assert re.search(rf"^  (?:-\S+, )*{name}\b", text, re.MULTILINE), name
    assert max(map(len, text.splitlines())) <= SCREEN[1]


def test_the_long_help_of_wheel_is_grouped(show: Show) -> None:
    text = show("wheel", "--help")
    headings = re.findall(r"^(\w.*):$", text, re.MULTILINE)
    assert headings[:5] == ["Host", "What is wanted", "Host libraries", "Toolchain", "Build backend"]
    assert {"Examples", "Environment"} < set(headings)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_exit_codes_are_listed_once(show: Show, words: tuple[str, ...]) -> None:
    text = show(*words, "--help")
    if words:
        assert text.endswith("\nExit codes: see crossbuild --help.\n")
        assert not re.search(r"^  130 ", text, re.MULTILINE)
    else:
        rows = re.findall(r"^  (\d+) +(\w.+)$", text.partition("\nExit codes:\n")[2], re.MULTILINE)
        assert rows == exit_codes()


@pytest.mark.parametrize(("columns", "most", "least"), [(20, 50, 40), (50, 50, 40), (80, 80, 70), (250, 100, 90)])
def test_the_help_is_as_wide_as_the_terminal(show: Show, columns: int, most: int, least: int) -> None:
    """Within limits: long lines are hard to read, and in very short ones there is room for nothing."""
    text, _, variables = show("wheel", "--help", columns=columns).partition("\nEnvironment:")
    assert variables
    # Nothing can be cut: names of options with their values stand on lines of their own where they are too long.
    filled = [line for line in text.splitlines() if not line.lstrip().startswith("-")]
    assert least < max(map(len, filled)) <= most


@pytest.mark.parametrize("width", [30, 50, 78])
def test_examples_are_folded_as_a_shell_reads_them(width: int) -> None:
    text = """\
        With a caption that is longer than thirty columns, or than fifty:
          crossbuild run --host debian:bookworm:armhf --keep -v -- sh -c './configure --all-of-it && make'
        . arm/activate        (fish: source arm/activate.fish)
    """
    lines = list(example_lines(text, width))
    # Options are not parted from their values, nor are values cut.
    assert all(len(line) <= width or line.split()[0] in {"--host", "-c", "(fish:"} for line in lines)
    command = "\n".join(lines).partition("crossbuild")[2].partition("\n. arm/activate")[0]
    assert shlex.split(command.replace("\\\n", "")) == [
        *("run", "--host", "debian:bookworm:armhf", "--keep", "-v", "--"),
        *("sh", "-c", "./configure --all-of-it && make"),
    ]
    assert "(fish: source arm/activate.fish)" in lines[-1]


# --- The man page --------------------------------------------------------------------------------------------------

PAGE = man_page(app, "crossbuild")
PLAIN = PAGE.replace(r"\-", "-").replace(r"\&", "")


def test_the_man_page_has_every_command_and_option() -> None:
    sections = {part.partition("\n")[0].strip('"'): part for part in PLAIN.split("\n.SH ")}
    for words in COMMANDS:
        section = sections[" ".join(("crossbuild", *words)).upper() if words else "DESCRIPTION"]
        for one in found(words).params:
            if isinstance(one, click.Option) and not one.hidden:
                names = sorted(one.opts, key=lambda name: name.startswith("--"))
                assert f"\\fB{', '.join(names)}" in section, (words, names)
    assert r"\fB130\fR" in sections["DESCRIPTION"]
    assert "NAME" in sections


def test_the_man_page_says_what_the_help_says(show: Show) -> None:
    words = " ".join(PLAIN.replace(r"\(aq", "'").split())
    for line in show("wheel", "--help").partition("\n\n")[2].partition("\n\nHost:")[0].splitlines():
        assert line.strip() in words
    assert "crossbuild wheel 'numpy==2.3.*'" in words


def test_the_man_page_is_roff() -> None:
    requests = {line.partition(" ")[0] for line in PAGE.splitlines() if line.startswith(".")}
    assert requests == {".TH", ".SH", ".SS", ".PP", ".TP", ".nf", ".fi", ".nh", ".ad"}
    assert not [line for line in PAGE.splitlines() if line.startswith("'")]
    assert PAGE.count("\n.nf\n") == PAGE.count("\n.fi\n")
    assert {found[0] for found in re.finditer(r"\\(?:\(..|.[BR]|.)", PAGE)} <= {
        *(r"\-", r"\&", r"\fB", r"\fR", r"\(aq", r"\(rs", r"\(ga", r"\(ti", r"\(ha")
    }
