"""Archives that are damaged, or that two readers read in two ways."""

from __future__ import annotations

import struct
import zipfile
import zlib
from functools import partial
from typing import TYPE_CHECKING

from tests.wrong_wheels.changes import (
    CENTRAL,
    END,
    LOCAL,
    cut,
    inserted,
    overwritten,
    patched,
    pure,
    repeated,
    rewritten,
)
from tests.wrong_wheels.kinds import WrongWheel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def _replaced(at: Path, content: bytes) -> Path:
    wheel = pure(at)
    wheel.write_bytes(content)
    return wheel


def _compressed(at: Path, method: int) -> Path:
    return rewritten(pure(at), each=lambda info: setattr(info, "compress_type", method))


def _stored(at: Path) -> Path:
    return _compressed(at, zipfile.ZIP_STORED)


def _encrypted(at: Path) -> Path:
    """Set the flag in the headers of each member, as archivers do."""
    wheel = pure(at)
    content = bytearray(wheel.read_bytes())
    for magic, flags in ((LOCAL, 6), (CENTRAL, 8)):
        place = content.find(magic)
        while place >= 0:
            content[place + flags] |= 1
            place = content.find(magic, place + 1)
    wheel.write_bytes(content)
    return wheel


def damaged(wheel: Path) -> Path:
    """Flip a bit of a member, which its check sum then does not fit."""
    content = bytearray(wheel.read_bytes())
    content[content.index(b"probe/__init__.py") + 20] ^= 4
    wheel.write_bytes(content)
    return wheel


def _unknown_method(at: Path) -> Path:
    return patched(_compressed(at, zipfile.ZIP_BZIP2), b"\x2e\x00\x00\x00\x0c", b"\x2e\x00\x00\x00\x63")


def _local(place: int, layout: str, value: int) -> Callable[[Path], Path]:
    return lambda at: overwritten(_stored(at), LOCAL, place, layout, value)


def _central(place: int, layout: str, value: int) -> Callable[[Path], Path]:
    return lambda at: overwritten(_stored(at), CENTRAL, place, layout, value)


def _end(place: int, layout: str, value: int) -> Callable[[Path], Path]:
    return lambda at: overwritten(_stored(at), END, place, layout, value)


def _entry(name: bytes, content: bytes) -> bytes:
    """Return a member that no directory lists."""
    crc = zlib.crc32(content)
    header = struct.pack("<4s5H3I2H", LOCAL, 20, 0, 0, 0, 33, crc, len(content), len(content), len(name), 0)
    return header + name + content


def _unlisted(at: Path) -> Path:
    return inserted(_stored(at), 0, _entry(b"probe/hidden.py", b"x"))


def _unlisted_at_the_end(at: Path) -> Path:
    wheel = _stored(at)
    with zipfile.ZipFile(wheel) as archive:
        place = archive.start_dir
    return inserted(wheel, place, _entry(b"probe/hidden.py", b"x"))


def _overlapping(at: Path) -> Path:
    """Return a wheel in which two entries of the directory lead to the same member."""
    wheel = rewritten(_stored(at), more={"probe/other.py": b"x = 1\n"})
    with zipfile.ZipFile(wheel) as archive:
        first = archive.getinfo("probe/__init__.py").header_offset
    content = bytearray(wheel.read_bytes())
    place = content.rindex(b"probe/other.py") - 46
    struct.pack_into("<I", content, place + 42, first)
    wheel.write_bytes(content)
    return wheel


def _twice(at: Path) -> Path:
    """Return a wheel behind another one: by its first directory, it is the other."""
    wheel = pure(at)
    whole = wheel.read_bytes()
    rewritten(wheel, {"probe/__init__.py": b"y = 2\n"})
    wheel.write_bytes(whole + wheel.read_bytes())
    return wheel


def _with_comment(at: Path, comment: bytes) -> Path:
    wheel = pure(at)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.comment = comment
    return wheel


def _with_archive(at: Path) -> Path:
    """Return a wheel with the directory of an archive in its comment."""
    whole = pure(at).read_bytes()
    return _with_comment(at, whole[whole.index(CENTRAL) :])


