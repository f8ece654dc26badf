"""pip for the build machine, for what a build fetches by itself.

It works as if nothing were cross-compiled: into the build venv, and with the user's own compilers and variables, but
for the index settings, which are crossbuild's. Those may hold passwords, which is why hooks do not see them.
"""

from __future__ import annotations

import shlex
from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def write_pip(
    directory: Path, python: Path, install: Sequence[str], hooks: Mapping[str, str], user: Mapping[str, str]
) -> Path:
    """Write ``pip`` into ``directory``: that of ``python``, which the command ``install`` installs if it is not there.

    Where the variables of ``hooks`` differ from those of ``user``, it goes back to the latter.
    """
    restored = [
        f"export {name}={quote(user[name])}" if name in user else f"unset {name}"
        for name in {**hooks, **user}
        if user.get(name) != hooks.get(name) and name.isidentifier()
    ]
    interpreter = quote(str(python))
    needed = f"{interpreter} -c 'import pip' 2>/dev/null || {shlex.join(install)} || exit"
    file = directory / "pip"
    lines = ["#!/bin/sh", *restored, needed, f'exec {interpreter} -m pip "$@"', ""]
    file.write_text("\n".join(lines), encoding="utf-8")
    file.chmod(0o700)
    return file
