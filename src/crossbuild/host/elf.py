"""The facts of an ELF file that say which machine and C library it is for.

Sources: the System V ABI and its supplements (header), the ARM ELF ABI (``e_flags``), the LSB (symbol versions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crossbuild.errors import HostError
from crossbuild.platforms import ARCHITECTURES

if TYPE_CHECKING:
    from pathlib import Path

    from elftools.elf.elffile import ELFFile

    from crossbuild.platforms import Architecture, LibcFamily

_SOFT_FLOAT, _HARD_FLOAT = 0x200, 0x400
_EABI_LOADERS = ("ld-linux.so.3", "ld-musl-arm.so.1")
"""The loaders of 32-bit Arm systems with the soft-float calling convention."""


@dataclass(frozen=True, kw_only=True)
class ElfFacts:
    """What an executable or shared object says of itself."""

    path: Path
    machine: str
    """pyelftools' name: ``EM_AARCH64``."""
    bits: int
    little_endian: bool
    flags: int
    """``e_flags``."""
    interpreter: str
    """The loader it asks for: ``/lib/ld-linux-aarch64.so.1``; empty for shared objects."""
    needed: tuple[str, ...]
    versions_needed: frozenset[str]
    """``GLIBC_2.17`` and kin, of all libraries."""
    versions_defined: frozenset[str]

    @classmethod
    def from_file(cls, path: Path) -> ElfFacts:
        """Read the headers of ``path``. Raises HostError if it is not ELF, damaged, or unreadable."""
        from elftools.common.exceptions import ELFError
        from elftools.construct import ConstructError
        from elftools.elf.elffile import ELFFile

        damaged = (ELFError, ConstructError, ValueError, LookupError, AttributeError, TypeError, ArithmeticError)
        try:
            if not path.is_file():
                raise HostError(f"{path} is not a file.")
            with path.open("rb") as stream:
                return cls._from_elf(ELFFile(stream), path)
        except OSError as error:
            raise HostError(f"{path} cannot be read.", why=error.strerror or str(error)) from None
        except (*damaged, AssertionError, MemoryError, RecursionError) as error:
            raise HostError(
                f"{path} is not a whole ELF file.",
                why=str(error),
                fix="Copy it again, or name the real executable instead of a script that starts it.",
            ) from None

    @classmethod
    def _from_elf(cls, elf: ELFFile, path: Path) -> ElfFacts:
        return cls(
            path=path,
            machine=str(elf["e_machine"]),
            bits=elf.elfclass,
            little_endian=elf.little_endian,
            flags=elf["e_flags"],
            interpreter=_interpreter(elf),
            needed=_needed(elf),
            versions_needed=_versions(elf, ".gnu.version_r"),
            versions_defined=_versions(elf, ".gnu.version_d"),
        )

    @property
    def architecture(self) -> Architecture:
        """The architecture it is for. Raises HostError for one that crossbuild does not know."""
        for known in ARCHITECTURES.values():
            facts = (known.elf_machine, known.bits, known.little_endian)
            if facts == (self.machine, self.bits, self.little_endian) and not self._soft_float:
                return known
        endian = "little" if self.little_endian else "big"
        abi = ", soft-float" if self._soft_float else ""
        raise HostError(
            f"{self.path} is for a machine that crossbuild does not know: "
            f"{self.machine.removeprefix('EM_')}, {self.bits}-bit, {endian}-endian{abi}.",
            fix=f"Known architectures: {', '.join(sorted(ARCHITECTURES))}; 32-bit Arm with hard floats only.",
        )

    @property
    def _soft_float(self) -> bool:
        if self.machine != "EM_ARM":
            return False
        if self.flags & (_SOFT_FLOAT | _HARD_FLOAT):
            return not self.flags & _HARD_FLOAT
        return self.interpreter.rpartition("/")[2] in _EABI_LOADERS

    @property
    def libc(self) -> LibcFamily | Literal[""]:
        """The family of its C library, by its loader or, without one, by what it needs; empty where that is silent."""
        names = (self.interpreter.rpartition("/")[2],) if self.interpreter else self.needed
        if any(name.startswith(("ld-musl-", "libc.musl-")) or name == "libc.so" for name in names):
            return "musl"
        glibc = ("libc.so.6", "ld.so.1", "ld64.so.1", "ld64.so.2")
        return "glibc" if any(name.startswith("ld-linux") or name in glibc for name in names) else ""


def _interpreter(elf: ELFFile) -> str:
    from elftools.elf.segments import InterpSegment

    for segment in elf.iter_segments("PT_INTERP"):
        if isinstance(segment, InterpSegment):
            return str(segment.get_interp_name())
    return ""


def _needed(elf: ELFFile) -> tuple[str, ...]:
    from elftools.elf.dynamic import DynamicSegment

    for segment in elf.iter_segments("PT_DYNAMIC"):
        if isinstance(segment, DynamicSegment):
            return tuple(str(getattr(tag, "needed", "")) for tag in segment.iter_tags("DT_NEEDED"))
    return ()


def _versions(elf: ELFFile, section_name: str) -> frozenset[str]:
    """Return the names of symbol versions. A definition's first name is its own; the others are what it inherits."""
    from elftools.elf.gnuversions import GNUVerDefSection, GNUVerNeedSection

    section = elf.get_section_by_name(section_name)
    if isinstance(section, GNUVerNeedSection):
        return frozenset(str(entry.name) for _, entries in section.iter_versions() for entry in entries)
    if isinstance(section, GNUVerDefSection):
        return frozenset(str(next(names).name) for _, names in section.iter_versions())
    return frozenset()
