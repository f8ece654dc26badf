"""qemu-user of Debian, fetched without root into the cache: apt verifies it, and nothing of it is installed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.platforms.debian import DEBIAN_ARCHITECTURES
from crossbuild.platforms.qemu import qemu_name
from crossbuild.sysroot.names import SysrootName
from crossbuild.sysroot.unpack import start_root, unpack

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.platforms.platform import Architecture
    from crossbuild.session.session import Session

_SUITE, _PACKAGE = "trixie", "qemu-user"
"""Its programs are linked statically, so they run on any distribution."""


def fetch_qemu(session: Session, architecture: Architecture) -> Path:
    """Return the qemu-user for ``architecture``, fetched on first use.

    Raises HostError, SysrootError or NetworkError.
    """
    debian = DEBIAN_ARCHITECTURES.get(os.uname().machine)
    if debian is None:
        raise HostError(
            f"Debian has no qemu-user that runs on {os.uname().machine}.",
            fix="Install qemu-user, so that it is on PATH, or choose another --runner.",
        )
    name = SysrootName(distribution="debian", suite=_SUITE, debian_architecture=debian)
    wanted = qemu_name(architecture)

    def make(scratch: Path) -> None:
        with (
            session.reporter.step(f"Fetch {wanted}"),
            session.sysroots.apt(name, session.options.sysroot_source) as apt,
        ):
            closure = apt.resolve([_PACKAGE])
            (package,) = (one for one in closure if one.name == _PACKAGE)
            (file,) = apt.download(closure, only=[package])
            start_root(scratch)
            unpack([(package, file)], root=scratch)
        for program in (scratch / "usr/bin").iterdir():
            if program.name != wanted:
                program.unlink()

    return session.services.cache.entry("qemu", f"{_SUITE}-{debian}-{wanted}", make) / "usr/bin" / wanted
