"""CPythons of Debian's releases, for this machine: with their own C library, since this machine's may be older."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from crossbuild.platforms.elf import read_elf
from crossbuild.system.cache import digest
from tests.testbed.debian import debian_root, machine_architecture, unpack_closure
from tests.testbed.tools import TOOLS_SUITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.testbed.bed import Bed

NEWEST = (3, 14)
"""The newest version that a release has."""
SUITES = {(3, 11): "bookworm", (3, 13): "trixie", NEWEST: "forky"}
"""The releases by their versions of Python."""
_APART = {(3, 11): ("python3-distutils",)}
"""Packages of parts of the standard library, by version."""
_SWITCH = "pyconfig.h"
"""The header that includes the one for the machine, which only this machine's own Python finds."""
_WHEELS = "/usr/share/python-wheels/"
"""Where ensurepip has its wheels."""


def debian_python(bed: Bed, version: tuple[int, int]) -> Path:
    """Return the interpreter. It names its loader and libraries by absolute paths, so that copies of it run, too.

    Other programs that it starts get this machine's.
    """
    architecture, suite = machine_architecture(bed), SUITES[version]
    name = "python{}.{}".format(*version)
    packages = (f"{name}-dev", f"{name}-venv", "libc6", "libstdc++6", *_APART.get(version, ()))
    final = bed.cache.path("cpython", f"{suite}-{architecture}-{digest(packages, _SWITCH, _WHEELS)}")

    def make(scratch: Path) -> None:
        unpack_closure(bed, suite, architecture, packages, into=scratch)
        python = scratch / "usr/bin" / name
        loader = read_elf(python.name, python.read_bytes(), symbols=False).interpreter
        libraries = {found.parent.relative_to(scratch) for found in scratch.glob("usr/lib/*-linux-gnu*/libc.so.6")}
        patchelf = debian_root(bed, TOOLS_SUITE, architecture, ["patchelf"]) / "usr/bin/patchelf"
        # Unlike RUNPATH, RPATH also holds for what extension modules need.
        rpath = ":".join(str(final / library) for library in libraries)
        options = ("--set-interpreter", f"{final}{loader}", "--force-rpath", "--set-rpath", rpath)
        patched = scratch / "patched"
        bed.run([patchelf, *options, "--output", patched, python])
        shutil.move(patched, python)
        _localise_headers(scratch, name)
        _localise_wheels(scratch, final, name)

    return bed.cache.entry("cpython", final.name, make) / "usr/bin" / name


def _localise_headers(root: Path, name: str) -> None:
    """Let compilers find the headers of the Python ``name`` that are in the directory of the machine."""
    for found in root.glob(f"usr/include/*/{name}/{_SWITCH}"):
        machine = found.parent.parent.name
        beside = root / "usr/include" / name / machine / name
        beside.mkdir(parents=True)
        shutil.copy(found, beside)


def _localise_wheels(root: Path, final: Path, name: str) -> None:
    """Let the ensurepip of the Python ``name`` find the wheels below ``root``, which will be called ``final``."""
    for file in root.glob(f"usr/lib/{name}/_sysconfigdata*.py"):
        if not file.is_symlink():
            file.write_text(file.read_text().replace(f"'{_WHEELS}'", f"'{final}{_WHEELS}'"))
