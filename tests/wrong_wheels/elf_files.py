"""ELF files that say one thing to a reader of sections and another to the loader, and damaged ones."""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING

from crossbuild.platforms.elf_image import DT_HASH, DT_STRSZ, DT_STRTAB, DT_SYMTAB, DT_VERNEED, ElfImage
from tests.unit.wheel_samples import make_archive, make_elf, make_wheel
from tests.wrong_wheels.changes import INIT, native
from tests.wrong_wheels.kinds import POWER, WrongWheel

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOO_NEW = {("libc.so.6", f"GLIBC_2.{minor}"): [f"function{minor}"] for minor in (17, 28, 38)}


def _with_entry(content: bytes, tag: int, value: int) -> bytes:
    """Return ``content`` with another value for an entry of its dynamic section."""
    (old,) = (found for entry, found in ElfImage.from_content(content).dynamic if entry == tag)
    return content.replace(struct.pack("<QQ", tag, old), struct.pack("<QQ", tag, value))


def _with_words(content: bytes, place: int, layout: str, *values: int) -> bytes:
    changed = bytearray(content)
    struct.pack_into(f"<{layout}", changed, place, *values)
    return bytes(changed)


def _place(content: bytes, tag: int) -> int:
    return ElfImage.from_content(content).value(tag) or 0


def _need_count(content: bytes) -> bytes:
    return _with_words(content, _place(content, DT_VERNEED), "HH", 1, 1)


def _loop() -> bytes:
    """Return a file in which each of many libraries leads through the same versions."""
    libraries = [struct.pack("<HHIII", 1, 1, 0, 16 * (1000 - number), 16) for number in range(1000)]
    table = b"".join((*libraries, *[struct.pack("<IHHII", 0, 0, 2, 0, 16)] * 1000)) + bytes(16)
    content = make_elf(versions=_TOO_NEW, constants=table, defines=[*INIT, "x" * 10_000])
    return _with_entry(content, DT_VERNEED, content.index(table))


def _overlapping() -> bytes:
    """Return a file in which five thousand symbols share one name of twenty thousand bytes."""
    content = make_elf(defines=["x" * 20_000], undefined=[str(number) for number in range(5000)])
    changed, start = bytearray(content), _place(content, DT_SYMTAB)
    for number in range(5000):
        struct.pack_into("<I", changed, start + number * 24, 30_000)
    return bytes(changed)


