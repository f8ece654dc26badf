"""Is what is called an extension module one that the host Python can import?

Sources: CPython's Python/importdl.c (the names of the functions that it calls), PEP 489 (names that are not ASCII), PEP
793 (``PyModExport_``), and dlopen(3), which loads shared objects only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.wheels.extension_names import importable_suffixes, suffix_of
from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.python_symbols import LIBPYTHON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.host.model import Host
    from crossbuild.platforms.elf import ElfFile
    from crossbuild.wheels.wheel_contents import Impostor

_PLAIN = ".so"
"""The one suffix that libraries have as well."""
_FIRST_WITH_EXPORTS = (3, 15)
_KINDS = {"ET_REL": "an object file", "ET_EXEC": "a program", "ET_CORE": "a core dump", "ET_NONE": "of no kind"}
_PACKAGE = "__init__"


def impostor_problem(impostor: Impostor, *, tolerable: bool) -> WheelFinding:
    """Return the problem of a file that is called like a shared library, and is something else."""
    return WheelFinding(
        id="not-a-library",
        file=impostor.file,
        text=f"is {impostor.kind}, and not a shared library",
        tolerable=tolerable,
    )


def extension_problems(elf: ElfFile, host: Host) -> Iterator[WheelFinding]:
    """Yield why ``elf``, which is for the host's machine, cannot be imported or loaded, if it has a name for that."""
    stem, dot, rest = elf.base_name.partition(".")
    suffix = dot + rest
    if suffix not in importable_suffixes(host):
        return
    if what := _not_loadable(elf):
        yield WheelFinding(id="not-loadable", file=elf.name, text=f"is {what}, which Python cannot load")
    elif suffix != _PLAIN and elf.exported.isdisjoint(wanted := _init_functions(elf, stem, host)):
        yield _without_init(elf, wanted[0])


def libpython_problems(elf: ElfFile, host: Host, provided: frozenset[str]) -> Iterator[WheelFinding]:
    """Yield a problem if the extension ``elf`` needs the libpython of another Python than the host's.

    ``provided``: the libraries inside the wheel.
    """
    own = f"{host.version}{host.abi_flags}"
    for library in elf.needed if suffix_of(elf) is not None else ():
        found = LIBPYTHON.fullmatch(library)
        if found and found["version"] != own and library not in provided:
            text = f"is linked with {library}, and the host has Python {own}"
            yield WheelFinding(id="wrong-libpython", file=elf.name, text=text)


def _not_loadable(elf: ElfFile) -> str:
    if elf.kind != "ET_DYN":
        return _KINDS.get(elf.kind, elf.kind)
    if elf.is_program:
        return "a program"
    if not elf.is_loadable:
        return "an ELF file with nothing to load"
    return "" if elf.is_whole else "an ELF file that is cut off"


def _without_init(elf: ElfFile, wanted: str) -> WheelFinding:
    others = sorted(elf.modules)
    more = f"; it is the module {others[0]}" if others else ""
    return WheelFinding(
        id="no-init-function",
        file=elf.name,
        text=f"does not export {wanted}, so Python cannot import it{more}",
        fix="Give the file the name of the module, and export its initialisation function (PyMODINIT_FUNC). A library "
        "that nothing imports is called plain .so.",
        tolerable=True,
    )


def _init_functions(elf: ElfFile, stem: str, host: Host) -> list[str]:
    """Return the functions that the host Python looks for in the module ``stem``, the usual one first."""
    name = elf.name.split("/")[-2] if stem == _PACKAGE and "/" in elf.name else stem
    prefix, encoded = ("", name) if name.isascii() else ("U", name.encode("punycode").decode().replace("-", "_"))
    kinds = ["PyInit", *(["PyModExport"] if host.python_version[:2] >= _FIRST_WITH_EXPORTS else [])]
    return [f"{kind}{prefix}_{encoded}" for kind in kinds]
