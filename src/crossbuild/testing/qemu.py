"""qemu-user of Debian, for machines that have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.errors import SysrootError
from crossbuild.platforms.qemu import qemu_name
from crossbuild.sysroot.debian_files import DebianFile, fetch_debian_file

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.platforms.platform import Architecture
    from crossbuild.session.session import Session


def fetch_qemu(session: Session, architecture: Architecture) -> Path:
    """Return the qemu-user for ``architecture``, fetched on first use. Raises SysrootError or NetworkError."""
    # Its programs are linked statically, so they run on any distribution.
    wanted = DebianFile(suite="trixie", package="qemu-user", name=qemu_name(architecture))
    try:
        return fetch_debian_file(wanted, session.sysroots, session.options.sysroot_source)
    except SysrootError as error:
        error.fix = error.fix or "Install qemu-user, so that it is on PATH, or choose another --runner."
        raise
