"""pip, so that the first index that knows a project decides, as everywhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from crossbuild.index.server import served
from crossbuild.index.settings import authority_variables
from crossbuild.system.programs import started

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from crossbuild.index.index import Index

_OF_INDEXES = ("INDEX_URL", "EXTRA_INDEX_URL", "FIND_LINKS", "NO_INDEX", "TRUSTED_HOST", "PROXY", "CONFIG_FILE")


def run_pip(
    python: Path, words: Sequence[str], *, index: Index, environ: Mapping[str, str], tell: Callable[[str], None]
) -> int:
    """Run the pip of ``python`` with ``words`` and the standard streams of this process; return its status.

    It has one index, which answers as ``index`` does, and so have the builds that it starts. ``tell`` hears what
    goes wrong there.
    """
    with served(index, tell) as address:
        variables = {name: value for name, value in environ.items() if not name.startswith("UV_")}
        for name in _OF_INDEXES:
            variables.pop(f"PIP_{name}", None)
        # Otherwise pip would ask the user's proxy for the address of this machine.
        here = ",".join(filter(None, (environ.get("no_proxy") or environ.get("NO_PROXY"), "127.0.0.1")))
        variables |= authority_variables(index.settings)
        # By this name pip reads no configuration at all: neither the user's nor the system's.
        variables |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": address, "NO_PROXY": here, "no_proxy": here}
        command = [str(python), "-m", "pip", *words]
        with started(command, environ=variables, stdin=0, stdout=1, stderr=2) as program:
            return program.wait()