_GOOD = make_elf(defines=INIT)
_NEWER = make_elf(defines=INIT, versions=_TOO_NEW)
_HIDING: Mapping[str, bytes] = {
    "stripped sections": make_elf(defines=INIT, versions=_TOO_NEW, sections_stripped=True),
    "a renamed section of versions": _NEWER.replace(b".gnu.version_r\0", b".gnu.version_x\0"),
    "a renamed section of symbols": _NEWER.replace(b".dynsym\0", b".dynsyn\0"),
    "a renamed dynamic section": _NEWER.replace(b".dynamic\0", b".dynamite"),
    "a count of versions that is too small": _need_count(_NEWER),
    "sections beyond the end of the file": _with_words(_NEWER, 40, "Q", 1 << 40),
    "a wrong number of sections": _with_words(_NEWER, 60, "H", 1),
}
_DAMAGED: Mapping[str, tuple[bytes, str]] = {
    "cut off in its first bytes": (_GOOD[:10], "its header is cut off"),
    "cut off in its header": (_GOOD[:50], "its header is cut off"),
    "cut off in its program headers": (_GOOD[:100], "its program headers are cut off"),
    "cut off in its names": (_GOOD[:200], "cut off"),
    "of a class that there is not": (_with_words(_GOOD, 4, "B", 3), "its header is damaged"),
    "of another byte order": (_with_words(_GOOD, 5, "B", 2), "its program headers have another size"),
    "of a byte order that there is not": (_with_words(_GOOD, 5, "B", 9), "its header is damaged"),
    "with 65,000 program headers": (_with_words(_GOOD, 56, "H", 65000), "65000 program headers"),
    "with program headers of another size": (_with_words(_GOOD, 54, "H", 8), "program headers have another size"),
    "with two million symbols": (
        _with_words(_GOOD, _place(_GOOD, DT_HASH) + 4, "I", 1 << 21),
        "it says that it has 2097152 symbols",
    ),
    "with a terabyte of names": (_with_entry(_GOOD, DT_STRSZ, 1 << 40), "its names have 1099511627776 bytes"),
    "with names outside of the file": (_with_entry(_GOOD, DT_STRTAB, 1 << 40), "nothing is loaded to"),
    "with symbols outside of the file": (_with_entry(_GOOD, DT_SYMTAB, 1 << 40), "nothing is loaded to"),
    "with versions outside of the file": (_with_entry(_NEWER, DT_VERNEED, 1 << 33), "nothing is loaded to"),
    "with versions that lead through one another": (_loop(), "more symbol versions than there can be"),
    "with names that overlap": (_overlapping(), "overlap too much"),
}
_MEMBER = make_archive({"x.o": make_elf(kind="ET_REL")})
_ARCHIVES: Mapping[str, tuple[bytes, str]] = {
    "cut off": (_MEMBER[:-100], "its last member is cut off"),
    "with a damaged header": (_MEMBER[:60] + b"xxxxxx" + _MEMBER[66:], "a member's header is damaged"),
    "with a damaged object file": (make_archive({"x.o": make_elf(kind="ET_REL")[:40]}), "its header is cut off"),
}
_HEADERS = {
    "for FreeBSD": ((7, "B", 9), "for another operating system than Linux (EI_OSABI 9)"),
    "of another version of the format": ((6, "B", 2), "a version of the format that loaders do not know"),
    "of no version of the format": ((20, "I", 0), "a version of the format that loaders do not know"),
    "with more in the file than in memory": ((64 + 40, "Q", 1), "more bytes in the file than in memory"),
    "with an odd alignment": ((64 + 48, "Q", 48), "the alignment 48, which is no power of two"),
}
"""Of the headers in 64-bit files, where, in which form and what is written over a good one."""

KINDS = (
    *(
        WrongWheel(
            name=f"a newer glibc behind {what}",
            make=partial(native, content=content),
            finding="newer-glibc",
            says="needs GLIBC_2.38",
            binary=True,
        )
        for what, content in _HIDING.items()
    ),
    WrongWheel(
        name="an extension for the ABI of big-endian POWER",
        make=partial(
            make_wheel,
            files={"probe/_fast.cpython-311-powerpc64le-linux-gnu.so": make_elf("ppc64le", flags=1, defines=INIT)},
            tag="cp311-cp311-linux_ppc64le",
        ),
        finding="invalid-header",
        says="follows ELFv1",
        binary=True,
        host=POWER,
    ),
    *(
        WrongWheel(
            name=f"an extension {what}",
            make=partial(native, content=content),
            finding="damaged-binary",
            says=says,
            binary=True,
        )
        for what, (content, says) in _DAMAGED.items()
    ),
    *(
        WrongWheel(
            name=f"a static library {what}",
            make=partial(native, more={"probe/libx.a": content}),
            finding="damaged-binary",
            says=says,
            binary=True,
        )
        for what, (content, says) in _ARCHIVES.items()
    ),
    *(
        WrongWheel(
            name=f"an extension {what}",
            make=partial(native, content=_with_words(_GOOD, *words)),
            finding="invalid-header",
            says=says,
            binary=True,
        )
        for what, (words, says) in _HEADERS.items()
    ),
    WrongWheel(
        name="an extension with nothing to load",
        # Neither a program header nor a dynamic section.
        make=partial(native, content=_with_words(_GOOD, 56, "H", 0)),
        finding="not-loadable",
        says="an ELF file with nothing to load",
        binary=True,
    ),
    WrongWheel(
        name="an extension that is cut off in what is loaded",
        make=partial(native, content=_GOOD[: _GOOD.rindex(b".shstrtab")]),
        finding="not-loadable",
        says="an ELF file that is cut off",
        binary=True,
    ),
    WrongWheel(
        name="an extension of no kind",
        make=partial(native, content=_with_words(_GOOD, 16, "H", 0)),
        finding="not-loadable",
        says="of no kind",
        binary=True,
    ),
)
