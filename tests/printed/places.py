"""Where commands are printed: pages, help texts, and files that other systems run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import click
from click.testing import CliRunner

from crossbuild.cli.app import app
from tests.examples import ACTION, EXAMPLES, GITHUB, GITLAB, REPOSITORY, load_yaml
from tests.printed.commands import Command, from_block, from_examples
from tests.printed.markdown import Block, Span, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted(REPOSITORY.glob("docs/**/*.md"))

RUN_BY = {
    ACTION: "tests/host/test_ci_files.py",
    GITHUB: "tests/host/test_ci_files.py",
    GITLAB: "tests/host/test_ci_files.py",
    EXAMPLES / "buildroot": "tests/host/test_image_builders.py",
    EXAMPLES / "cibuildwheel": "tests/host/test_cibuildwheel.py",
    EXAMPLES / "yocto": "tests/host/test_image_builders.py",
}
"""The files for other systems, and the tests that run what these would run."""

_EXAMPLES = re.compile(r"^Examples:\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What is read from its top to its end, and the commands there, in that order."""

    name: str
    """A file of this repository, or a call with ``--help``."""
    commands: tuple[Command, ...]

    @property
    def runnable(self) -> list[Command]:
        """The commands that the tests can run."""
        return [command for command in self.commands if not command.not_run]


def name_of(file: Path) -> str:
    """Return what ``file`` is called in this repository."""
    return str(file.relative_to(REPOSITORY)) if file.is_relative_to(REPOSITORY) else file.name


@cache
def page(file: Path) -> Place:
    """Return a page as it is read."""
    blocks = (one for one in read(file) if isinstance(one, Block))
    commands = (command for one in blocks for command in from_block(one, f"{name_of(one.file)}:{one.line}"))
    return Place(name=name_of(file), commands=tuple(commands))


def spans(file: Path) -> list[Span]:
    """Return the code within the sentences of a page."""
    return [one for one in read(file) if isinstance(one, Span)]


@cache
def help_texts() -> tuple[Place, ...]:
    """Return the help texts that have examples."""
    texts = {call: _examples(call) for call in _help_calls("", app)}
    places = (Place(name=name, commands=tuple(from_examples(text, name))) for name, text in texts.items())
    return tuple(place for place in places if place.commands)


def _help_calls(name: str, command: click.Command) -> Iterator[str]:
    yield f"crossbuild {name}".strip()
    if isinstance(command, click.Group):
        for own, below in command.commands.items():
            yield from _help_calls(f"{name} {own}".strip(), below)


def _examples(call: str) -> str:
    """Return the examples in the help of a command: those of the short one, and those of the long one."""
    shown = []
    for option in ("-h", "--help"):
        words = [*call.split()[1:], option]
        # Wider than any caption, so that each has one line.
        done = CliRunner().invoke(app, words, prog_name="crossbuild", terminal_width=200)
        shown += [text for text in _EXAMPLES.findall(done.output) if text not in shown]
    return "".join(shown)


def script(file: Path) -> Place:
    """Return a file whose scripts another system runs, with these."""
    if file == GITLAB:
        job = load_yaml(file)["wheels"]
        lines = [*job["before_script"], *job["script"], *job["after_script"]]
    elif file == GITHUB:
        lines = [step["run"] for job in load_yaml(file)["jobs"].values() for step in job["steps"] if "run" in step]
    else:
        lines = [step["run"] for step in load_yaml(file)["runs"]["steps"] if "run" in step]
    name = name_of(file)
    return Place(name=name, commands=tuple(Command(place=name, line=line) for line in lines))


SCRIPTS = (ACTION, GITHUB, GITLAB)
