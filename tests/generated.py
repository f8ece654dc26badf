"""The files, and the parts of files, that are made of the declarations of options and commands.

``python -m tests.generated`` writes them again after an option or a help text was added or changed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from crossbuild.cli.app import app
from crossbuild.cli.man_page import man_page
from crossbuild.options.configuration import PackageSettings
from crossbuild.options.host_options import HostOptions
from crossbuild.options.reference import keys_table, variables_table
from crossbuild.options.schema import schema
from crossbuild.wheels.rules import RULES
from tests.examples import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = REPOSITORY / "src/crossbuild/options/crossbuild.schema.json"
PAGES = [REPOSITORY / "docs/reference" / name for name in ("configuration.md", "environment.md", "findings.md")]
MAN_PAGE = REPOSITORY / "data/share/man/man1/crossbuild.1"
_PART = re.compile(r"(?P<head><!-- made of (?P<name>\w+) -->\n).*?(?=\n?<!-- end -->)", re.DOTALL)


def fresh(file: Path) -> str:
    """Return what ``file`` has to be."""
    if file == SCHEMA:
        return json.dumps(schema(), indent=2) + "\n"
    if file == MAN_PAGE:
        return man_page(app, "crossbuild")
    parts = {
        "HostOptions": keys_table(HostOptions),
        "PackageSettings": keys_table(PackageSettings),
        "variables": variables_table(),
        "rules": _rules(),
    }
    return _PART.sub(lambda found: found["head"] + "\n" + parts[found["name"]] + "\n", file.read_text(encoding="utf-8"))


def _rules() -> str:
    return "\n\n".join(
        f"## {rule.id}\n\n*{rule.severity.capitalize()}.* {rule.what} {rule.why}\n\n{rule.fix}"
        for rule in RULES.values()
    )


if __name__ == "__main__":
    for one in (SCHEMA, MAN_PAGE, *PAGES):
        one.write_text(fresh(one), encoding="utf-8")
