"""``crossbuild env``: a cross environment that is kept."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import environment_options
from crossbuild.cli.values import fillable_unless_there

if TYPE_CHECKING:
    from crossbuild.cli.option_values import Output
    from crossbuild.environments.environment_request import EnvironmentRequest
    from crossbuild.environments.standing import StandingEnvironment
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter


@click.command(
    cls=Command,
    common=True,
    short_help="Keep a cross environment in a directory.",
    sections=(
        (
            "Examples",
            """\
            crossbuild env --host manylinux_2_28_aarch64 arm
            . arm/activate        (fish: source arm/activate.fish)
            deactivate

            In a script, and in the steps after this one of a GitHub job:
              inside=$(crossbuild env --host pi --shell); eval "$inside"
              crossbuild env --host pi --github
            """,
        ),
    ),
)
@click.argument(
    "directory",
    required=False,
    type=click.Path(file_okay=False, path_type=Path),
    callback=fillable_unless_there,
    default=Path("cross-env"),
)
@click.option("--clear", is_flag=True, help="Remove the environment that is there first.")
@click.option("--json", "form", flag_value="json", help="Print one JSON document that describes it.")
@click.option("--shell", "form", flag_value="shell", help="Print lines for a POSIX shell to evaluate.")
@click.option("--github", "form", flag_value="github", help="Add its variables to those of a GitHub job.")
@environment_options
def env(
    *, directory: Path, clear: bool, form: str | None, wishes: EnvironmentRequest, options: BuildOptions, output: Output
) -> int:
    """Make a cross environment for HOST in DIRECTORY (cross-env), and print the path of the file that activates it.

    One that was made with the same options is taken as it is. It names files in crossbuild's cache, so it holds for as
    long as that is kept.
    """
    from crossbuild.cli.outcome import guarded, print_error

    def work(reporter: Reporter) -> None:
        from crossbuild.environments import standing
        from crossbuild.frontend import make_environment

        # Only a directory that is marked as a cross environment is cleared, never another one.
        if clear:
            standing.clear(directory)
        inside = make_environment(directory, wishes, options=options, reporter=reporter, environ=os.environ)
        _tell(inside, form)

    return guarded(work, replace(output, json=form == "json"), failed=print_error)


def _tell(inside: StandingEnvironment, form: str | None) -> None:
    from crossbuild.environments.activation import shell_lines
    from crossbuild.environments.github import write_github_files
    from crossbuild.environments.standing import outside

    if form == "json":
        click.echo(json.dumps(inside.to_json(), indent=2))
    elif form == "shell":
        click.echo("\n".join(shell_lines(inside.variables)))
    elif form == "github":
        # Later steps of a job start from the job's own environment. Relative to that of another cross environment, PATH
        # would be wrong.
        write_github_files(inside.variables, outside(os.environ))
    else:
        click.echo(str(inside.directory / "activate"))
