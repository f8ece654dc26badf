"""What keeps the host's loader from taking an ELF file that can be read.

Source: glibc's elf/dl-load.c (``open_verify()`` and ``_dl_map_object_from_fd()``); musl and the kernel look at less.
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


def loader_refusal(image: ElfImage) -> str:
    """Return why the loader refuses the linked file ``image``, a clause that follows its name; empty if it does not."""
    return next(_refusals(image), "")


def _refusals(image: ElfImage) -> Iterator[str]:
    version, system = image.content[6:8]
    if version != _CURRENT or image.version != _CURRENT:
        yield "is of a version of the format that loaders do not know"
    if system not in _SYSTEMS | (_OF_ARM if image.machine == _ARM else frozenset()):
        yield f"is for another operating system than Linux (EI_OSABI {system})"
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
