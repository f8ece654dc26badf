"""What pages, help texts and examples print: found, and taken by the command line as it is. Nothing is run here."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import click
import pytest

from crossbuild.cli.app import app
from tests.examples import EXAMPLES, REPOSITORY
from tests.printed import report
from tests.printed.blocks import fault
from tests.printed.commands import Command
from tests.printed.desk import Desk
from tests.printed.markdown import Block, read
from tests.printed.output import difference
from tests.printed.places import PAGES, RUN_BY, SCRIPTS, help_texts, name_of, page, script, spans
from tests.printed.session import Session
from tests.printed.session import faults as shortfalls
from tests.printed.words import PROGRAMS, calls, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import BuiltWheels, Crossbuild
    from tests.printed.places import Place
    from tests.printed.report import Recorder

NOT_OURS = {
    "crossenv": "clear-both clear-cross clear-build cross-prefix system-site-packages without-pip without-cross-pip",
    "requirements files": "config-settings trusted-host hash no-require-hashes all-releases only-final use-feature",
    "pip": "no-cache-dir",
    "make": "jobserver-auth",
    "Meson": "cross-file",
    "crossbuild, once": "installer",
}
"""Options that pages name and that are not crossbuild's, by what has them."""


def mentions(file: Path) -> list[Command]:
    """Return the calls of crossbuild, and the options, within the sentences of a page."""
    others = {f"--{name}" for names in NOT_OURS.values() for name in names.split()}
    found = []
    for span in spans(file):
        option = re.match(r"--[a-z][\w-]*", span.text)
        if span.text.split()[0] in PROGRAMS or (option and option[0] not in others):
            found.append(Command(place=f"{name_of(file)}:{span.line}", line=span.text))
    return found


def known_options(command: click.Command = app) -> set[str]:
    """Return the options of ``command`` and of all below it."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    own = {name for one in command.params if isinstance(one, click.Option) for name in (*one.opts, *one.secondary_opts)}
    return own.union({"--help"}, *map(known_options, below))


def faults(command: Command, *, complete: bool, options: set[str]) -> Iterator[str]:
    """Yield what crossbuild would not take."""
    if command.line.startswith("--"):
        if (option := re.split(r"[\s=\[]", command.line)[0]) not in options:
            yield f"{command.place}: No such option: {option}"
        return
    for words in calls(command.line):
        if refused := refusal(words, complete=complete):
            yield f"{command.place}: {' '.join(words)}: {refused}"


# --- What is printed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", PAGES, ids=name_of)
def test_each_block_is_run_or_marked_or_read(file: Path) -> None:
    blocks = [one for one in read(file) if isinstance(one, Block)]
    assert [f"{name_of(one.file)}:{one.line}: {why}" for one in blocks if (why := fault(one))] == []


def test_crossbuild_takes_every_command_that_is_printed(record_property: Recorder) -> None:
    typed = [
        command for place in (*map(page, PAGES), *help_texts(), *map(script, SCRIPTS)) for command in place.commands
    ]
    named = [command for file in PAGES for command in mentions(file)]
    options = known_options()
    found = [fault for one in typed for fault in faults(one, complete=True, options=options)]
    assert found + [fault for one in named for fault in faults(one, complete=False, options=options)] == []
    for command in typed:
        report.found(record_property, command, report.NOT_RUN if command.not_run else report.RUN)
    for command in named:
        report.found(record_property, command, report.PARSED)


def test_nothing_is_left_out_of_a_command_that_is_run() -> None:
    commands = [command for place in map(page, PAGES) for command in place.runnable]
    assert [command for command in commands if "…" in command.words] == []
    assert [command for command in commands if command.machine] == []


def test_each_file_for_another_system_has_a_test() -> None:
    assert {file for file in EXAMPLES.iterdir() if not {file, *file.iterdir()} & RUN_BY.keys()} == set()
    for file, test in RUN_BY.items():
        assert file.exists()
        assert re.search(f"{file.stem}|{file.parent.name}", (REPOSITORY / test).read_text(), re.IGNORECASE)


def test_commands_that_change_the_cache_do_not_change_that_of_other_tests(tmp_path: Path) -> None:
    crossbuild = cast("Crossbuild", SimpleNamespace(cache_dir=tmp_path / "shared"))
    for line in (
        "crossbuild cache prune",
        "crossbuild cache clear",
        "crossbuild sysroot remove x",
        "crossbuild doctor",
    ):
        wheels = cast("BuiltWheels", None)
        desk = Desk(directory=tmp_path, text=line, fixture=str, crossbuild=crossbuild, wheels=wheels)
        assert (desk.cache == crossbuild.cache_dir) == line.endswith("doctor")


# --- How it is found -------------------------------------------------------------------------------------------------

PAGE = """\
# A page

Type `crossbuild wheel NAME` or `--no-deps`.

```console
$ crossbuild wheel one --host pi \\
    --no-deps
one.whl
$ for name in a b; do
>     crossbuild wheel $name --host pi
> done
(inside 3.11) $ make
```

