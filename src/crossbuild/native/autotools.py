"""Autotools: a site file that makes ``./configure`` without ``--host`` cross-compile.

Sources: the autoconf manual, "Setting Site Defaults" (the environment's ``CONFIG_SITE``, which also keeps the build
machine's ``/usr/local/share/config.site`` out), "Specifying Target Triplets" and "Particular Functions"; AC_INIT's code
for the shell variables that ``--host`` sets. Autoconf before 2.70 takes ``CONFIG_SITE`` for one file, later ones for
several, so there is one, which reads the user's.
"""

from __future__ import annotations

import shlex
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SITE_VARIABLE = "CONFIG_SITE"


def write_site_file(
    directory: Path, *, gnu_type: str, compilers: Path, environ: Mapping[str, str], can_run: bool = False
) -> dict[str, str]:
    """Write ``config.site`` into ``directory``, and return the variable that makes configure scripts read it.

    ``compilers`` is the directory of the host's compilers, ``can_run`` whether its programs run here. What ``environ``
    names as site files is read first.
    """
    known = {
        "crossbuild_host": gnu_type,
        "crossbuild_compilers": str(compilers),
        # "maybe" lets the script try.
        "crossbuild_cross": "maybe" if can_run else "yes",
        "crossbuild_sites": environ.get(SITE_VARIABLE, ""),
    }
    lines = [f"{name}={shlex.quote(value)}" for name, value in known.items()]
    body = files("crossbuild.native").joinpath("config.site").read_text(encoding="utf-8")
    file = directory / "config.site"
    file.write_text("\n".join([*lines, body]), encoding="utf-8")
    return {SITE_VARIABLE: str(file)}
