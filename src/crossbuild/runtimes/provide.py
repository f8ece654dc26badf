"""The emulator for a host, and the root in which its programs find their libraries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.emulation.emulator import Qemu
from crossbuild.platforms.system_directories import library_directories
from crossbuild.runtimes.device import provide_device
from crossbuild.runtimes.host_python import host_python, root_for
from crossbuild.runtimes.loader import find_loader, runs_as_it_is
from crossbuild.runtimes.qemu import provide_qemu
from crossbuild.system.rooted_paths import directories_in

if TYPE_CHECKING:
    from crossbuild.emulation.emulator import Emulator
    from crossbuild.platforms.platform import Platform
    from crossbuild.session.session import Session

_C_LIBRARIES = {"glibc": "libc.so.6", "musl": "ld-musl-*.so.1"}


def provide_emulator(session: Session, *, packages: frozenset[str] = frozenset()) -> Emulator | None:
    """Return what runs the programs of the host of ``session``, with ``packages`` in its sysroot; fetched on first use.

    None if they run as they are. Raises SysrootError and NetworkError, also if the session is offline and the caches
    have no emulator or no root; and HostError if the device that the user named cannot be reached.
    """
    plan = session.plan(packages)
    platform = plan.known_host.platform
    if runs_as_it_is(platform):
        return None
    if device := provide_device(session):
        return device
    root = plan.root if plan.root and _has_c_library(plan.root, platform) else root_for(session, plan.known_host)
    return _emulator(session, platform, root)


def provide_emulated_python(
    session: Session, *, packages: frozenset[str] = frozenset()
) -> tuple[Emulator | None, Path]:
    """Return the same for the host's Python, and that Python, which is fetched on first use, too.

    Raises HostError if there is none, and what :func:`provide_emulator` raises.
    """
    python, platform = host_python(session, packages), session.plan().known_host.platform
    root = python.root or Path("/")
    emulator = None if root == Path("/") and runs_as_it_is(platform) else _emulator(session, platform, root)
    return emulator, python.executable


def _emulator(session: Session, platform: Platform, root: Path) -> Emulator:
    if loader := find_loader(root, platform):
        return loader
    program, source = provide_qemu(session, platform.architecture)
    return Qemu(program=program, source=source, architecture=platform.architecture, root=root)


def _has_c_library(root: Path, platform: Platform) -> bool:
    name = _C_LIBRARIES[platform.libc]
    return any(any(place.glob(name)) for place in directories_in(root, library_directories(platform)))
