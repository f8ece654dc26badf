"""What an ELF file demands of the CPU, by its program properties.

Sources: the Linux gABI extensions (program properties), the x86-64 psABI (GNU_PROPERTY_X86_ISA_1_NEEDED), and glibc's
sysdeps/x86/dl-prop.h, which refuses to load what the CPU cannot run.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.platforms.elf_image import ElfImage

_PT_GNU_PROPERTY = 0x6474E553
_EM_X86_64 = 62
_LARGEST = 1 << 16
_NOTE = struct.Struct("<3I4s")
"""The sizes of name and description, the type, and the name."""
_PROPERTY = struct.Struct("<II")
"""Type and size."""
_WORD = 4
"""Bytes of a property that is a number."""
_TYPE, _NAME = 5, b"GNU\0"
"""``NT_GNU_PROPERTY_TYPE_0``."""
_ISA_NEEDED = 0xC0008002


def x86_level(image: ElfImage) -> int:
    """Return the highest level of x86-64 that ``image`` needs: 1 is what all CPUs have; 0 if it needs none."""
    if image.machine != _EM_X86_64:
        return 0
    # Each level is a bit, and the baseline is the first.
    return max((value.bit_length() for kind, value in _properties(image) if kind == _ISA_NEEDED), default=0)


def _properties(image: ElfImage) -> Iterator[tuple[int, int]]:
    """Yield type and value of each property that is a number of 32 bits."""
    segment = image.first(_PT_GNU_PROPERTY)
    note = image.content[segment.offset : segment.offset + min(segment.size, _LARGEST)] if segment else b""
    if len(note) < _NOTE.size:
        return
    _, size, kind, name = _NOTE.unpack_from(note)
    if (kind, name) != (_TYPE, _NAME):
        return
    rest = note[_NOTE.size : _NOTE.size + size]
    while len(rest) >= _PROPERTY.size:
        kind, size = _PROPERTY.unpack_from(rest)
        value = rest[_PROPERTY.size : _PROPERTY.size + size]
        if size == len(value) == _WORD:
            yield kind, int.from_bytes(value, "little")
        rest = rest[_PROPERTY.size + size + -size % (image.bits // 8) :]
