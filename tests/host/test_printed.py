"""Every command that a page or a help text prints, run as printed there.

Each page is a directory and a shell, in which its commands are typed in its order: in the matrix. The test command runs
the first of each page.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest

from tests.printed.desk import Desk
from tests.printed.means import QUICKER
from tests.printed.places import PAGES, help_texts, page
from tests.printed.report import ran
from tests.printed.session import faults

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.commands import BuiltWheels, Crossbuild
    from tests.printed.commands import Command
    from tests.printed.places import Place
    from tests.printed.report import Recorder

pytestmark = pytest.mark.host

PLACES = {place.name: place for place in (*map(page, PAGES), *help_texts()) if place.runnable}


def first(place: Place) -> tuple[Command, ...]:
    """Return the first command of a place, with the variables that are set for it."""
    shown = [command for command in place.runnable if command.is_shown]
    ends = (number for number, one in enumerate(shown, start=1) if not one.line.startswith("export "))
    return tuple(shown[: next(ends, 0)])


def quicker(line: str) -> str:
    """Return ``line`` with what is built sooner."""
    for word, meaning in QUICKER.items():
        line = re.sub(rf"(?<![\w./=-]){re.escape(word)}(?![\w-])", meaning, line)
    return line


FIRST: dict[tuple[str, ...], list[tuple[Command, ...]]] = {}
for place in PLACES.values():
    if commands := first(place):
        FIRST.setdefault(tuple(quicker(command.words) for command in commands), []).append(commands)
"""The first commands as the test command runs them, and those of all pages that these stand for."""


@pytest.fixture
def desk(
    request: pytest.FixtureRequest, crossbuild: Crossbuild, built_wheels: BuiltWheels, tmp_path: Path
) -> Callable[[str], Desk]:
    """A function of what is going to be typed that makes the place for it."""
    return lambda text: Desk(
        directory=tmp_path, text=text, fixture=request.getfixturevalue, crossbuild=crossbuild, wheels=built_wheels
    )


def check(desk: Desk, lines: Sequence[str], commands: Sequence[Sequence[Command]], record_property: Recorder) -> None:
    """Type ``lines``, each for some commands of pages; fail if one is not as printed, else record what was run."""
    with desk.session() as session:
        found = list(faults(session, lines, commands, meant=desk.meant))
    if found:
        pytest.fail("\n\n".join(found), pytrace=False)
    for command in itertools.chain.from_iterable(commands):
        ran(record_property, command)


@pytest.mark.parametrize("lines", FIRST, ids=lambda lines: FIRST[lines][0][-1].place)
def test_the_first_command_of_a_page(
    lines: tuple[str, ...], desk: Callable[[str], Desk], record_property: Recorder
) -> None:
    check(desk("\n".join(lines)), lines, list(zip(*FIRST[lines], strict=True)), record_property)


@pytest.mark.matrix
@pytest.mark.parametrize("name", PLACES)
def test_a_page_from_its_top_to_its_end(name: str, desk: Callable[[str], Desk], record_property: Recorder) -> None:
    commands = PLACES[name].runnable
    lines = [command.line for command in commands]
    text = "\n".join(f"{command.line}\n{command.typed}" for command in commands)
    check(desk(text), lines, [[one] for one in commands], record_property)
