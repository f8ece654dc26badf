"""``--dry-run``: what a command would do, as a table or as a JSON document."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from crossbuild.terminal.printable import printable
from crossbuild.terminal.quantities import size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crossbuild.cli.display import Display
    from crossbuild.cli.option_values import Output
    from crossbuild.wheelhouse.dry_run import Plan, PlannedPackage

_GAP = "  "
_SUMMED_UP = {
    "download": "to download",
    "build": "to build",
    "cached": "in the cache",
    "local": "local",
    "installed": "installed already",
    "missing": "missing",
}


def show_plan(look: Callable[[Display], Plan], output: Output) -> int:
    """Print the plan that ``look`` returns, and return the exit code: that of the work, if something is missing."""
    from crossbuild.cli.outcome import documented

    plans: list[Plan] = []

    def work(display: Display) -> None:
        plan = look(display)
        plans.append(plan)
        if not output.json:
            for line in _table(plan):
                click.echo(printable(line))
        display.note(_summary(plan))
        plan.raise_for_missing()

    return documented(work, output, lambda error: _print(plans, error))


def _table(plan: Plan) -> Iterator[str]:
    rows = [(_title(one), one.action, _size(one.size), _lines(one)) for one in plan.packages]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for title, action, size, (first, *others) in rows:
        head = (f"{title:{widths[0]}}", f"{action:{widths[1]}}", f"{size:>{widths[2]}}")
        yield _GAP.join((*head, first)).rstrip()
        yield from (f"{_GAP * 2}{line}" for line in others)


def _title(one: PlannedPackage) -> str:
    return f"{one.name} {one.version}" if one.version else one.name


def _lines(one: PlannedPackage) -> list[str]:
    more = [f"adds to the sysroot: {', '.join(one.host_packages)}"] if one.host_packages else []
    unknown = [] if one.dependencies_known else ["its dependencies are not known without building"]
    return [one.reason or one.filename or _place(one.url), *unknown, *more]


def _place(url: str) -> str:
    from crossbuild.cli.summary import shown_directory
    from crossbuild.index.settings import file_of_url

    return str(shown_directory(file_of_url(url))) if url.startswith("file:") else url


def _size(count: int | None) -> str:
    return "" if count is None else size_text(count)


def _summary(plan: Plan) -> str:
    counted = Counter[str](one.action for one in plan.packages)
    parts = [f"{counted[action]} {words}" for action, words in _SUMMED_UP.items() if counted[action]]
    size = sum(one.size or 0 for one in plan.packages if one.action == "download")
    total = f"; {_size(size)} to download" if size else ""
    packages = f"; adds to the sysroot: {', '.join(plan.host_packages)}" if plan.host_packages else ""
    count = f"{len(plan.packages)} package{'' if len(plan.packages) == 1 else 's'}"
    return f"{count}: {', '.join(parts) or 'nothing to do'}{total}{packages}"


def _print(plans: list[Plan], error: dict[str, Any] | None) -> None:
    packages = [asdict(one) for plan in plans for one in plan.packages]
    host_packages = [name for plan in plans for name in plan.host_packages]
    click.echo(json.dumps({"packages": packages, "host_packages": host_packages, "error": error}, indent=2))
