"""pip for the build machine, for builds that fetch something themselves.

It works as if nothing were cross-compiled: into the build venv, and with the user's own compilers and variables.
"""

from __future__ import annotations

import shlex
from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.system.filesystem import write_script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def write_pip(
    directory: Path, program: Sequence[str], *, version: str, hooks: Mapping[str, str], native: Mapping[str, str]
) -> Path:
    """Write ``pip`` into ``directory``, by all the names that it has for a Python ``version``.

    It runs ``program`` with the words that it is given. Where the variables of ``hooks`` differ from ``native``, those
    of this machine's own builds, it sees the latter.
    """
    restored = [
        f"export {name}={quote(native[name])}" if name in native else f"unset {name}"
        for name in {**hooks, **native}
        if native.get(name) != hooks.get(name) and name.isidentifier()
    ]
    lines = [*restored, f'exec {shlex.join(program)} "$@"', ""]
    for name in ("pip", "pip3", f"pip{version}"):
        write_script(directory / name, "\n".join(lines))
    return directory / "pip"
