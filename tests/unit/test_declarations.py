"""An option is declared once: command line, configuration, schema and reference have what its field says."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from crossbuild.cli.app import app
from crossbuild.cli.kinds import WORDS, option_of_click
from crossbuild.declarations.option import Kind, Scope, completed, option, options_of, over, part, taken
from crossbuild.errors import UsageError
from crossbuild.options.build_options import BuildOptions
from crossbuild.options.configuration import Configuration, PackageSettings
from crossbuild.options.configuration_file import Table
from crossbuild.options.host_options import HostOptions
from crossbuild.options.reference import keys_table, variables_table
from crossbuild.options.table_values import TABLE_VALUES, read_options
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.wheels.rules import RULES
from tests.generated import MAN_PAGE, PAGES, SCHEMA, fresh

if TYPE_CHECKING:
    from typing import Self

OF_ONE_MORE = {("check", "ignore")}
"""Commands with an option of a later scope than the others have."""
TESTING = ("wheel", "sdist-to-wheel")
"""Commands that can test what they deliver."""
COMMANDS = {
    Scope.HOST: ("check", "doctor", "uninstall"),
    Scope.ENVIRONMENT: ("env", "run", "shell"),
    Scope.BUILD: ("sdist-to-wheel",),
    Scope.SET: ("wheel", "install"),
}


@dataclass(frozen=True, kw_only=True)
class Colours:
    """Options that are a part of others."""

    shade: str | None = field(default=None, metadata=option(Kind.TEXT, "--shade", description="A shade."))

    def over(self, other: Self) -> Self:
        return over(self, other)


@dataclass(frozen=True, kw_only=True)
class Painted:
    """Options of a kind that there is not."""

    paint: bool = field(
        default=False,
        metadata=option(
            Kind.SWITCH, "-p", "--paint", variable="PAINT", description="Paint it, as --shade says, *.py and all."
        ),
    )
    brushes: tuple[str, ...] = field(
        default=(), metadata=option(Kind.TEXTS, "--brush", adds_up=True, description="A brush.")
    )
    layers: tuple[str, ...] = field(
        default=(), metadata=option(Kind.TEXTS, "--layer", key="coats", description="A layer.", in_table="All layers.")
    )
    mixed: dict[str, str] = field(
        default_factory=dict, metadata=option(Kind.ASSIGNMENTS, "--mix", description="A mixture.")
    )
    colours: Colours = field(default_factory=Colours, metadata=part(Colours))
    dried: bool = False
    """What is no option."""


def table(values: dict[str, Any], directory: Path) -> Table:
    return Table.from_value(values, name="painted", where="paint.toml", base=directory)


# --- What follows from a declaration -------------------------------------------------------------------------------


def test_the_command_line_has_it() -> None:
    @click.command(params=[option_of_click(one) for one in options_of(Painted)])
    def paint(**words: Any) -> Painted:
        return taken(Painted, words)

    words = ["-p", "--brush", "a", "--brush", "b", "--mix", "A=b", "--shade", "dark"]
    assert paint.main(words, standalone_mode=False) == Painted(
        paint=True, brushes=("a", "b"), mixed={"A": "b"}, colours=Colours(shade="dark")
    )
    assert paint.main([], standalone_mode=False) == Painted()
    assert paint.main([], standalone_mode=False, auto_envvar_prefix=None) == Painted()
    shown = paint.get_help(click.Context(paint))
    assert "-p, --paint" in shown
    assert "[env var: PAINT]" in shown


def test_a_table_has_it(tmp_path: Path) -> None:
    values = {"paint": True, "brushes": ["a"], "coats": ["b"], "mixed": {"A": "b"}, "shade": "dark"}
    assert read_options(Painted, table(values, tmp_path)) == Painted(
        paint=True, brushes=("a",), layers=("b",), mixed={"A": "b"}, colours=Colours(shade="dark")
    )
    assert read_options(Painted, table({}, tmp_path)) == Painted()
    with pytest.raises(UsageError, match="Did you mean paint"):
        read_options(Painted, table({"pain": True}, tmp_path))
    with pytest.raises(UsageError, match="unknown key: dried"):
        read_options(Painted, table({"dried": True}, tmp_path))


def test_the_reference_has_it() -> None:
    lines = keys_table(Painted).splitlines()
    assert lines[2] == "| `paint` | `true` or `false` | Paint it, as `--shade` says, `*.py` and all. |"
    assert "| `coats` | a list of texts | All layers. |" in lines
    assert [line.split("`")[1] for line in lines[2:]] == ["paint", "brushes", "coats", "mixed", "shade"]


def test_what_counts_more_is_over_the_other() -> None:
    own = Painted(brushes=("c",), layers=("x",), mixed={"A": "own"})
    other = Painted(
        paint=True, brushes=("a",), layers=("y",), mixed={"A": "other", "B": "b"}, colours=Colours(shade="dark")
    )
    assert over(own, other) == Painted(
        paint=True,
        brushes=("a", "c"),
        layers=("x",),
        mixed={"A": "own", "B": "b"},
        colours=Colours(shade="dark"),
    )


# --- The options that there are ------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [SCHEMA, MAN_PAGE, *PAGES], ids=lambda file: file.name)
def test_what_is_made_of_the_declarations_is_up_to_date(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == fresh(file), "run python -m tests.generated"


def test_the_pages_have_the_tables() -> None:
    configuration, environment, findings = (page.read_text(encoding="utf-8") for page in PAGES)
    assert keys_table(HostOptions) in configuration
    assert keys_table(PackageSettings) in configuration
    assert variables_table() in environment
    assert all(f"## {id_}\n" in findings for id_ in RULES)


@pytest.mark.parametrize("declared", list(options_of(BuildOptions)), ids=lambda one: one.field)
def test_every_option_is_in_the_commands_of_its_scope(declared: Any) -> None:
    for scope, commands in COMMANDS.items():
        for command in commands:
            names = [one.opts for one in app.commands[command].params]
            # These are beside the others: not every command that takes a set of packages has them.
            of_wheels = declared.scope is Scope.WHEELS
            expected = command in TESTING if of_wheels else declared.scope <= scope
            expected = expected or (command, declared.field) in OF_ONE_MORE
            assert (list(declared.names) in names) == expected, command


def test_the_help_lists_the_variables_of_options() -> None:
    environment = app.commands["wheel"].get_help(click.Context(app.commands["wheel"])).partition("Environment:")[2]
    for one in options_of(BuildOptions):
        assert not one.variable or f"What {one.long_name} is, if it is not given." in environment


@pytest.mark.parametrize("name", ["wheel", "install", "cross-pip install", "env", "run", "shell"])
def test_the_help_says_that_repositories_can_be_built(name: str) -> None:
    found: Any = app
    for word in name.split():
        found = found.commands[word]
    texts = [one.help for one in found.params if one.metavar in {"SPEC", "PROJECT"}]
    texts += [found.help for one in found.params if one.metavar == "[SPEC]..."]
    assert texts
    assert all("git+https://" in text for text in texts)


def test_what_is_left_open_is_completed_as_a_whole() -> None:
    """A second value of an option does not go with the first of another place."""
    own = BuildOptions(sysroot_source=SourceRequest(mirror="http://a.example"))
    values = {"mirror": ("http://b.example", ("http://c.example",)), "cache_dir": Path("/kept")}
    assert completed(own, values) == replace(own, cache_dir=Path("/kept"))
    assert completed(BuildOptions(), values).sysroot_source.mirrors == ("http://b.example", "http://c.example")


def test_every_option_has_a_place() -> None:
    for one in options_of(BuildOptions):
        assert one.kind in WORDS, "say in cli/kinds.py how it is written on the command line"
    for kind in (HostOptions, PackageSettings, Configuration):
        for one in options_of(kind):
            assert one.kind in TABLE_VALUES, "say in options/table_values.py how it is written in a table"
    assert WORDS.keys() | TABLE_VALUES.keys() == set(Kind)


@pytest.mark.parametrize("kind", [BuildOptions, PackageSettings])
def test_no_two_options_share_a_name(kind: type) -> None:
    options = list(options_of(kind))
    for named in (
        [one.field for one in options],
        [one.key for one in options],
        [name for one in options for name in one.names],
    ):
        assert len(named) == len(set(named))


def test_what_a_user_can_say_of_a_build_is_an_option() -> None:
    """The rest is what the command line says in another way, or what is for programs only."""
    declared = {one.field for one in options_of(BuildOptions)}
    undeclared = {one.name for one in fields(BuildOptions)} - declared
    assert undeclared == {"configuration", "host_request", "index", "repair", "sysroot_source", "tests", "toolchain"}