def with_wide_end(wheel: Path, *, away: int = 0, members: int = 0) -> Path:
    """Return ``wheel`` with an end for large archives, which is ``away`` from where it should be."""
    content = wheel.read_bytes()
    place = content.rindex(END)
    _, _, _, _, count, size, offset, _ = struct.unpack("<4s4H2IH", content[place : place + 22])
    count = members or count
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    return inserted(wheel, place, record + struct.pack("<4sIQI", b"PK\6\7", 0, place + away, 1), moved=False)


def _long_entry(at: Path) -> Path:
    """Return a wheel whose directory ends before the comment of its last entry does."""
    wheel = pure(at)
    content = bytearray(wheel.read_bytes())
    struct.pack_into("<H", content, content.rindex(CENTRAL) + 32, 8)
    wheel.write_bytes(content)
    return wheel


def _described(at: Path) -> Path:
    """Return a wheel whose first member is followed by its sizes, which are other ones."""
    wheel = _stored(at)
    content = bytearray(wheel.read_bytes())
    for header, flags in ((LOCAL, 6), (CENTRAL, 8)):
        content[content.index(header) + flags] |= 8
    wheel.write_bytes(content)
    with zipfile.ZipFile(wheel) as archive:
        second = archive.infolist()[1].header_offset
    return inserted(wheel, second, struct.pack("<4s3I", b"PK\7\x08", 1, 2, 3))


def _grown(at: Path, size: int) -> Path:
    """Return a wheel with a member that the directory says to be much smaller than it is."""
    wheel = pure(at, {"probe/big.txt": bytes(size)})
    content = bytearray(wheel.read_bytes())
    place = content.rindex(b"probe/big.txt") - 46
    struct.pack_into("<I", content, place + 24, 1)
    wheel.write_bytes(content)
    return wheel


def _renamed_locally(at: Path) -> Path:
    wheel = _stored(at)
    wheel.write_bytes(wheel.read_bytes().replace(b"probe/__init__.py", b"probe/__evil__.py", 1))
    return wheel


_ELSEWHERE = "its directory is not where it says"
_DIFFERENT = "its two ends have different numbers"
_AMBIGUOUS: Mapping[str, tuple[Callable[[Path], Path], str]] = {
    "a program before the archive": (
        lambda at: inserted(pure(at), 0, b"#!/bin/sh\nexec true\n", moved=False),
        _ELSEWHERE,
    ),
    "a program before the archive, which allows for it": (
        lambda at: inserted(pure(at), 0, b"#!/bin/sh\nexec true\n"),
        "it has 20 bytes outside of its members",
    ),
    "bytes behind the archive": (
        lambda at: _replaced(at, pure(at).read_bytes() + b"more"),
        "it has bytes behind its end",
    ),
    "an archive behind another": (_twice, _ELSEWHERE),
    "a member that no directory lists": (_unlisted, "it has 46 bytes outside of its members"),
    "a member behind the listed ones": (_unlisted_at_the_end, "it has bytes between its members and their directory"),
    "another compression in a header": (_local(8, "H", 8), "says another compression than the directory"),
    "another check sum in a header": (_local(14, "I", 1), "says another check sum or size than the directory"),
    "another compressed size in a header": (_local(18, "I", 5), "says another check sum or size than the directory"),
    "another size in a header": (_local(22, "I", 5), "says another check sum or size than the directory"),
    "other flags in a header": (_local(6, "H", 8), "says other flags than the directory"),
    "a member on another disk": (_central(34, "H", 1), "it is one of several parts"),
    "an archive on several disks": (_end(4, "H", 1), "it is one of several parts"),
    "a directory on another disk": (_end(6, "H", 1), "it is one of several parts"),
    "fewer entries than there are": (_end(10, "H", 1), "it says that it has 1 members, and has 4"),
    "fewer entries than there are on this disk": (_end(8, "H", 1), "members, and has 4"),
    "more entries than there are": (_end(10, "H", 9), "it says that it has 9 members, and has 4"),
    "a comment that is cut off": (_end(20, "H", 10), "its comment is cut off"),
    "a wider end elsewhere": (lambda at: with_wide_end(pure(at), away=8), _DIFFERENT),
    "a wider end with other numbers": (lambda at: with_wide_end(pure(at), members=9), _DIFFERENT),
    "a wider end with extensions": (lambda at: patched(with_wide_end(pure(at)), b"PK\6\6,", b"PK\6\6-"), _DIFFERENT),
    "a last entry that is cut off": (_long_entry, "the last entry of its directory is cut off"),
    "a header of a newer format": (_local(4, "H", 99), "says a newer format than the directory"),
    "sizes behind a member that are not its own": (_described, "it has 16 bytes outside of its members"),
}
_REFUSED_BY_SOME = ("a wider end elsewhere", "a wider end with other numbers", "a wider end with extensions")
"""By releases of Python."""
_UNREAD = "cannot be read"
_MISLEADING: Mapping[str, tuple[Callable[[Path], Path], str]] = {
    "an archive in the comment": (_with_archive, _UNREAD),
    "an end in the comment": (lambda at: _with_comment(at, END + b" and more"), _UNREAD),
    "an empty archive in the comment": (lambda at: _with_comment(at, END + bytes(18)), "one .dist-info directory"),
    "two entries for one member": (_overlapping, "shares its place in the archive with another member"),
    "another name in a header": (_renamed_locally, _UNREAD),
    "no header before a member": (_local(0, "I", 0), _UNREAD),
    "another check sum in the directory": (_central(16, "I", 1), _UNREAD),
    "another size in the directory": (_central(24, "I", 5), _UNREAD),
    "a member beyond the end": (_central(42, "I", 1 << 30), _UNREAD),
    "a directory that is too small": (_end(12, "I", 60), _UNREAD),
    "a directory elsewhere": (_end(16, "I", 10), _UNREAD),
}

