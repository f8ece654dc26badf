"""Which Python of the host runs tests on this machine: its own, that of a distribution's release, or one of uv's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.errors import CrossbuildError, HostError, NetworkError, SysrootError
from crossbuild.platforms.debian import DEBIAN_ARCHITECTURES
from crossbuild.runtimes.uv_python import fetch_uv_python, python_name
from crossbuild.sysroot.names import SysrootName

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.host.model import KnownHost
    from crossbuild.platforms.platform import Platform
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
_MUSL = (2, 41)
"""The glibc of the release whose musl is 1.2.5, which uv's Pythons need."""


@dataclass(frozen=True, kw_only=True)
class HostPython:
    """A Python for the host that is on this machine."""

    executable: Path
    root: Path | None
    """What ``/`` is to it; None if that is this machine's."""
    source: str
    """Where it is from, for messages."""


def host_python(session: Session, packages: frozenset[str] = frozenset()) -> HostPython:
    """Return a Python of the host that can run here: its own, else a release's, fetched on first use.

    ``packages`` are in the root of its own. Raises HostError if there is none.
    """
    target, host = session.describe(packages), session.plan(packages).known_host
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
    """Return the Python of a release, or else uv's with the C library of one."""
    name, why = python_name(host), [_offer()]
    for release in _releases(host):
        try:
            sysroot = session.sysroots.provide(release, request=session.options.sysroot_source)
        except CrossbuildError as error:
            why.append(f"{release} has one. {error.what}")
            continue
        if python := _of_sysroot(sysroot, name):
            return python
    try:
        executable = fetch_uv_python(session, host)
        return HostPython(executable=executable, root=root_for(session, host), source="uv")
    except CrossbuildError as error:
        why.append(str(error))
    raise HostError(
        f"There is no Python {host.version}{host.abi_flags} for {host.platform.wheel_tag} that could run here.",
        why="\n".join(why),
        fix="Name a root that has it, with its Python: --host ROOT/usr/bin/pythonX.Y. Tests can also run elsewhere: "
        "--runner ssh://USER@HOST, docker://IMAGE or podman://IMAGE.",
    )


def _releases(host: KnownHost) -> Iterator[SysrootName]:
    """Yield the releases that have the host's Python, and a C library that runs its wheels."""
    # They have Pythons with the GNU C library and a global interpreter lock.
    if host.platform.libc == "glibc" and not host.abi_flags:
        for release, python, glibc in _known_releases(host.platform):
            if python == host.python_version[:2] and glibc >= _needed(host.platform):
                yield release


def root_for(session: Session, host: KnownHost) -> Path:
    """Return a root of Debian with a C library that runs wheels for the host. Raises SysrootError or NetworkError."""
    error: CrossbuildError = SysrootError("No release has a C library that is new enough.")
    is_musl = host.platform.libc == "musl"
    # Its package of musl has the library where musl's own programs look for it; the new one is for all of them.
    packages, least = (("musl",), _MUSL) if is_musl else ((), _needed(host.platform))
    for release, _, glibc in _known_releases(host.platform):
        if release.distribution == "debian" and glibc >= least:
            try:
                return session.sysroots.provide(release, packages, session.options.sysroot_source).directory
            except (SysrootError, NetworkError) as failed:
                error = failed
    raise error


def _known_releases(platform: Platform) -> Iterator[tuple[SysrootName, tuple[int, int], tuple[int, int]]]:
    """Yield the releases for the machine of ``platform``, each with its versions of Python and glibc."""
    debian = DEBIAN_ARCHITECTURES.get(platform.architecture.name)
    if debian is None:
        return
    for distribution, suite, python, glibc in _RELEASES:
        yield SysrootName(distribution=distribution, suite=suite, debian_architecture=debian), python, glibc


def _needed(platform: Platform) -> tuple[int, int]:
    return platform.libc_version or (0, 0)


def _offer() -> str:
    had = ", ".join("{}.{} ({})".format(*python, suite) for _, suite, python, _ in _RELEASES)
    return f"Releases that crossbuild can fetch have glibc and Python {had}."
