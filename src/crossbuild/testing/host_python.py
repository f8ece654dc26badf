"""Which Python of the host runs tests on this machine: its own, or one of a distribution's release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.errors import CrossbuildError, HostError
from crossbuild.platforms.debian import DEBIAN_ARCHITECTURES
from crossbuild.sysroot.names import SysrootName

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.host.model import KnownHost
    from crossbuild.session.session import Session
    from crossbuild.sysroot.model import Sysroot

_RELEASES = (
    ("ubuntu", "jammy", (3, 10), (2, 35)),
    ("debian", "bookworm", (3, 11), (2, 36)),
    ("ubuntu", "noble", (3, 12), (2, 39)),
    ("debian", "trixie", (3, 13), (2, 41)),
    ("debian", "forky", (3, 14), (2, 43)),
)
"""Releases with their Pythons and C libraries, as in docs/reference/sysroots.md, the oldest first."""


@dataclass(frozen=True, kw_only=True)
class HostPython:
    """A Python for the host that is on this machine."""

    executable: Path
    root: Path | None
    """What ``/`` is to it; None if that is this machine's."""
    source: str
    """Where it is from, for messages."""


def python_name(host: KnownHost) -> str:
    """Return ``python3.11``, or ``python3.13t`` for a free-threaded one."""
    return f"python{host.version}{'t' if 't' in host.abi_flags else ''}"


def host_python(session: Session) -> HostPython:
    """Return the Python that runs tests: the host's own if it is here, else a release's, fetched on first use.

    Raises HostError if there is none.
    """
    target, host = session.describe(), session.plan().known_host
    name, own = python_name(host), target.described
    if own.prefix and (own.prefix / "bin" / name).exists():
        root = own.sysroot or target.root
        return HostPython(executable=own.prefix / "bin" / name, root=root, source=host.name)
    given = target.sysroot and _of_sysroot(target.sysroot, name)
    return given or _of_release(session, host)


def _of_sysroot(sysroot: Sysroot, name: str) -> HostPython | None:
    found = next((python for python in sysroot.pythons if python.name == name), None)
    return HostPython(executable=found, root=sysroot.directory, source=str(sysroot.name)) if found else None


def _of_release(session: Session, host: KnownHost) -> HostPython:
    name, why = python_name(host), _offer()
    for release in _releases(host):
        try:
            sysroot = session.sysroots.provide(release, request=session.options.sysroot_source)
        except CrossbuildError as error:
            why = f"{release} has one. {error.what}"
            continue
        if python := _of_sysroot(sysroot, name):
            return python
    raise HostError(
        f"There is no Python {host.version}{host.abi_flags} for {host.platform.wheel_tag} to run tests with.",
        why=why,
        fix="Name a root that has it, with its Python: --host ROOT/usr/bin/pythonX.Y. Or run the test where it is: "
        "--runner ssh://USER@HOST, docker://IMAGE or podman://IMAGE.",
    )


def _releases(host: KnownHost) -> Iterator[SysrootName]:
    """Yield the releases that have the host's Python, and a C library that runs its wheels."""
    platform, debian = host.platform, DEBIAN_ARCHITECTURES.get(host.platform.architecture.name)
    if platform.libc != "glibc" or debian is None or host.abi_flags:
        return
    for distribution, suite, python, glibc in _RELEASES:
        if python == host.python_version[:2] and glibc >= (platform.libc_version or (0, 0)):
            yield SysrootName(distribution=distribution, suite=suite, debian_architecture=debian)


def _offer() -> str:
    had = ", ".join("{}.{} ({})".format(*python, suite) for _, suite, python, _ in _RELEASES)
    return f"Releases that crossbuild can fetch have glibc and Python {had}."
