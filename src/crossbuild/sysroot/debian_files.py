"""Single files of Debian's packages for this machine, fetched without root into the cache: apt verifies them."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.errors import SysrootError
from crossbuild.platforms.debian import DEBIAN_ARCHITECTURES
from crossbuild.sysroot.names import SysrootName
from crossbuild.sysroot.unpack import start_root, unpack

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.sysroot.apt_sources import SourceRequest
    from crossbuild.sysroot.store import SysrootStore

_KIND = "tools"


@dataclass(frozen=True, kw_only=True)
class DebianFile:
    """A program or a library that runs on this machine without anything else of its package."""

    suite: str
    package: str
    name: str
    """What the file is called, wherever the package has it."""


def fetch_debian_file(wanted: DebianFile, store: SysrootStore, request: SourceRequest) -> Path:
    """Return the file ``wanted`` for this machine's processor, fetched on first use.

    Raises SysrootError if Debian has none, or NetworkError.
    """
    machine = os.uname().machine
    debian = DEBIAN_ARCHITECTURES.get(machine)
    if debian is None:
        raise SysrootError(f"Debian has no {wanted.name} that runs on {machine}.")
    release = SysrootName(distribution="debian", suite=wanted.suite, debian_architecture=debian)

    def make(scratch: Path) -> None:
        with store.reporter.step(f"Fetch {wanted.name}"), store.apt(release, request) as apt:
            closure = apt.resolve([wanted.package])
            (package,) = (one for one in closure if one.name == wanted.package)
            (file,) = apt.download(closure, only=[package])
            root = scratch / "root"
            root.mkdir()
            start_root(root)
            unpack([(package, file)], root=root)
        next(root.rglob(wanted.name)).rename(scratch / wanted.name)
        shutil.rmtree(root)

    return store.cache.entry(_KIND, f"{wanted.suite}-{debian}-{wanted.name}", make) / wanted.name
