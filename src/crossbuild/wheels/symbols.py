"""Does something define each symbol that the extensions and programs of a wheel need?

CPython has the loader bind all symbols of an extension when it is imported (``RTLD_NOW``), so the import fails if one
is defined nowhere: neither by what the extension loads, nor by Python, nor by the C library.

Sources: ld.so(8), dlopen(3), CPython's Python/dynload_shlib.c.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.wheels.extension_names import suffix_of
from crossbuild.wheels.findings import WheelFinding, listed
from crossbuild.wheels.host_symbols import HostSymbols
from crossbuild.wheels.machine_code import is_libc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crossbuild.host.model import Host
    from crossbuild.platforms.elf import ElfFile
    from crossbuild.wheels.host_libraries import HostLibraries
    from crossbuild.wheels.loading import Scope
    from crossbuild.wheels.wheel_contents import WheelContents


def symbol_findings(contents: WheelContents, host: Host, libraries: HostLibraries) -> Iterator[WheelFinding]:
    """Yield a problem or a warning for each file of the wheel with symbols that nothing defines.

    Where a library cannot be looked into, such as one of another distribution, nothing is said of what loads it.
    """
    search = _Search(known=HostSymbols(host=host, libraries=libraries), contents=contents)
    found = (finding for scope in contents.loading.scopes for finding in search.findings_in(scope))
    # A library may be loaded with several extensions.
    yield from dict.fromkeys(found)


@dataclass(frozen=True, kw_only=True)
class _Search:
    known: HostSymbols
    contents: WheelContents

    def findings_in(self, scope: Scope) -> Iterator[WheelFinding]:
        """Yield what is wrong with the files in ``scope``."""
        in_python = suffix_of(scope.start) is not None
        python = self.known.python if in_python else None
        defined = [python.names] if python else []
        defined += [elf.exported for elf in self._loaded(scope)]
        missing = {elf: names for elf in scope.files if (names := _without(self._needed_by(elf), defined))}
        of_host = self.known.of_libraries(self._external(scope)) if missing else None
        # None: there are libraries that nothing is known of.
        if of_host is not None:
            for elf, names in missing.items():
                if unknown := names - of_host - self.known.libc:
                    yield from self._findings_of(elf, unknown, in_python=in_python)

    def _loaded(self, scope: Scope) -> Iterator[ElfFile]:
        yield from scope.files
        # A package may load its libraries itself, where the loader does not find them.
        for stray in self.contents.loading.strays:
            if stray.library and stray.needing in scope.files:
                yield stray.library

    def _needed_by(self, elf: ElfFile) -> frozenset[str]:
        # Versions that the host does not have are another finding; without its C library, nothing else is known.
        elsewhere = (need.symbols for need in elf.version_needs if not self.known.has_version(need.version))
        return elf.undefined - elf.weak - frozenset(name for symbols in elsewhere for name in symbols)

    def _external(self, scope: Scope) -> list[str]:
        of_wheel, libc = self.contents.loading.of_wheel, self.known.host.platform.libc
        needed = dict.fromkeys(soname for elf in scope.files for soname in elf.needed if soname not in of_wheel(elf))
        return [soname for soname in needed if not is_libc(soname, libc)]

    def _findings_of(self, elf: ElfFile, names: frozenset[str], *, in_python: bool) -> Iterator[WheelFinding]:
        of_python = frozenset(name for name in names if in_python and self.known.is_pythons(name))
        if of_python and self.known.python:
            text = f"uses {listed(of_python, self._history)}"
            yield WheelFinding(id="python-symbol", file=elf.name, text=text)
        others = names - of_python
        of_files = [one.exported for one in self.contents.elf_files]
        certain = _without(others, of_files) if self.known.is_measured else frozenset()
        if certain:
            text = f"uses {listed(certain)}, and neither the wheel nor the host defines {_them(certain)}"
            yield WheelFinding(id="missing-symbol", file=elf.name, text=text, tolerable=True)
        if doubtful := others - certain:
            text = f"uses {listed(doubtful)}, and nothing that it loads is known to define {_them(doubtful)}"
            yield WheelFinding(id="unknown-symbol", file=elf.name, text=text)

    def _history(self, symbol: str) -> str:
        version = self.known.host.python_version
        return self.known.history.describe(symbol, version) or f"which Python {self.known.host.version} does not export"


def _without(names: frozenset[str], definitions: Iterable[frozenset[str]]) -> frozenset[str]:
    # Not by a union: many extensions may load the same large library.
    for defined in definitions:
        names -= defined
    return names


def _them(names: frozenset[str]) -> str:
    return "it" if len(names) == 1 else "them"
