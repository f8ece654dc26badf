"""What a host's binaries say of its machine and C library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crossbuild.errors import HostError
from crossbuild.platforms.elf import read_elf
from crossbuild.platforms.platform import ARCHITECTURES

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.platforms.elf import ElfFile
    from crossbuild.platforms.platform import Architecture, LibcFamily


@dataclass(frozen=True, kw_only=True)
class HostBinary:
    """An executable or shared object of a host."""

    path: Path
    elf: ElfFile

    @classmethod
    def from_file(cls, path: Path) -> HostBinary:
        """Read the headers of ``path``. Raises HostError if it is not ELF, damaged, or unreadable."""
        try:
            if not path.is_file():
                raise HostError(f"{path} is not a file.")
            return cls(path=path, elf=read_elf(path.name, path.read_bytes(), symbols=False))
        except OSError as error:
            raise HostError(f"{path} cannot be read.", why=error.strerror or str(error)) from None
        except ValueError as error:
            raise HostError(
                f"{path} is not a whole ELF file.",
                why=str(error),
                fix="Copy it again, or name the real executable instead of a script that starts it.",
            ) from None

    @property
    def versions_needed(self) -> frozenset[str]:
        """``GLIBC_2.17`` and kin, of all libraries."""
        return frozenset(need.version for need in self.elf.version_needs)

    @property
    def architecture(self) -> Architecture:
        """The architecture it is for. Raises HostError for one that crossbuild does not know."""
        elf = self.elf
        if elf.architecture:
            return elf.architecture
        endian = "little" if elf.little_endian else "big"
        raise HostError(
            f"{self.path} is for a machine that crossbuild does not know: "
            f"{elf.machine.removeprefix('EM_')}, {elf.bits}-bit, {endian}-endian.",
            fix=f"Known architectures: {', '.join(sorted(ARCHITECTURES))}.",
        )

    @property
    def _loader(self) -> str:
        return self.elf.interpreter.rpartition("/")[2]

    @property
    def libc(self) -> LibcFamily | Literal[""]:
        """The family of its C library, by its loader or, without one, by what it needs; empty where that is silent."""
        names = (self._loader,) if self._loader else self.elf.needed
        # Alpine's musl has the soname libc.musl-ARCH.so.1; built from its own sources it is libc.so.
        if any(name.startswith(("ld-musl-", "libc.musl-")) or name == "libc.so" for name in names):
            return "musl"
        # Besides ld-linux*.so: the loaders of s390x and PowerPC are called otherwise.
        glibc = ("libc.so.6", "ld.so.1", "ld64.so.1", "ld64.so.2")
        return "glibc" if any(name.startswith("ld-linux") or name in glibc for name in names) else ""