- In a list:

  ```console
  $ crossbuild shell --host pi
  (linux_aarch64 3.11) $ meson setup build
  # ninja -C build
  ```

<!-- not run:
needs a device -->
```console
device$ pip install one
```

A term
: with

  ```sh
  # A comment.
  crossbuild wheel two    # and a remark
  ```

| `crossbuild check` | in a table |
|---|---|

<!-- printed by: crossbuild doctor -->
```text
ok
```

```{include} fragment.md
```
"""


@pytest.fixture
def commands(tmp_path: Path) -> list[Command]:
    """What a page with every form has."""
    (tmp_path / "fragment.md").write_text("```console\n$ crossbuild wheel three\n```\n")
    (tmp_path / "page.md").write_text(PAGE)
    return list(page(tmp_path / "page.md").commands)


def test_commands_of_a_page(commands: list[Command]) -> None:
    assert [(command.place, command.words) for command in commands] == [
        ("page.md:6", "crossbuild wheel one --host pi \\\n    --no-deps"),
        ("page.md:6", "for name in a b; do\n    crossbuild wheel $name --host pi\ndone"),
        ("page.md:6", "make"),
        ("page.md:18", "crossbuild shell --host pi"),
        ("page.md:26", "pip install one"),
        ("page.md:33", "crossbuild wheel two"),
        ("page.md:42", "crossbuild doctor"),
        ("fragment.md:2", "crossbuild wheel three"),
    ]


def test_what_belongs_to_a_command(commands: list[Command]) -> None:
    assert [command.output for command in commands if command.output] == ["one.whl\n", "…\nok\n…\n"]
    assert [command.typed for command in commands if command.typed] == ["meson setup build\nninja -C build\n"]
    assert [(command.machine, command.not_run) for command in commands if command.machine] == [
        ("device", "needs a device")
    ]


def test_code_within_sentences(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE.partition("```{include}")[0])
    assert [command.line for command in mentions(tmp_path / "page.md")] == [
        "crossbuild wheel NAME",
        "--no-deps",
        "crossbuild check",
    ]


@pytest.mark.parametrize(
    ("places", "name", "line"),
    [
        (help_texts, "crossbuild wheel", "wheel=$(crossbuild wheel msgpack --no-deps --host linux_riscv64 -q)"),
        (lambda: map(script, SCRIPTS), "examples/gitlab/.gitlab-ci.yml", "cat crossbuild.json"),
        (lambda: map(page, PAGES), "README.md", "./run-tests"),
    ],
)
def test_commands_of_other_places(places: object, name: str, line: str) -> None:
    assert callable(places)
    found: dict[str, Place] = {place.name: place for place in places()}
    assert line in [command.line for command in found[name].commands]


def test_an_example_for_the_device_is_not_run() -> None:
    (capture,) = (place for place in help_texts() if place.name == "crossbuild host capture")
    assert [command.line for command in capture.commands if command.not_run] == ["python3 capture.py > board.json"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("```console\n$ make\n```\n", ""),
        ("```text\nok\n```\n", "Nothing is known of text"),
        ("    ok\n", "Nothing is known of code without a language"),
        ("<!-- no output -->\n```text\n─►\n```\n", ""),
        ("```toml\n[hosts.pi]\nhost = 'x'\n```\n", ""),
        ("```toml\n[hosts.pi]\nhots = 'x'\n```\n", "'hots'"),
        ("```toml\n[tool.crossbuild.hosts.pi]\nhots = 'x'\n```\n", "'hots'"),
        ("```yaml\n- uses: crossbuild\n  with: {hots: x}\n```\n", "no input hots"),
        ("```python\nprint(\n```\n", "never closed"),
        ("```json\n{\n```\n", "Expecting"),
    ],
)
def test_a_block_is_read_by_what_its_language_is_read_by(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(text)
    (block,) = (one for one in read(tmp_path / "page.md") if isinstance(one, Block))
    assert why in fault(block)
    assert bool(fault(block)) == bool(why)


@pytest.mark.parametrize("directive", ["{include} page.md\n:start-after: x", "{command-output} ls"])
def test_what_is_not_understood_is_an_error(directive: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(f"```{directive}\n```\n")
    with pytest.raises(ValueError, match="not known here"):
        list(read(tmp_path / "page.md"))


# --- What crossbuild would not take ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("crossbuild wheel numpy --hots pi", "--hots"),
        ("crossbuild whee numpy", "No such command"),
        ("crossbuild host exprt pi", "No such command"),
        ("crossbuild wheel numpy --host", "requires an argument"),
        ("crossbuild wheel numpy --host pi --python three", "three"),
        ("crossbuild host export pi --format mesonn", "mesonn"),
        ("crossbuild host show", "HOST"),
        ("crossbuild host show one two", "extra"),
        ("wheel=$(crossbuild wheel numpy --host pi --json=x)", "--json"),
        (".venv/bin/crossbuild wheel x --no-dps && ls", "--no-dps"),
        ("for x in 1 2; do\n    crossbuild wheel x --python $x --no-dps\ndone", "--no-dps"),
        ("(. ./env && CC=x crossbuild wheel x --no-dps)", "--no-dps"),
        ("cross-pip instal numpy", "No such command"),
        ("cross-pip install numpy --no-dps", "--no-dps"),
    ],
)
def test_a_wrong_command_is_noticed(line: str, why: str) -> None:
    (words,) = calls(line)
    assert why in refusal(words, complete=True)


def test_a_wrong_option_in_a_sentence_is_noticed() -> None:
    options = known_options()
    assert list(faults(Command(place="", line="--no-dps=x"), complete=False, options=options))
    assert list(faults(Command(place="", line="crossbuild wheel … --no-dps"), complete=False, options=options))
    assert not list(faults(Command(place="", line="crossbuild install --lock"), complete=False, options=options))


# --- Quoted output ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quoted", "printed"),
    [
        ("glibc 2.36\n", "glibc 2.41\n"),
        ("✓ Build app 1.0  0.2 s\n", "✓ Build app 1.0  12.7 s\n"),
        ("✓ Build app 1.0  0.2 s\n", "✓ Build app 1.0  2 min 05 s\n"),
        ("sdists  29  51.3 MB  2026-05-02\n", "sdists  1  4.1 kB  2030-01-31\n"),
        ("pi    here\n", "pi  here\n"),
        ("It needs libc.so.6\n", "    It needs libc.so.6\n"),
        ("one\n…\nfour\n", "one\ntwo\nthree\nfour\n"),
        ("…\nfour\n", "four\n"),
        ("in /home/…/log.txt\n", "in /home/me/x/log.txt\n"),
        ("ok\n", "  Working: 1 min 00 s so far\nok\n"),
    ],
)
def test_what_may_differ(quoted: str, printed: str) -> None:
    assert difference(quoted, printed) == ""


@pytest.mark.parametrize(
    ("quoted", "printed"),
    [
        ("ok\n", "well\n"),
        ("ok\n", "ok\nand more\n"),
        ("ok\nand more\n", "ok\n"),
        ("python3.11\n", "python3.13\n"),
        ("12 MB\n", "12 steps\n"),
        ("linux_aarch64\n", "linux_armv7l\n"),
        ("one\n…\nfour\n", "one\ntwo\n"),
        ("Build x: 1 min 04 s so far\nok\n", "ok\n"),
        ("ok\n", "  Working: 3 s so far\nok\n"),
    ],
)
def test_what_may_not(quoted: str, printed: str) -> None:
    assert difference(quoted, printed) != ""


# --- A shell for a page ----------------------------------------------------------------------------------------------


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(cwd=tmp_path, environ=os.environ, files=tmp_path) as session:
        yield session


def test_what_was_typed_before_still_holds(session: Session, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for line in ("cd below", "export ONE=1", "two() { echo $ONE$1; }"):
        session.type(line)
    done = session.type("two \\\n    2 # to be printed")
    assert (done.status, done.printed) == (0, "12\n")
    assert session.type("sh", typed="false\necho not so far\n").status == 1
    assert session.type("cat; ls missing").printed.startswith("ls: ")
    assert session.type("set -e; false").status == 1
    assert session.type("echo").status == 1


@pytest.mark.parametrize(
    ("line", "output", "found"),
    [
        ("echo 1.0", "2.0\n", ""),
        ("echo one", "two\n", "-two"),
        ("echo error: no; false", "error: no\n", ""),
        ("echo error: no", "error: no\n", "ended with 0"),
        ("false", "", "ended with 1"),
    ],
)
def test_a_command_does_what_the_page_says(line: str, output: str, found: str, session: Session) -> None:
    told = "".join(shortfalls(session, [line], [[Command(place="page.md:1", line=line, output=output)]]))
    assert found in told
    assert bool(found) == bool(told)


# --- What is told of it ----------------------------------------------------------------------------------------------


def test_the_end_of_a_run_says_what_was_run() -> None:
    records: list[list[str]] = []

    def record(_: str, value: object) -> None:
        assert isinstance(value, list)
        records.append(value)

    marked = Command(place="c.md:3", line="three", not_run="needs a device")
    for command in (Command(place="a.md:1", line="one"), Command(place="b.md:2", line="two")):
        report.found(record, command, report.RUN)
    report.found(record, marked, report.NOT_RUN)
    report.found(record, Command(place="d.md:4", line="--four"), report.PARSED)
    report.ran(record, Command(place="a.md:1", line="one"))
    assert list(report.summary(records)) == [
        "printed commands: 4",
        "1 run here, 1 run by other tests or in the matrix",
        "1 parsed: names of commands and options in sentences",
        "1 parsed, but not run:",
        "  1 needs a device: c.md:3",
    ]
    assert list(report.summary([])) == []