KINDS = (
    WrongWheel(
        name="no archive",
        make=partial(_replaced, content=b"<html>404</html>"),
        finding="malformed-wheel",
        says="File is not a zip file",
    ),
    WrongWheel(
        name="nothing", make=partial(_replaced, content=b""), finding="malformed-wheel", says="File is not a zip file"
    ),
    WrongWheel(
        name="an archive by tar",
        make=partial(_replaced, content=bytes(10240)),
        finding="malformed-wheel",
        says="File is not a zip file",
    ),
    WrongWheel(
        name="an empty archive",
        make=partial(_replaced, content=END + bytes(18)),
        finding="malformed-wheel",
        says="it must have one .dist-info directory, and has none",
    ),
    WrongWheel(
        name="an archive that is cut off",
        make=lambda at: cut(pure(at), 300),
        finding="malformed-wheel",
        says="File is not a zip file",
    ),
    WrongWheel(
        name="an archive without its beginning",
        make=lambda at: _replaced(at, pure(at).read_bytes()[200:]),
        finding="malformed-wheel",
        says=_UNREAD,
    ),
    WrongWheel(name="a wrong check sum", make=lambda at: damaged(_stored(at)), finding="malformed-wheel", says="CRC"),
    WrongWheel(name="encrypted", make=_encrypted, finding="malformed-wheel", says="probe/__init__.py is encrypted"),
    WrongWheel(
        name="an unknown compression",
        make=_unknown_method,
        finding="malformed-wheel",
        says="is compressed by method 99, and not all installers read that",
    ),
    *(
        WrongWheel(
            name=f"compression by {name}",
            make=partial(_compressed, method=method),
            finding="malformed-wheel",
            says=f"is compressed by {name}, and not all installers read that",
        )
        for name, method in (("bzip2", zipfile.ZIP_BZIP2), ("LZMA", zipfile.ZIP_LZMA))
    ),
    WrongWheel(
        name="a file twice, with other content",
        make=lambda at: repeated(pure(at), b""),
        finding="malformed-wheel",
        says="probe/__init__.py is in it 2 times",
    ),
    WrongWheel(
        name="a file twice, with other permissions",
        make=lambda at: repeated(pure(at), mode=0o755),
        finding="malformed-wheel",
        says="probe/__init__.py is in it 2 times",
    ),
    *(
        WrongWheel(
            name=what,
            make=make,
            finding="ambiguous-archive",
            says=says,
            unread="malformed-wheel" if what in _REFUSED_BY_SOME else "",
        )
        for what, (make, says) in _AMBIGUOUS.items()
    ),
    *(
        WrongWheel(name=what, make=make, finding="malformed-wheel", says=says)
        for what, (make, says) in _MISLEADING.items()
    ),
    WrongWheel(name="a member that grows", make=partial(_grown, size=1 << 24), finding="malformed-wheel", says=_UNREAD),
)
