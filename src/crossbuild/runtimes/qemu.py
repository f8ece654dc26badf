"""qemu-user, from ``PATH`` or from Debian."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import SysrootError
from crossbuild.platforms.qemu import find_qemu, qemu_name
from crossbuild.sysroot.debian_files import DebianFile, fetch_debian_file

if TYPE_CHECKING:
    from crossbuild.platforms.platform import Architecture
    from crossbuild.session.session import Session


def provide_qemu(session: Session, architecture: Architecture) -> tuple[Path, str]:
    """Return the qemu-user for ``architecture``, and where it is from; that of Debian is fetched on first use.

    Raises SysrootError or NetworkError.
    """
    if own := find_qemu(architecture, session.services.environ):
        return Path(own), own
    # Its programs are linked statically, so they run on any distribution.
    wanted = DebianFile(suite="trixie", package="qemu-user", name=qemu_name(architecture))
    try:
        fetched = fetch_debian_file(wanted, session.sysroots, session.options.sysroot_source)
    except SysrootError as error:
        error.fix = error.fix or "Install qemu-user, so that it is on PATH."
        raise
    return fetched, "qemu-user of Debian"
