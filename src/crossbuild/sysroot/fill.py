"""Filling a root with packages and all that they depend on."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from crossbuild.errors import SysrootError
from crossbuild.sysroot.model import MANIFEST
from crossbuild.sysroot.unpack import start_root, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crossbuild.sysroot.apt import Apt, Package
    from crossbuild.sysroot.model import Sysroot

_BASE = ("python3", "libpython3-dev", "libc6-dev")
_COMPILER = "g++"
_MEGA = 1e6


def base_packages(apt: Apt) -> tuple[str, ...]:
    """Return what every sysroot has: the release's own Python with its headers, libc, and what compilers link.

    Raises SysrootError naming what the archive lacks of it.
    """
    lacking = sorted({*_BASE, _COMPILER} - apt.package_names())
    if lacking:
        raise SysrootError(
            f"{apt.name} has no package {', '.join(lacking)}, without which there is no sysroot.",
            fix="Name a mirror of the whole release with --mirror, not an archive of additional packages.",
        )
    depends = " ".join(record.get("Depends", "") for record in apt.records([_COMPILER]))
    found = re.search(r"g\+\+-(\d+)", depends)
    if not found:
        raise SysrootError(
            f"The package {_COMPILER} of {apt.name} does not say which version of the compiler it stands for.",
            why=f"It depends on {depends or 'nothing'}.",
            fix="Name another mirror with --mirror.",
        )
    return (*_BASE, f"libgcc-{found[1]}-dev", f"libstdc++-{found[1]}-dev")


def fill(
    root: Path, apt: Apt, packages: Sequence[str], *, base: Sysroot | None = None, copy: Callable[[str, str], object]
) -> tuple[Package, ...]:
    """Fill the empty directory ``root`` with ``packages`` and all that they depend on; return everything in it.

    Where ``base`` holds a part of it in the very same versions, ``copy`` (``os.link`` or ``shutil.copy2``) takes that
    from there. Raises SysrootError.
    """
    closure = apt.resolve(packages)
    there = set(base.packages) if base else set()
    if base and there <= set(closure):
        without_manifest = shutil.ignore_patterns(MANIFEST)
        shutil.copytree(
            base.directory, root, symlinks=True, copy_function=copy, ignore=without_manifest, dirs_exist_ok=True
        )
    else:
        there = set()
        start_root(root)
    new = [package for package in closure if package not in there]
    size = sum(package.size for package in new) / _MEGA
    apt.runner.reporter.note(f"{len(new)} packages, {size:.1f} MB, from {apt.name}")
    unpack(zip(new, apt.download(closure, only=new), strict=True), root=root)
    return closure
