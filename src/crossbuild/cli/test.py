"""``crossbuild test``: wheels that exist, installed and tried on the host."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import tested_options

if TYPE_CHECKING:
    from crossbuild.cli.display import Display
    from crossbuild.cli.option_values import Output
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.testing.tester import WheelTestReport

_EXAMPLES = """\
crossbuild test dist/*.whl --host manylinux_2_36_aarch64
crossbuild test dist/*.whl --host pi --test-requires pytest --test-sources tests --test-command 'pytest tests'
"""


@click.command(
    cls=Command,
    common=True,
    short_help="Test wheels on HOST, by an emulator if need be.",
    sections=(("Examples", _EXAMPLES),),
)
@click.argument(
    "wheels", nargs=-1, required=True, metavar="WHEEL...", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@tested_options
def test(*, wheels: tuple[Path, ...], options: BuildOptions, output: Output) -> int:
    """Install each WHEEL and its requirements into a throw-away environment for HOST, and run a test there.

    The environment and the runner are those of crossbuild wheel --test. If HOST is a platform tag, its Python is each
    wheel's, unless --python says otherwise. Without --test-command, every module of the
    wheel is imported, each in a process of its own. The project is the one in the current directory. Standard output
    gets the paths of the wheels that passed.
    """
    from crossbuild.cli.outcome import documented

    passed: list[WheelTestReport] = []

    def work(display: Display) -> None:
        from crossbuild.frontend import test_wheels

        for report in test_wheels(wheels, options=options, reporter=display, environ=os.environ):
            passed.append(report)
            if not output.json:
                click.echo(str(report.wheel))

    return documented(work, output, lambda error: _print(passed, error))


def _print(passed: list[WheelTestReport], error: dict[str, Any] | None) -> None:
    tests = [
        {
            "path": str(report.wheel),
            "command": report.command,
            "runner": report.runner,
            "seconds": round(report.seconds, 3),
            "junit": str(report.junit) if report.junit else None,
        }
        for report in passed
    ]
    click.echo(json.dumps({"tests": tests, "error": error}, indent=2))
