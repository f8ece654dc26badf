"""``uname``, ``arch`` and ``getconf``: makefiles and Python code that ask for the machine mean the host."""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.system.filesystem import write_script

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host

_PROGRAMS = ("uname", "arch", "getconf")
_PARTS = (("crossbuild.toolchain", "caller.sh"), ("crossbuild.native", "machine.sh"))


def write_machine_programs(directory: Path, host: Host, *, path: str, python: Path) -> None:
    """Write into ``directory`` those of the programs that are on ``path``, the build machine's PATH.

    ``python`` is the executable of the cross Python.
    """
    platform = host.platform
    version = platform.libc_version
    known = {
        "own": os.uname().machine,
        "machine": platform.architecture.name,
        "bits": str(platform.architecture.bits),
        "libc": "glibc {}.{}".format(*version) if version and platform.libc == "glibc" else "",
        "python": str(python.resolve()),  # as /proc/PID/exe calls it
    }
    body = "".join(files(package).joinpath(name).read_text(encoding="utf-8") for package, name in _PARTS)
    for name in _PROGRAMS:
        if real := shutil.which(name, path=path):
            lines = [f"{key}={quote(value)}" for key, value in {"real": real, **known}.items()]
            write_script(directory / name, "\n".join([*lines, body]))
