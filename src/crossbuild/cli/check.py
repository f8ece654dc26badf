"""``crossbuild check``: the audit alone, for wheels that something else built."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import host_options
from crossbuild.cli.options import CHECKED_HOST, IGNORE, SARIF, SELECT, with_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossbuild.cli.display import Display
    from crossbuild.cli.option_values import Output
    from crossbuild.errors import AuditError
    from crossbuild.host.model import Host
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.findings import RefusedWheelError, WheelFinding
    from crossbuild.wheels.selection import Selection

_FEW = 10
"""How many wheels get a line each; more are told of in a table."""
_EXAMPLES = """\
crossbuild check dist/*.whl
crossbuild check wheelhouse/thing-1.0-cp311-cp311-linux_aarch64.whl --host board.json --json
crossbuild check dist/*.whl --host manylinux_2_28_aarch64 --sarif findings.sarif
"""


@click.command(
    cls=Command,
    common=True,
    short_help="Check wheels that something else built.",
    sections=(("Examples", _EXAMPLES),),
)
@click.argument(
    "wheels", nargs=-1, required=True, metavar="WHEEL...", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@with_options(CHECKED_HOST, SELECT, IGNORE, SARIF)
@host_options()
def check(
    *, wheels: tuple[Path, ...], options: BuildOptions, select: frozenset[str], sarif: Path | None, output: Output
) -> int:
    """Check that each WHEEL can be installed and imported on HOST, whoever built it.

    Without --host, a wheel is checked for the oldest Python and C library that its tags promise. That needs no
    compiler, no network and no other Python. If HOST is a platform tag, its Python is each wheel's, unless --python
    says otherwise. Every binary in a wheel is looked at, as in those that crossbuild builds; only extensions that are
    missing are not noticed. Standard output gets the paths of the wheels that passed; the others are an error, after
    all were checked. Each line of an error or a warning ends with the ID of the finding, which crossbuild explain
    takes.
    """
    from crossbuild.cli.outcome import documented

    checked = _Checked()
    if not options.host:
        _refuse_facts_of_a_host()

    def work(display: Display) -> None:
        from crossbuild.reporting import SilentReporter
        from crossbuild.wheels.selection import Selection, check_selections
        from crossbuild.wheels.their_python import by_python

        check_selections(options)
        many = len(wheels) > _FEW
        # A line for each of many would hide what was found.
        steps = SilentReporter() if many else display
        for options_of_group, group in by_python(wheels, options):
            host = _load_host(options_of_group, display) if options.host else None
            for wheel in group:
                wanted = Selection.for_project(wheel.name.partition("-")[0], options, select=select)
                report = checked.check(wheel, host, wanted, steps)
                if report:
                    _tell(wheel, report, display, many=many)
                if report and not output.json:
                    click.echo(str(wheel))
        if many:
            display.wheels_checked(*checked.findings)
        if sarif:
            _write_sarif(checked, sarif)
        if checked.refused:
            raise _together([*checked.refused.values()], of=len(wheels))

    return documented(work, output, lambda error: _print(checked, error))


def _refuse_facts_of_a_host() -> None:
    """Raise click.UsageError for an option about the host, which would have no effect."""
    from crossbuild.declarations.option import options_of
    from crossbuild.options.host_options import HostOptions

    context = click.get_current_context()
    for one in options_of(HostOptions):
        if context.get_parameter_source(one.field) == click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{one.long_name} is about a host: give --host, too.")


def _load_host(options: BuildOptions, reporter: Reporter) -> Host:
    # Without a host, nothing of this is needed: it takes longer to import than most wheels to check.
    from crossbuild.frontend import load_host

    return load_host(options, reporter=reporter, environ=os.environ)


@dataclass(frozen=True, kw_only=True)
class _Checked:
    passed: dict[Path, WheelReport] = field(default_factory=dict)
    refused: dict[Path, RefusedWheelError] = field(default_factory=dict)

    def check(self, wheel: Path, host: Host | None, wanted: Selection, reporter: Reporter) -> WheelReport | None:
        """Check one wheel for ``host``, or for those that its tags promise; return None if it was refused."""
        from crossbuild.wheels.check import check_by_tags, check_wheel
        from crossbuild.wheels.findings import RefusedWheelError

        try:
            with reporter.step(f"Check {wheel.name}"):
                report = check_wheel(wheel, host, wanted=wanted) if host else check_by_tags(wheel, wanted=wanted)
        except RefusedWheelError as error:
            # Go on: whoever checks a wheelhouse wants to know everything that is wrong with it.
            self.refused[wheel] = error
            return None
        self.passed[wheel] = report
        return report

    @property
    def findings(self) -> tuple[dict[Path, tuple[WheelFinding, ...]], dict[Path, tuple[WheelFinding, ...]]]:
        """What was found in those that passed, and in those that were refused."""
        passed = {path: report.findings for path, report in self.passed.items()}
        return passed, {path: error.findings for path, error in self.refused.items()}


def _tell(wheel: Path, report: WheelReport, reporter: Reporter, *, many: bool) -> None:
    """Tell what was found in a wheel that passed."""
    # Of a few, each has a line of its own before this.
    label = f"{wheel.name}: " if many else ""
    for finding in report.findings:
        reporter.warning(finding.warning if finding.file == wheel.name else f"{label}{finding.warning}")
    if report.host_libraries and not many:
        reporter.note(f"It needs on the host: {', '.join(map(str, report.host_libraries))}")


def _write_sarif(checked: _Checked, file: Path) -> None:
    from crossbuild import __version__
    from crossbuild.system.filesystem import write_text
    from crossbuild.wheels.sarif import sarif_document

    passed, refused = checked.findings
    document = sarif_document(passed | refused, version=__version__, here=Path.cwd())
    write_text(file, json.dumps(document, indent=2) + "\n")


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


def _print(checked: _Checked, error: dict[str, Any] | None) -> None:
    from crossbuild.cli.outcome import library_facts

    wheels = [
        {
            "path": str(path),
            "name": report.name,
            "version": report.version,
            "platform_tags": list(report.platform_tags),
            "elf_files": len(report.elf_files),
            "glibc": ".".join(map(str, report.needed_floor)) if report.needed_floor else None,
            "host_libraries": library_facts(report.host_libraries),
            "warnings": [finding.warning for finding in report.findings],
            "findings": _facts(report.findings),
        }
        for path, report in checked.passed.items()
    ]
    refused = [{"path": str(path), "findings": _facts(error.findings)} for path, error in checked.refused.items()]
    click.echo(json.dumps({"wheels": wheels, "refused": refused, "error": error}, indent=2))


def _facts(findings: Sequence[WheelFinding]) -> list[dict[str, str]]:
    return [
        {
            "id": finding.id,
            "severity": finding.severity,
            "file": finding.file,
            "text": finding.text,
            "why": finding.rule.why,
            "fix": finding.fix or finding.rule.fix,
        }
        for finding in findings
    ]
