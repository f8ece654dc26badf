"""Filling a root with packages and all that they depend on."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from crossbuild.errors import CrossbuildError, SysrootError
from crossbuild.reporting import progress_of
from crossbuild.sysroot.model import MANIFEST
from crossbuild.sysroot.refusals import PackagesMissingError
from crossbuild.sysroot.unpack import DATABASE, start_root, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from crossbuild.reporting import Advance, Reporter
    from crossbuild.sysroot.apt import Apt, SysrootPackage
    from crossbuild.sysroot.model import Sysroot
    from crossbuild.sysroot.recipe import Recipe

_BASE = ("python3", "libpython3-dev", "libc6-dev")
_COMPILER = "g++"
_MEGA = 1e6
_T = TypeVar("_T")


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
    # The compiler's headers and start files are in packages named for its version, which only the dependencies of g++
    # tell. g++ itself stays out: it is a program for the host, and large.
    depends = " ".join(record.get("Depends", "") for record in apt.records([_COMPILER]))
    found = re.search(r"g\+\+-(\d+)", depends)
    if not found:
        raise SysrootError(
            f"The package {_COMPILER} of {apt.name} does not say which version of the compiler it stands for.",
            why=f"It depends on {depends or 'nothing'}.",
            fix="Name another mirror with --mirror.",
        )
    return (*_BASE, f"libgcc-{found[1]}-dev", f"libstdc++-{found[1]}-dev")


@dataclass(frozen=True, kw_only=True)
class Filling:
    """What a root is filled with."""

    closure: tuple[SysrootPackage, ...]
    """All packages that are in it at the end."""
    new: tuple[tuple[SysrootPackage, Path], ...]
    """Those that are unpacked, with their files."""
    base: Sysroot | None
    """Where the others are taken from."""


def fetch(recipe: Recipe, apt: Apt) -> Filling:
    """Choose and download the packages that ``recipe`` wants, with all that they depend on.

    If that fails, but new packages can be added to the root as it is, the versions in it stay. Raises SysrootError.
    """
    try:
        return _fetch_newest(recipe, apt)
    except SysrootError as error:
        filling = recipe.base and _addition(recipe, recipe.base, apt)
        if not filling:
            raise
        apt.runner.reporter.warning(f"{error.what} Packages already in {recipe.name} keep their versions.")
        return filling


def _fetch_newest(recipe: Recipe, apt: Apt) -> Filling:
    """If the archive lacks a package that its index lists, the index may be out of date, and is fetched again, once."""
    try:
        return _fetch(recipe, apt)
    except PackagesMissingError:
        if apt.lists == "kept" or not _refreshed(apt):
            raise
    return _fetch(recipe, apt)


def _refreshed(apt: Apt) -> bool:
    apt.runner.reporter.note(f"Files are missing from {apt.request}; fetching its package lists again")
    try:
        apt.refresh()
    except CrossbuildError:
        return False
    return True


def _fetch(recipe: Recipe, apt: Apt) -> Filling:
    closure = apt.resolve(recipe.wanted(base_packages(apt)))
    base = recipe.base if recipe.base and set(recipe.base.packages) <= set(closure) else None
    return _downloaded(closure, base, apt)


def _addition(recipe: Recipe, base: Sysroot, apt: Apt) -> Filling | None:
    """Choose and download what ``recipe`` wants beyond ``base``; return None if that needs other versions there."""
    # With the root's own status file, apt takes its packages for installed, and leaves their versions alone.
    beside = replace(apt, status=base.directory / DATABASE / "status")
    try:
        new = beside.resolve([package for package in recipe.requested if package not in base.requested])
        if {package.name for package in new} & {package.name for package in base.packages}:
            return None
        return _downloaded(tuple(sorted((*base.packages, *new), key=_by_name)), base, beside)
    except SysrootError:
        return None


def _by_name(package: SysrootPackage) -> tuple[str, str]:
    return package.name, package.version


def _downloaded(closure: tuple[SysrootPackage, ...], base: Sysroot | None, apt: Apt) -> Filling:
    there = set(base.packages) if base else set()
    new = [package for package in closure if package not in there]
    size = sum(package.size for package in new) / _MEGA
    apt.runner.reporter.note(f"{len(new)} packages, {size:.1f} MB, from {apt.request}")
    # apt downloads nothing that the status file has as installed.
    files = apt.download(new if apt.status else closure, only=new)
    return Filling(closure=closure, new=tuple(zip(new, files, strict=True)), base=base)


def fill(root: Path, filling: Filling, *, copy: Callable[[str, str], object], reporter: Reporter) -> None:
    """Fill the empty directory ``root``; ``copy`` (``os.link`` or ``shutil.copy2``) takes what another has already.

    ``reporter`` hears how much is unpacked. Raises SysrootError.
    """
    if filling.base:
        without_manifest = shutil.ignore_patterns(MANIFEST)
        shutil.copytree(
            filling.base.directory, root, symlinks=True, copy_function=copy, ignore=without_manifest, dirs_exist_ok=True
        )
    else:
        start_root(root)
    with progress_of(reporter, "Unpack the packages", unit="steps") as advance:
        unpack(_counted(filling.new, advance), root=root)


def _counted(packages: Sequence[_T], advance: Advance) -> Iterator[_T]:
    """Yield ``packages``, and tell how many of them were taken."""
    for number, package in enumerate(packages):
        advance(number, len(packages))
        yield package
