"""What to tell the user whose build lacked something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.toolchain.fortran import how_to_get_fortran

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossbuild.advice.missing_files import Lack
    from crossbuild.advice.suppliers import Supplier
    from crossbuild.platforms.platform import Platform


def sysroot_packages(suppliers: Iterable[Supplier]) -> tuple[str, ...]:
    """Return the packages that a sysroot needs, each once, in order."""
    return _packages(suppliers, "sysroot")


def sysroot_options(packages: Iterable[str]) -> str:
    """Return the options of the command line that add ``packages``."""
    return " ".join(f"--sysroot-package {package}" for package in packages)


def hint_lines(suppliers: Sequence[Supplier], *, root: str = "", automatic: bool = False) -> tuple[str, ...]:
    """Return what is missing and which package provides it, a line each, then how to add and to install it.

    What the build only looked for, and may have done without, has an option of its own. It is left out if no package
    provides it and the build said what it stopped for. ``root`` is the user's own root, to which no option adds
    anything. ``automatic``: whether --auto-sysroot was given, so that there is no need to offer it.
    """
    needed = [one for one in suppliers if one.lack.decisive]
    wished = [one for one in suppliers if not one.lack.decisive and (one.package or not needed)]
    packages = sysroot_packages(needed)
    more = [package for package in sysroot_packages(wished) if package not in packages]
    programs = _packages([*needed, *wished], "build-machine")
    itself = "" if automatic else "--auto-sysroot to add missing packages as they are found, or with "
    how, shown = (f"install in {root}:", " ".join) if root else (f"build again with {itself}".rstrip(), sysroot_options)
    return (
        *(f"Missing: {_described(one)}" for one in needed),
        *(f"{'Also looked' if needed else 'Looked'} for: {_described(one)}" for one in wished),
        *([f"{how[:1].upper()}{how[1:]} {shown(packages)}"] if packages else []),
        *([f"For the others as well: {shown(more)}"] if more and packages else []),
        *([f"If that is the reason, {how} {shown(more)}"] if more and not packages else []),
        *([f"Install on this machine: apt install {' '.join(programs)}"] if programs else []),
    )


def compiler_lines(lacks: Sequence[Lack], platform: Platform) -> tuple[str, ...]:
    """Return which compilers are missing, which can only be Fortran's, and how to get them for ``platform``."""
    lines = (f"{'Missing' if one.decisive else 'Looked for'}: {one}." for one in lacks)
    return (*lines, how_to_get_fortran(platform)) if lacks else ()


def _packages(suppliers: Iterable[Supplier], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.package for one in suppliers if one.package and one.kind == kind))


def _described(supplier: Supplier) -> str:
    if supplier.package is None:
        return f"{supplier.lack}, which no package of the distribution provides."
    others = f" (or {', '.join(supplier.others)})" if supplier.others else ""
    return f"{supplier.lack}, provided by {supplier.package}{others}."
