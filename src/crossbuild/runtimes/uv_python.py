"""The Pythons that uv offers for many machines, downloaded into the cache. uv knows the hash of each.

Source: uv's guide, "Python versions" (the forms of requests).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.system.excerpt import excerpt
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import KnownHost
    from crossbuild.platforms.platform import Platform
    from crossbuild.session.session import Session

_KIND = "host-pythons"
_MACHINES = {"armv7l": "armv7", "ppc64le": "powerpc64le", "riscv64": "riscv64gc"}
"""The architectures that uv calls otherwise than wheel tags."""


def python_name(host: KnownHost) -> str:
    """Return ``python3.11``, or ``python3.13t`` for a free-threaded one."""
    return f"python{host.version}{'t' if 't' in host.abi_flags else ''}"


def fetch_uv_python(session: Session, host: KnownHost) -> Path:
    """Return the Python of ``host`` that uv offers, downloaded on first use. Raises HostError if it cannot be."""
    from uv import find_uv_bin

    wanted = _request(host)

    def make(scratch: Path) -> None:
        command = [
            find_uv_bin(),
            "python",
            "install",
            "--no-progress",
            "--no-bin",
            "--install-dir",
            str(scratch),
            wanted,
        ]
        if session.services.index.settings.offline:
            command.append("--offline")
        with session.reporter.step(f"Download Python {host.version} for {host.platform.architecture.name}"):
            done = run_program(command, env={**session.services.installer_environ, "NO_COLOR": "1"})
        if done.returncode:
            raise HostError(f"uv could not download {wanted}: {excerpt(done.stderr)}")

    entry = session.services.cache.entry(_KIND, wanted, make)
    found = sorted(entry.glob(f"*/bin/{python_name(host)}"))
    if not found:
        raise HostError(f"uv's {wanted} has no {python_name(host)}.")
    return found[0]


def _request(host: KnownHost) -> str:
    """Return ``cpython-3.12-linux-aarch64-gnu``."""
    name = host.platform.architecture.name
    variant = "+freethreaded" if "t" in host.abi_flags else ""
    return f"cpython-{host.version}{variant}-linux-{_MACHINES.get(name, name)}-{_libc(host.platform)}"


def _libc(platform: Platform) -> str:
    if platform.libc != "glibc":
        return platform.libc
    return "gnueabihf" if platform.architecture.name == "armv7l" else "gnu"
