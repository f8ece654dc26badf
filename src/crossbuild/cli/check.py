"""``crossbuild check``: the audit alone, for wheels that something else built."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import host_options
from crossbuild.cli.options import HOST, with_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossbuild.cli.option_values import Output
    from crossbuild.errors import AuditError
    from crossbuild.host.model import Host
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.wheels.audit import WheelReport

_EXAMPLES = """\
crossbuild check dist/*.whl --host manylinux_2_28_aarch64
crossbuild check wheelhouse/thing-1.0-cp311-cp311-linux_aarch64.whl --host board.json --json
"""


@click.command(
    cls=Command,
    common=True,
    short_help="Check wheels that something else built for HOST.",
    sections=(("Examples", _EXAMPLES),),
)
@click.argument(
    "wheels", nargs=-1, required=True, metavar="WHEEL...", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@with_options(HOST)
@host_options()
def check(*, wheels: tuple[Path, ...], options: BuildOptions, output: Output) -> int:
    """Check whether each WHEEL works on HOST and is installed there, whoever built it.

    Every binary in it is looked at, as in those that crossbuild builds; only extensions that are missing are not
    noticed. Standard output gets the paths of the wheels that passed; the others are an error, after all were checked.
    """
    from crossbuild.cli.outcome import documented

    passed: list[_Passed] = []

    def work(reporter: Reporter) -> None:
        from crossbuild.frontend import load_host

        refused: list[AuditError] = []
        host = load_host(options, reporter=reporter, environ=os.environ)
        for wheel in wheels:
            _check(wheel, host, reporter, passed, refused, quiet=output.json)
        if refused:
            raise _together(refused, of=len(wheels))

    return documented(work, output, lambda error: _print(passed, error))


@dataclass(frozen=True, kw_only=True)
class _Passed:
    path: Path
    report: WheelReport


def _check(
    wheel: Path, host: Host, reporter: Reporter, passed: list[_Passed], refused: list[AuditError], *, quiet: bool
) -> None:
    from crossbuild.errors import AuditError
    from crossbuild.frontend import check_wheel

    try:
        with reporter.step(f"Check {wheel.name}"):
            report = check_wheel(wheel, host)
    except AuditError as error:
        # Go on: whoever checks a wheelhouse wants to know everything that is wrong with it.
        refused.append(error)
        return
    passed.append(_Passed(path=wheel, report=report))
    for warning in report.warnings:
        reporter.warning(warning)
    if report.host_libraries:
        reporter.note(f"It needs on the host: {', '.join(map(str, report.host_libraries))}")
    if not quiet:
        click.echo(str(wheel))


def _together(refused: Sequence[AuditError], *, of: int) -> AuditError:
    from crossbuild.errors import AuditError

    # One refusal is shown as it is. Its hint is about one wheel, and a summary would only repeat it.
    if len(refused) == 1:
        return refused[0]
    return AuditError(
        f"{len(refused)} of {of} wheels were refused.",
        why="\n".join(f"{error.what}\n{error.why}" for error in refused),
        fix="\n".join(dict.fromkeys(line for error in refused for line in error.fix.splitlines())),
    )


def _print(passed: Sequence[_Passed], error: dict[str, Any] | None) -> None:
    from crossbuild.cli.outcome import library_facts

    wheels = [
        {
            "path": str(one.path),
            "name": one.report.name,
            "version": one.report.version,
            "platform_tags": list(one.report.platform_tags),
            "elf_files": len(one.report.elf_files),
            "glibc": ".".join(map(str, one.report.needed_floor)) if one.report.needed_floor else None,
            "host_libraries": library_facts(one.report.host_libraries),
            "warnings": list(one.report.warnings),
        }
        for one in passed
    ]
    click.echo(json.dumps({"wheels": wheels, "error": error}, indent=2))
