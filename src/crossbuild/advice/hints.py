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


def hint_lines(suppliers: Sequence[Supplier], *, root: str = "") -> tuple[str, ...]:
    """Return what lacked and which package has it, a line each, then what to add and to install.

    What the build only asked for, and may have done without, comes with an option of its own. It is not spoken of if no
    package has it and the build said what it stopped for. ``root`` is the user's own root, to which no option adds
    anything.
    """
    needed = [one for one in suppliers if one.lack.decisive]
    wished = [one for one in suppliers if not one.lack.decisive and (one.package or not needed)]
    packages = sysroot_packages(needed)
    more = [package for package in sysroot_packages(wished) if package not in packages]
    programs = _packages([*needed, *wished], "build-machine")
    add = f"Install in {root}" if root else "Add"
    in_words = " ".join if root else sysroot_options
    return (
        *(f"The build lacked {_described(one)}" for one in needed),
        *(f"It {'also ' if needed else ''}asked for {_described(one)}" for one in wished),
        *([f"{add}: {in_words(packages)}"] if packages else []),
        *([f"{add}, {'where wanted' if packages else 'if it is for that'}: {in_words(more)}"] if more else []),
        *([f"Install on this machine: apt install {' '.join(programs)}"] if programs else []),
    )


def compiler_lines(lacks: Sequence[Lack], platform: Platform) -> tuple[str, ...]:
    """Return that compilers lacked, Fortran's being the only one that may, and how to have them for ``platform``."""
    lines = (f"The build {'lacked' if one.decisive else 'asked for'} {one}, and there is none." for one in lacks)
    return (*lines, how_to_get_fortran(platform)) if lacks else ()


def _packages(suppliers: Iterable[Supplier], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.package for one in suppliers if one.package and one.kind == kind))


def _described(supplier: Supplier) -> str:
    if supplier.package is None:
        return f"{supplier.lack}, which no package of the distribution has."
    others = f" (or {', '.join(supplier.others)})" if supplier.others else ""
    return f"{supplier.lack}: {supplier.package}{others} has it."
