"""How findings look on a terminal and in JSON."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli.outcome import guarded
from crossbuild.diagnosis.finding import exit_code_of
from crossbuild.terminal.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crossbuild.cli.option_values import Output
    from crossbuild.diagnosis.finding import Finding
    from crossbuild.reporting import Reporter

_SIGNS = {"ok": "ok", "warning": "warning", "problem": "PROBLEM", "absent": "-"}
_WIDTH = 9


def show_findings(look: Callable[[Reporter], Sequence[Finding]], output: Output) -> int:
    """Print what ``look`` finds, and return the exit code of the first problem, 0 if there is none."""
    findings: list[Finding] = []
    code = guarded(lambda display: findings.extend(look(display)), output, failed=lambda error: _print([], error))
    # Looking failed altogether. Otherwise the exit code is that of what was found.
    if code:
        return code
    if output.json:
        _print(findings, None)
    else:
        width = max((len(finding.subject) for finding in findings), default=0)
        for finding in findings:
            click.echo(printable(_text(finding, width)))
    return exit_code_of(findings)


def _print(findings: Sequence[Finding], error: dict[str, Any] | None) -> None:
    click.echo(json.dumps({"findings": [asdict(finding) for finding in findings], "error": error}, indent=2))


def _text(finding: Finding, width: int) -> str:
    first, *others = finding.detail.splitlines() or [""]
    head = f"{_SIGNS[finding.state]:{_WIDTH}}{finding.subject:{width}}  {first}"
    wanted = finding.state != "ok" and finding.remedy
    more = [*others, *(f"> {line}" for line in (finding.remedy.splitlines() if wanted else ()))]
    return "\n".join([head, *(textwrap.indent(line, " " * (_WIDTH + width + 2)) for line in more)])
