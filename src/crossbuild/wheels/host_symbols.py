"""What the host defines for extensions: the symbols of its Python, its C library, and the libraries in its root.

Sources: CPython's Makefile.pre.in (``INSTSONAME``, ``BINDIR``, ``LIBDIR``), ld.so(8) (symbols are looked for in the
program and what it needs before all others), musl's WHATSNEW of 1.2.4 (``open64`` and others like it are resolved only
for programs that are linked already).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.reading.files import follow, read_file
from crossbuild.platforms.elf import read_elf
from crossbuild.wheels.host_libraries import LibrarySearch
from crossbuild.wheels.machine_code import is_for, is_libc
from crossbuild.wheels.python_symbols import LIBPYTHON, NAME, SymbolHistory
from crossbuild.wheels.references import is_measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.platforms.elf import ElfFile
    from crossbuild.platforms.platform import LibcFamily
    from crossbuild.wheels.host_libraries import HostLibraries

_LARGEST = 1 << 30
"""Bytes of a library; the largest real ones have about a tenth of it."""
_OF_EVERY_PYTHON = "PyModule_Create2"
_ALL_VERSIONED = re.compile(r"lib(stdc\+\+|gcc_s|gomp|atomic)\.so\.\d+")
"""The libraries of GCC in which each symbol has a version: a symbol without one is of no use to them."""


@dataclass(frozen=True, kw_only=True)
class PythonSymbols:
    """What the host's Python exports."""

    names: frozenset[str]
    is_own: bool
    """Whether they were read from the host's own Python. Otherwise they are those of its version of CPython."""


@dataclass(frozen=True, kw_only=True)
class HostSymbols:
    """What the host defines. Each part is read when it is first asked for."""

    host: Host
    libraries: HostLibraries

    @property
    def is_measured(self) -> bool:
        """Whether the host has no other C library than the one in its root."""
        return is_measured(self.host) and bool(self.libraries.libc)

    @property
    def history(self) -> SymbolHistory:
        """What each version of CPython exports."""
        return _known_pythons()

    @cached_property
    def python(self) -> PythonSymbols | None:
        """What its Python exports; None if that is not there to be read, and of a version that is not known."""
        own = self._exported(_python_files(self.host))
        if _OF_EVERY_PYTHON in own:
            return PythonSymbols(names=own | self._exported(self._of_program()), is_own=True)
        names = self.history.exported(self.host.python_version, self.host.abi_flags)
        return PythonSymbols(names=names, is_own=False) if names else None

    def is_pythons(self, symbol: str) -> bool:
        """Return whether only Python can be meant to export ``symbol``.

        Any release of CPython may bring private ones, so that only what is known, or read, tells of those.
        """
        if not NAME.fullmatch(symbol):
            return False
        return symbol in self.history.known or symbol[0] != "_" or self.python is None or self.python.is_own

    @cached_property
    def libc(self) -> frozenset[str]:
        """What its C library defines, or any release of it where the host's own is not there to be read."""
        return self._exported(self.libraries.libc) if self.is_measured else known_libc(self.host.platform.libc)

    def has_version(self, version: str) -> bool:
        """Return whether the root has a library with symbols of that version, and the C library."""
        return self.is_measured and version in self._versions

    @cached_property
    def _versions(self) -> frozenset[str]:
        libc = (elf for path in self.libraries.libc if (elf := self._elf(path)))
        others = (provider.elf for provider in self.libraries.providers.values() if provider.fits)
        return frozenset(version for elf in (*libc, *others) for version in elf.version_definitions)

    def of_libraries(self, sonames: Iterable[str]) -> frozenset[str] | None:
        """Return what the libraries ``sonames``, and what they need, define; None if one of them cannot be read.

        Of a library whose symbols all have versions, it does not matter what it defines: the versions tell.
        """
        defined: set[str] = set()
        for soname in sonames:
            loaded = [one for one in self.libraries.closure(soname, passing_over=frozenset()) if one.fits]
            needed = {soname, *(name for one in loaded for name in one.elf.needed)}
            unread = needed - {one.soname for one in loaded}
            if not all(self._tells_by_versions(name) for name in unread):
                return None
            defined |= self._exported(one.file for one in loaded)
        return frozenset(defined)

    def _tells_by_versions(self, soname: str) -> bool:
        own = LIBPYTHON.fullmatch(soname) or is_libc(soname, self.host.platform.libc)
        return bool(own or (_ALL_VERSIONED.fullmatch(soname) and not is_measured(self.host)))

    def _of_program(self) -> Iterator[Path]:
        """Yield the libraries that the program needs: they are loaded before any extension."""
        search = LibrarySearch.from_host(self.host)
        for file in _python_files(self.host):
            elf = self._elf(file)
            found = (search.find(soname, ()) for soname in (elf.needed if elf else ()))
            yield from (each.file for each in found if each and each.fits)

    def _exported(self, paths: Iterable[Path]) -> frozenset[str]:
        return frozenset(name for path in paths if (elf := self._elf(path)) for name in elf.exported)

    def _elf(self, path: Path) -> ElfFile | None:
        with suppress(HostError, OSError):
            file = follow(path, root=self.libraries.root)
            elf = _read(file, file.stat().st_mtime_ns)
            return elf if elf and is_for(elf, self.host.platform) else None
        return None


@lru_cache(maxsize=256)
def _read(file: Path, _changed: int) -> ElfFile | None:
    """Read a library. Each wheel for a host needs the same ones."""
    with suppress(ValueError):
        return read_elf(file.name, read_file(file, limit=_LARGEST))
    return None


def _python_files(host: Host) -> Iterator[Path]:
    """Yield where the program and the shared library of the host's Python may be on this machine."""
    if host.synthesised:
        return
    variables = {name: str(host.build_time_vars.get(name) or "") for name in ("BINDIR", "LIBDIR", "INSTSONAME")}
    program = f"python{host.version}{host.abi_flags}"
    library = variables["INSTSONAME"] if ".so" in variables["INSTSONAME"] else ""
    if host.prefix:
        yield host.prefix / "bin" / program
        yield from [host.prefix / "lib" / library] if library else []
    if host.sysroot:
        yield host.sysroot / variables["BINDIR"].lstrip("/") / program
        yield from [host.sysroot / variables["LIBDIR"].lstrip("/") / library] if library else []


@cache
def _known_pythons() -> SymbolHistory:
    return SymbolHistory.from_package()


@cache
def known_libc(family: LibcFamily) -> frozenset[str]:
    """Return the symbols that some release of the C library defines, on some machine (``tests.known_symbols``)."""
    names = (files("crossbuild.wheels") / f"{family}_symbols.txt").read_text(encoding="ascii").split()
    large = (f"{name}64" for name in names) if family == "musl" else ()
    return frozenset((*names, *large))
