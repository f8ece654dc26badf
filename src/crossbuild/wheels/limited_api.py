"""Do the extensions of a wheel for the stable ABI keep to it?

Sources: PEP 384 and PEP 803 (``abi3``, ``abi3t``), and CPython's Misc/stable_abi.toml, of which abi3info is a copy.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.wheels.extension_names import suffix_of
from crossbuild.wheels.findings import WheelFinding, listed
from crossbuild.wheels.python_symbols import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.platforms.elf import ElfFile
    from crossbuild.wheels.wheel_contents import WheelContents

_STABLE = frozenset(("abi3", "abi3t"))
_CPYTHON = re.compile(r"cp3(\d+)")
_VERSIONED_SUFFIX = re.compile(r"\.cpython-.*")


def limited_api_problems(contents: WheelContents) -> Iterator[WheelFinding]:
    """Yield a problem for each extension that uses more of Python than the stable ABI of the wheel's tag has."""
    minors = [
        int(found[1]) for tag in contents.tags if tag.abi in _STABLE and (found := _CPYTHON.fullmatch(tag.interpreter))
    ]
    if minors:
        defined = frozenset(name for elf in contents.elf_files for name in elf.exported)
        for elf in contents.elf_files:
            suffix = suffix_of(elf)
            if suffix is not None and not _VERSIONED_SUFFIX.fullmatch(suffix):
                yield from _problems_of(elf, elf.undefined - elf.weak - defined, min(minors))


def _problems_of(elf: ElfFile, symbols: frozenset[str], floor: int) -> Iterator[WheelFinding]:
    added = _added()
    used = sorted(filter(NAME.fullmatch, symbols))
    outside = [symbol for symbol in used if symbol not in added]
    later = [symbol for symbol in used if added.get(symbol, 0) > floor]
    if outside:
        text = f"uses {listed(outside)}, which the stable ABI does not have"
        yield WheelFinding(id="beyond-stable-abi", file=elf.name, text=text, tolerable=True)
    if later:
        first = max(added[symbol] for symbol in later)
        text = f"uses {listed(later)}, which the stable ABI has since Python 3.{first}, and the tag promises 3.{floor}"
        yield WheelFinding(id="beyond-stable-abi", file=elf.name, text=text, tolerable=True)


def _added() -> dict[str, int]:
    """Return the minor version of the Python that added each symbol to the stable ABI."""
    # The table is large, and few wheels need it.
    from abi3info import DATAS, FUNCTIONS

    return {symbol.name: each.added.minor for table in (FUNCTIONS, DATAS) for symbol, each in table.items()}
