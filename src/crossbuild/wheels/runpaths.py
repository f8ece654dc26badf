"""Run paths that name a directory of the sysroot, where it is on this machine, made to name the host's.

Builds put them into libraries for the directory that they found a library in; CMake even after the linker has ended. On
the host, where the sysroot is ``/``, the same build would have written the rest of the path.
"""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.elf import ELF_MAGIC
from crossbuild.wheels.retag import rewrite_members

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS = {32: "I", 64: "Q"}
"""The numbers in a dynamic section, in struct's words, by the class of the file."""


def localise_run_paths(wheel: Path, sysroot: Path) -> bool:
    """Take ``sysroot`` off the RPATHs and RUNPATHs of all ELF files in ``wheel``; return whether there were any such.

    ELF files that cannot be read are left alone.
    """
    changed: dict[str, bytes] = {}
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if content.startswith(ELF_MAGIC) and bytes(sysroot) in content:
                new = without_sysroot(content, bytes(sysroot))
                changed |= {name: new} if new != content else {}
    if changed:
        with tempfile.TemporaryDirectory(dir=wheel.parent) as scratch:
            rewrite_members(wheel, Path(scratch, wheel.name), changed)
            Path(scratch, wheel.name).replace(wheel)
    return bool(changed)


def without_sysroot(content: bytes, sysroot: bytes) -> bytes:
    """Return the ELF file ``content`` with every directory of its run paths as the host calls it."""
    from elftools.common.exceptions import ELFError

    new = bytearray(content)
    try:
        for path in _run_paths(content):
            localised = b":".join(_localised(directory, sysroot) for directory in path.text.split(b":"))
            # The new text ends where the old one did, so that what other strings share of its end stays.
            end = path.start + len(path.text)
            new[end - len(localised) : end] = localised
            struct.pack_into(path.form, new, path.position, path.offset + len(path.text) - len(localised))
    except (ELFError, struct.error, ValueError):
        return content
    return bytes(new)


def _localised(directory: bytes, sysroot: bytes) -> bytes:
    inside = directory == sysroot or directory.startswith(sysroot + b"/")
    return directory.removeprefix(sysroot) or b"/" if inside else directory


@dataclass(frozen=True, kw_only=True)
class _RunPath:
    """One RPATH or RUNPATH."""

    text: bytes
    start: int
    """Where the text is in the file."""
    offset: int
    """Where it is in the string table; this number is in the file, too:"""
    position: int
    form: str


def _run_paths(content: bytes) -> Iterator[_RunPath]:
    from elftools.elf.dynamic import DynamicSection
    from elftools.elf.elffile import ELFFile

    elf = ELFFile(io.BytesIO(content))
    form = ("<" if elf.little_endian else ">") + _WORDS[elf.elfclass]
    for section in elf.iter_sections():
        if not isinstance(section, DynamicSection):
            continue
        strings = elf.get_section(section["sh_link"])["sh_offset"]
        for number, tag in enumerate(section.iter_tags()):
            if tag.entry.d_tag in {"DT_RPATH", "DT_RUNPATH"}:
                offset, start = tag.entry.d_val, strings + tag.entry.d_val
                text = content[start : content.index(b"\0", start)]
                position = section["sh_offset"] + (2 * number + 1) * struct.calcsize(form)
                yield _RunPath(text=text, start=start, offset=offset, position=position, form=form)
