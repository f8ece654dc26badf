"""``crossbuild explain``: what a finding of the check means."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import click

from crossbuild.cli.manual import Command

if TYPE_CHECKING:
    from crossbuild.wheels.rules import Rule

_EXAMPLES = """\
crossbuild explain
crossbuild explain executable-stack
"""


def _ids(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from crossbuild.wheels.rules import RULES

    return [id_ for id_ in RULES if id_.startswith(incomplete)]


@click.command(
    cls=Command,
    short_help="Explain what a finding of the check means.",
    sections=(("Examples", _EXAMPLES),),
)
@click.argument("id_", metavar="[ID]", required=False, shell_complete=_ids)
def explain(*, id_: str | None) -> int:
    """Explain what the finding ID means, why it matters, and what to do. Without ID, list all findings.

    An error refuses the wheel, a warning does not. The lines that tell of findings end with their IDs in brackets.
    """
    from crossbuild.wheels.rules import RULES

    if id_ is None:
        width = max(map(len, RULES))
        for rule in RULES.values():
            click.echo(f"{rule.id:{width}}  {rule.severity:7}  {rule.what}")
    elif id_ in RULES:
        click.echo(_text(RULES[id_]))
    else:
        near = difflib.get_close_matches(id_, RULES, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "`crossbuild explain` lists all."
        raise click.UsageError(f"There is no finding {id_}. {hint}")
    return 0


def _text(rule: Rule) -> str:
    parts = (f"{rule.id} ({rule.severity})", rule.what, f"Why it matters: {rule.why}", f"What to do: {rule.fix}")
    return "\n".join(parts)
