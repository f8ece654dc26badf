"""Commands inside: what a person types in ``crossbuild run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.testbed.hosts import HostRoot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.commands import Crossbuild


def run_inside(
    crossbuild: Crossbuild,
    script: str,
    *options: str,
    host: HostRoot | str,
    cwd: Path,
    compilers: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> str:
    """Run the lines of ``script``, each of which must succeed, inside; return what they print on standard output."""
    name = str(host.python) if isinstance(host, HostRoot) else host
    version = host.version if isinstance(host, HostRoot) else (3, 11)
    chosen = () if isinstance(host, HostRoot) else ("--python", "3.11")
    options = ("--host", name, *chosen, *crossbuild.build_python_for(version), *options)
    done = crossbuild(*("run", *options, "--", "sh", "-euc", script), cwd=cwd, compilers=compilers, environ=environ)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
