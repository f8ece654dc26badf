"""What is in a wheel, read without the help of what is tested."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from typing import TYPE_CHECKING

from elftools.elf.elffile import ELFFile

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class WheelFile:
    """The contents of a wheel."""

    names: tuple[str, ...]
    tags: tuple[str, ...]
    generator: str
    machines: dict[str, str]
    """The machine, class and byte order of each ELF file, by its name: ``AARCH64 64 little``."""

    @classmethod
    def from_path(cls, wheel: Path) -> WheelFile:
        with zipfile.ZipFile(wheel) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            metadata = next(name for name in names if name.endswith(".dist-info/WHEEL"))
            fields = Parser().parsestr(archive.read(metadata).decode())
            contents = {name: archive.read(name) for name in names}
        return cls(
            names=tuple(names),
            tags=tuple(fields.get_all("Tag", [])),
            generator=fields["Generator"],
            machines={name: machine(data) for name, data in contents.items() if data.startswith(b"\x7fELF")},
        )


def machine(data: bytes) -> str:
    """Return what the header of an ELF file says."""
    elf = ELFFile(io.BytesIO(data))
    return f"{elf['e_machine'].removeprefix('EM_')} {elf.elfclass} {'little' if elf.little_endian else 'big'}"
