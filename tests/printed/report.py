"""How many printed commands there are, and what became of each: the last lines of a run of the tests."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.printed.commands import Command

    Recorder = Callable[[str, object], None]
    """pytest's ``record_property``."""

PROPERTY = "printed command"
"""What the property of a test's report is called that says something of a command."""
RUN, PARSED, NOT_RUN = "run", "parsed", "not run"
_FOUND = "found"


def found(record: Recorder, command: Command, state: str) -> None:
    """Record that there is a command, and whether the tests run it, parse it alone, or neither."""
    record(PROPERTY, [_FOUND, command.place, command.line, state, command.not_run])


def ran(record: Recorder, command: Command) -> None:
    """Record that a command was run."""
    record(PROPERTY, [RUN, command.place, command.line, RUN, ""])


def records(properties: Iterable[tuple[str, object]]) -> list[list[str]]:
    """Return what a test's report says of commands."""
    return [value for name, value in properties if name == PROPERTY and isinstance(value, list)]


def summary(told: Iterable[list[str]]) -> Iterator[str]:
    """Yield what all tests have told comes to: a heading, and lines; nothing if nothing was counted."""
    told = list(told)
    every = [one for one in told if one[0] == _FOUND]
    if not every:
        return
    done = {(place, line) for kind, place, line, *_ in told if kind == RUN}
    states = Counter(state for _, _, _, state, _ in every)
    here = sum((place, line) in done for _, place, line, state, _ in every if state == RUN)
    yield f"printed commands: {len(every)}"
    yield f"{here} run here, {states[RUN] - here} run by other tests or in the matrix"
    yield f"{states[PARSED]} parsed: names of commands and options in sentences"
    yield f"{states[NOT_RUN]} parsed, but not run:"
    places = defaultdict(list)
    for _, place, _, state, why in every:
        if state == NOT_RUN:
            places[why].append(place)
    for why, where in sorted(places.items()):
        yield f"  {len(where)} {why}: {', '.join(dict.fromkeys(where))}"
