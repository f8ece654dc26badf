"""The machine code of a wheel without what only debuggers and linkers read."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from crossbuild.platforms.elf import ELF_MAGIC, read_elf
from crossbuild.platforms.stripped import stripped
from crossbuild.wheels.archive import open_wheel
from crossbuild.wheels.machine_code import is_for
from crossbuild.wheels.retag import change_members

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.platforms.platform import Platform


def strip_wheel(wheel: Path, platform: Platform) -> None:
    """Strip the libraries and programs in ``wheel`` that are for ``platform``; nothing else changes.

    Raises AuditError if it is not a well-formed wheel.
    """
    changed: dict[str, bytes] = {}
    with open_wheel(wheel) as archive:
        for info in archive.members:
            with archive.open(info.filename) as stream:
                start = stream.read(len(ELF_MAGIC))
                content = start + stream.read() if start == ELF_MAGIC else b""
            if content and _is_ours(content, platform) and (new := stripped_if_same(content)) != content:
                changed[info.filename] = new
    change_members(wheel, changed)


def stripped_if_same(content: bytes) -> bytes:
    """Return an ELF file stripped, or as it was if anything that loaders and linkers see would be another."""
    with suppress(ValueError):
        new = stripped(content)
        if new != content and read_elf("", new) == read_elf("", content):
            return new
    return content


def _is_ours(content: bytes, platform: Platform) -> bool:
    try:
        return is_for(read_elf("", content, symbols=False), platform)
    except ValueError:
        return False
