"""What runs a program of the host where a tool has a setting for that: CMake, Meson, cargo, automake."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from crossbuild.system.filesystem import write_script

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.emulation.emulator import Emulator
    from crossbuild.host.model import Host

RUNNER = "run-on-host"
_SCRIPT = """\
# automake's tests may be scripts: libtool's programs are, until they are installed.
if [ "$(head -c 2 -- "$1" 2>/dev/null)" = '#!' ]; then exec "$@"; fi
"""


def write_host_runner(directory: Path, emulator: Emulator) -> Path:
    """Write ``run-on-host`` into ``directory``: it runs the host's programs by ``emulator``, scripts as they are."""
    assigned = "".join(f"{name}={shlex.quote(value)} " for name, value in emulator.variables.items())
    return write_script(directory / RUNNER, f'{_SCRIPT}{assigned}exec {shlex.join(emulator.command)} "$@"\n')


def runner_variables(runner: Path, host: Host) -> dict[str, str]:
    """Return the variables that let cargo and automake start the host's programs by ``runner``.

    Sources: The Cargo Book, "Configuration", ``target.<triple>.runner``; automake's manual, "Parallel Test Harness".
    """
    triple = host.platform.rust_triple.upper().replace("-", "_")
    return {f"CARGO_TARGET_{triple}_RUNNER": str(runner), "LOG_COMPILER": str(runner)}
