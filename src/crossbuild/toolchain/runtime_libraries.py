"""The shared libraries of a compiler that what it compiles needs at run time: GCC's, since those of zig are static.

Source: GCC's manual (-print-file-name).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.toolchain.model import Toolchain

RUNTIME_LIBRARY = re.compile(r"lib(stdc\+\+|gcc_s|gomp|gfortran|quadmath|atomic)\.so\.\d+")
"""The run-time libraries of GCC, which are as new as the compiler that linked against them."""


def runtime_library(soname: str, toolchain: Toolchain, environ: Mapping[str, str]) -> Path | None:
    """Return where ``toolchain`` has its run-time library ``soname``; None if it has none of that name."""
    if toolchain.kind != "gnu" or not RUNTIME_LIBRARY.fullmatch(soname):
        return None
    done = run_program([*toolchain.cc, f"-print-file-name={soname}"], env=environ)
    # A compiler repeats the name of what it does not have.
    found = Path(done.stdout.strip())
    return found.resolve() if found.is_absolute() and found.is_file() else None
