"""How values are written on the command line, by their kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli import suggestions, values
from crossbuild.cli.manual import Option
from crossbuild.cli.values import DIRECTORY, FILE, FOUND_DIRECTORY
from crossbuild.declarations.option import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.declarations import option

WORDS: Mapping[Kind, dict[str, Any]] = {
    Kind.SWITCH: {"is_flag": True},
    Kind.NUMBER: {"metavar": "N", "type": click.IntRange(min=1)},
    Kind.SIZE: {"metavar": "SIZE", "callback": values.size},
    Kind.TEXT: {},
    Kind.TEXTS: {"multiple": True},
    Kind.CHOICE: {},
    Kind.PYTHON: {"metavar": "X.Y", "callback": values.python_version},
    Kind.FILE: {"metavar": "FILE", "type": FILE, "callback": values.absolute},
    Kind.REGULAR_FILE: {"metavar": "FILE", "type": FILE, "callback": values.regular_file},
    Kind.FILES: {"metavar": "FILE", "type": FILE, "callback": values.regular, "multiple": True},
    Kind.PROGRAM: {"metavar": "PATH", "type": FILE},
    Kind.DIRECTORY: {"metavar": "DIR", "type": FOUND_DIRECTORY, "callback": values.absolute},
    Kind.NEW_DIRECTORY: {"metavar": "DIR", "type": DIRECTORY},
    Kind.HOST: {"metavar": "HOST", "shell_complete": suggestions.hosts},
    Kind.SYSROOT: {"metavar": "DIR|NAME", "callback": values.sysroot, "shell_complete": suggestions.releases},
    Kind.PREFIX: {"shell_complete": suggestions.toolchains},
    Kind.COMMAND: {"metavar": "COMMAND", "shell_complete": suggestions.files},
    Kind.MIRRORS: {
        "metavar": "URL",
        "callback": values.mirrors,
        "multiple": True,
        "shell_complete": suggestions.files,
    },
    Kind.PLACE: {"metavar": "URL", "callback": values.place, "shell_complete": suggestions.files},
    Kind.PLACES: {"callback": values.places, "multiple": True, "shell_complete": suggestions.files},
    Kind.PACKAGES: {"metavar": "PACKAGE", "multiple": True, "shell_complete": suggestions.packages},
    Kind.PROJECTS: {"metavar": "NAME", "callback": values.project_names, "multiple": True},
    Kind.FINDINGS: {
        "metavar": "ID,...",
        "callback": values.ignored_findings,
        "multiple": True,
        "shell_complete": suggestions.findings,
    },
    Kind.REQUIREMENTS: {"metavar": "REQUIREMENT", "callback": values.requirements, "multiple": True},
    Kind.CHANGES: {"metavar": "CHANGE", "callback": values.environment_changes, "multiple": True},
    Kind.ASSIGNMENTS: {"metavar": "NAME=VALUE", "callback": values.config_vars, "multiple": True},
    Kind.SETTINGS: {"metavar": "KEY=VALUE", "callback": values.settings, "multiple": True},
}
"""What click is told of an option, for the kinds that the command line can have."""


def option_of_click(declared: option.Option) -> Option:
    """Return the option of the command line for one that a field declares; its parameter is called like the field."""
    facts = WORDS[declared.kind] | ({"metavar": declared.metavar} if declared.metavar else {})
    facts |= {"type": click.Choice(declared.choices)} if declared.choices else {}
    return Option(
        # The last word is click's name for the parameter. Without it, click would derive one from the longest option.
        [*declared.names, declared.field],
        heading=declared.heading,
        help=declared.description,
        envvar=declared.variable or None,
        show_envvar=bool(declared.variable),
        required=declared.required,
        common=declared.common,
        **facts,
    )
