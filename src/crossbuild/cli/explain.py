"""``crossbuild explain``: what a finding of the check means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crossbuild.cli import suggestions
from crossbuild.cli.manual import Command

if TYPE_CHECKING:
    from crossbuild.wheels.rules import Rule

_EXAMPLES = """\
crossbuild explain
crossbuild explain executable-stack
"""


@click.command(
    cls=Command,
    short_help="Explain what a finding of the check means.",
    sections=(("Examples", _EXAMPLES),),
)
@click.argument("id_", metavar="[ID]", required=False, shell_complete=suggestions.findings)
def explain(*, id_: str | None) -> int:
    """Explain what the finding ID means, why it matters, and what to do. Without ID, list all findings.

    An error refuses the wheel, a warning does not. The lines that tell of findings end with their IDs in brackets.
    """
    from crossbuild.errors import UsageError
    from crossbuild.wheels.rules import RULES
    from crossbuild.wheels.selection import find_rule

    if id_ is None:
        width = max(map(len, RULES))
        for rule in RULES.values():
            click.echo(f"{rule.id:{width}}  {rule.severity:7}  {rule.what}")
        return 0
    try:
        click.echo(_text(find_rule(id_)))
    except UsageError as error:
        raise click.UsageError(f"{error.what} {error.fix}") from None
    return 0


def _text(rule: Rule) -> str:
    parts = (f"{rule.id} ({rule.severity})", rule.what, f"Why it matters: {rule.why}", f"What to do: {rule.fix}")
    return "\n".join(parts)
