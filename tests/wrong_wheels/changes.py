"""Good wheels, and the means to make them wrong."""

from __future__ import annotations

import struct
import warnings
import zipfile
from typing import TYPE_CHECKING

from tests.unit.wheel_samples import SUFFIX, make_elf, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ABOUT = "probe-1.0.dist-info"
DATA = "probe-1.0.data"
MODULE = {"probe/__init__.py": b"x = 1\n"}
EXTENSION = f"probe/_fast{SUFFIX}"
INIT = ["PyInit__fast"]
ANY = "py3-none-any"
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def pure(directory: Path, more: Mapping[str, bytes] | None = None, **texts: bytes) -> Path:
    """Return a good wheel with ``more`` files, and ``texts`` in its ``.dist-info``."""
    about = {f"{ABOUT}/{name}.txt": text for name, text in texts.items()}
    return make_wheel(directory, {**MODULE, **about, **(more or {})}, tag=ANY, pure=True)


def native(directory: Path, content: bytes | None = None, more: Mapping[str, bytes] | None = None) -> Path:
    """Return a wheel with an extension, which is a good one unless ``content`` says otherwise."""
    good = make_elf(defines=INIT) if content is None else content
    return make_wheel(directory, {EXTENSION: good, **(more or {})})


def rewritten(
    wheel: Path,
    changed: Mapping[str, bytes | None] | None = None,
    *,
    more: Mapping[str, bytes] | None = None,
    each: Callable[[zipfile.ZipInfo], None] = lambda _: None,
) -> Path:
    """Write ``wheel`` again with members ``changed`` (None: left out) and ``more``, and ``each`` entry changed."""
    with zipfile.ZipFile(wheel) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(wheel, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for info, content in members:
            new = (changed or {}).get(info.filename, content)
            if new is not None:
                each(info)
                archive.writestr(info, new)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return wheel


def repeated(wheel: Path, content: bytes | None = None, mode: int = 0o644) -> Path:
    """Write the module of ``wheel`` a second time, with other ``content`` or another ``mode`` if they are given."""
    with zipfile.ZipFile(wheel, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (name,) = MODULE
        info = zipfile.ZipInfo(name, (2020, 2, 2, 2, 2, 2))
        info.external_attr = (0o100000 | mode) << 16
        archive.writestr(info, MODULE[name] if content is None else content)
    return wheel


def renamed(wheel: Path, old: str, new: str) -> Path:
    """Write ``wheel`` again with other names of its members."""
    with zipfile.ZipFile(wheel) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace(old, new), content)
    return wheel


def patched(wheel: Path, old: bytes, new: bytes) -> Path:
    """Replace bytes of the archive itself."""
    content = wheel.read_bytes()
    assert old in content
    assert len(old) == len(new)
    wheel.write_bytes(content.replace(old, new))
    return wheel


def cut(wheel: Path, size: int) -> Path:
    wheel.write_bytes(wheel.read_bytes()[:size])
    return wheel


def overwritten(wheel: Path, header: bytes, place: int, layout: str, *values: int) -> Path:
    """Pack ``values`` into the first ``header`` of the archive."""
    content = bytearray(wheel.read_bytes())
    struct.pack_into(f"<{layout}", content, content.index(header) + place, *values)
    wheel.write_bytes(content)
    return wheel


def inserted(wheel: Path, place: int, more: bytes, *, moved: bool = True) -> Path:
    """Put ``more`` into the archive; if it is ``moved``, the directory says where all that follows is now."""
    content = bytearray(wheel.read_bytes())
    with zipfile.ZipFile(wheel) as archive:
        directory, offsets = archive.start_dir, [info.header_offset for info in archive.infolist()]
    if moved:
        at = directory
        for offset in offsets:
            struct.pack_into("<I", content, at + 42, offset + (len(more) if offset >= place else 0))
            at = content.find(CENTRAL, at + 46)
        struct.pack_into("<I", content, content.rindex(END) + 16, directory + len(more))
    content[place:place] = more
    wheel.write_bytes(content)
    return wheel


def record_of(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"{ABOUT}/RECORD")


def with_record(wheel: Path, old: bytes, new: bytes) -> Path:
    record = record_of(wheel)
    assert old in record
    return rewritten(wheel, {f"{ABOUT}/RECORD": record.replace(old, new)})


def without_hashes(wheel: Path, *names: str) -> Path:
    """Return the wheel without the hashes of those files in RECORD, or without any."""
    rows = [row.split(",") for row in record_of(wheel).decode().splitlines()]
    kept = [[name, *([""] * 2 if not names or name in names else told)] for name, *told in rows]
    return rewritten(wheel, {f"{ABOUT}/RECORD": "".join(f"{','.join(row)}\n" for row in kept).encode()})


def foreign(directory: Path) -> Path:
    """Return the wheel that is wrong in the way that matters most."""
    return native(directory, make_elf("x86_64", defines=INIT))
