"""What keeps the host's loader from taking an ELF file that can be read.

Sources: glibc's elf/dl-load.c (``open_verify()`` and ``_dl_map_object_from_fd()``) and sysdeps/powerpc/powerpc64's
dl-machine.h; musl and the kernel look at less.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.platforms.elf_image import ElfImage, Segment

_CURRENT = 1
"""``EV_CURRENT``, the one version of the format."""
_SYSTEMS = frozenset((0, 3))
"""``ELFOSABI_SYSV`` and ``ELFOSABI_GNU``."""
_ARM, _OF_ARM = 40, frozenset((64, 97))
"""``EM_ARM``, ``ELFOSABI_ARM_AEABI`` and ``ELFOSABI_ARM``."""
_PPC64, _ABI, _FIRST = 21, 3, 1
"""``EM_PPC64``, ``EF_PPC64_ABI`` and its value for ELFv1."""


def loader_refusal(image: ElfImage) -> str:
    """Return why the loader refuses the linked file ``image``, a clause that follows its name; empty if it does not."""
    return next(_refusals(image), "")


def _refusals(image: ElfImage) -> Iterator[str]:
    version, system = image.content[6:8]
    if version != _CURRENT or image.version != _CURRENT:
        yield "is of a version of the format that loaders do not know"
    if system not in _SYSTEMS | (_OF_ARM if image.machine == _ARM else frozenset()):
        yield f"is for another operating system than Linux (EI_OSABI {system})"
    if image.machine == _PPC64 and image.order == "<" and image.flags & _ABI == _FIRST:
        yield "follows ELFv1, the ABI of big-endian 64-bit POWER"
    for segment in image.loads:
        yield from _refusals_of(segment)
    if any(second.address < first.address for first, second in pairwise(image.loads)):
        yield "has segments that are out of order"


def _refusals_of(segment: Segment) -> Iterator[str]:
    alignment = segment.alignment or 1
    if alignment & (alignment - 1):
        yield f"has a segment with the alignment {alignment}, which is no power of two"
    elif (segment.address - segment.offset) % alignment:
        yield "has a segment whose address does not fit its place in the file"
    if segment.memory < segment.size:
        yield "has a segment with more bytes in the file than in memory"
