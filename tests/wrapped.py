"""Sample projects that crossbuild's backend wraps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.commands import copy_project

if TYPE_CHECKING:
    from pathlib import Path


def wrapped_project(name: str, directory: Path, *, requirement: str = "crossbuild", more: str = "") -> Path:
    """Copy the sample project ``name`` to ``directory``, wrapped by what ``requirement`` installs.

    ``more`` follows the keys of ``[tool.crossbuild]``.
    """
    copy_project(name, directory)
    file = directory / "pyproject.toml"
    text = file.read_text()
    own = re.findall("^(?:build-backend|backend-path) = .*\n", text, re.MULTILINE)
    for line in own:
        text = text.replace(line, "")
    text = text.replace("requires = [", f'build-backend = "crossbuild.backend_shim"\nrequires = ["{requirement}", ', 1)
    file.write_text("".join((text, "\n[tool.crossbuild]\n", *own, more)))
    return directory
