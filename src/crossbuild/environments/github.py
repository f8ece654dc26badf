"""The variables of a cross environment for the later steps of a GitHub job.

Source: GitHub's "Workflow commands", on the files that GITHUB_ENV and GITHUB_PATH name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.environments.entering import KEPT
from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.environments.entering import Variables


def write_github_files(variables: Variables, environ: Mapping[str, str]) -> None:
    """Add ``variables`` to the files that ``environ``, of outside, names. A job cannot unset one: it becomes empty.

    Raises UsageError outside of a job.
    """
    names = ("GITHUB_ENV", "GITHUB_PATH")
    if not all(environ.get(name) for name in names):
        raise UsageError("This is no GitHub job.", why=f"{' and '.join(names)} do not name files.", fix="Use --shell.")
    entered = variables.entered(environ)
    own = {name: value for name, value in entered.items() if name in variables.own or name.startswith(KEPT)}
    own |= {name: "" for name in variables.removed if environ.get(name)}
    with Path(environ["GITHUB_ENV"]).open("a", encoding="utf-8") as file:
        # In this form a value may have several lines.
        file.writelines(f"{name}<<crossbuild-end\n{value}\ncrossbuild-end\n" for name, value in own.items())
    with Path(environ["GITHUB_PATH"]).open("a", encoding="utf-8") as file:
        # Each line comes before those above it.
        file.writelines(f"{directory}\n" for directory in reversed(variables.path))
