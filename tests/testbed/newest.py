"""The newest CPython that Debian has, for this machine: with its own C library, since this machine's may be older."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from crossbuild.cache import digest
from crossbuild.elf import read_elf
from tests.testbed.debian import debian_root, machine_architecture, unpack_closure
from tests.testbed.tools import TOOLS_SUITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.testbed.bed import Bed

SUITE = "forky"
VERSION = (3, 14)
_NAME = "python{}.{}".format(*VERSION)
_PACKAGES = (f"{_NAME}-dev", "libc6")


def newest_python(bed: Bed) -> Path:
    """Return the interpreter. It names its loader and libraries by absolute paths, so that copies of it run, too.

    Other programs that it starts get this machine's.
    """
    architecture, final = machine_architecture(bed), _prefix(bed)

    def make(scratch: Path) -> None:
        unpack_closure(bed, SUITE, architecture, _PACKAGES, into=scratch)
        python = scratch / "usr/bin" / _NAME
        loader = read_elf(python.name, python.read_bytes(), symbols=False).interpreter
        libraries = {found.parent.relative_to(scratch) for found in scratch.glob("usr/lib/*-linux-gnu*/libc.so.6")}
        patchelf = debian_root(bed, TOOLS_SUITE, architecture, ["patchelf"]) / "usr/bin/patchelf"
        # Unlike RUNPATH, RPATH also holds for what extension modules need.
        rpath = ":".join(str(final / library) for library in libraries)
        options = ("--set-interpreter", f"{final}{loader}", "--force-rpath", "--set-rpath", rpath)
        patched = scratch / "patched"
        bed.run([patchelf, *options, "--output", patched, python])
        shutil.move(patched, python)

    return bed.cache.entry("cpython", final.name, make) / "usr/bin" / _NAME


def _prefix(bed: Bed) -> Path:
    return bed.cache.path("cpython", f"{SUITE}-{machine_architecture(bed)}-{digest(_PACKAGES)}")
