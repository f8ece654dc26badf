"""RECORD that does not list what the wheel holds."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from tests.unit.wheel_samples import make_wheel
from tests.wrong_wheels.changes import ABOUT, ANY, MODULE, pure, record_of, rewritten, with_record, without_hashes
from tests.wrong_wheels.kinds import WrongWheel

if TYPE_CHECKING:
    from pathlib import Path

_HEXADECIMAL = hashlib.sha256(MODULE["probe/__init__.py"]).hexdigest().encode()
_MODULE = b"probe/__init__.py,"
_MORE = {
    "a file twice, with another hash": (_MODULE + b"sha256=x,1\n", "is named in RECORD twice"),
    "a file that is missing": (b"probe/absent.py,sha256=x,1\n", "is named in RECORD but is not in the wheel"),
    "a file with an absolute path": (b"/etc/passwd,sha256=x,1\n", "is named in RECORD but is not in the wheel"),
    "a file outside": (b"../../evil.py,sha256=x,1\n", "is named in RECORD but is not in the wheel"),
    "a file by a detour": (b"probe/./__init__.py,,\n", "is named in RECORD but is not in the wheel"),
    "a file with backslashes": (b"probe\\__init__.py,,\n", "is named in RECORD but is not in the wheel"),
}
_UNREADABLE = {
    "two columns": (b"a,b\n", "line 1 is not a path, a hash and a size"),
    "four columns": (b"a,sha256=x,1,2\n", "line 1 is not a path, a hash and a size"),
    "no path": (b",sha256=x,1\n", "line 1 is not a path, a hash and a size"),
    "no digest": (b"a,sha256,1\n", "a hash that is not algorithm=digest"),
    "no algorithm": (b"a,=x,1\n", "a hash that is not algorithm=digest"),
    "no number": (b"a,sha256=x,1k\n", "a size that is not a number: 1k"),
    "a negative number": (b"a,sha256=x,-1\n", "a size that is not a number: -1"),
    "another encoding": (b"\xe9,sha256=x,1\n", "its RECORD is not UTF-8 text"),
    "nothing": (b"", "its RECORD is empty"),
}


def _listing(at: Path, row: bytes) -> Path:
    return with_record(pure(at), _MODULE, row + _MODULE)


def _hash(at: Path, told: bytes) -> Path:
    """Return a wheel with another hash of its module."""
    wheel = pure(at)
    row = next(line for line in record_of(wheel).splitlines() if line.startswith(_MODULE))
    return with_record(wheel, row, _MODULE + told + b",6")


def _record(at: Path, content: bytes | None) -> Path:
    return rewritten(pure(at), {f"{ABOUT}/RECORD": content})


KINDS = (
    WrongWheel(
        name="a wrong hash",
        make=lambda at: rewritten(pure(at), {"probe/__init__.py": b"x = 2\n"}),
        finding="record-mismatch",
        says="probe/__init__.py: does not match RECORD: its hash differs",
    ),
    WrongWheel(
        name="a wrong hash of METADATA",
        make=lambda at: rewritten(
            pure(at), {f"{ABOUT}/METADATA": b"Metadata-Version: 2.1\nName: probe\nVersion: 1.0\nSummary: x\n"}
        ),
        finding="record-mismatch",
        says="METADATA: does not match RECORD",
    ),
    WrongWheel(
        name="a wrong size",
        make=lambda at: with_record(pure(at), b",6\n", b",7\n"),
        finding="record-mismatch",
        says="probe/__init__.py: does not match RECORD: it has 6 bytes and not 7",
    ),
    WrongWheel(
        name="a hash in hexadecimal",
        make=partial(_hash, told=b"sha256=" + _HEXADECIMAL),
        finding="record-mismatch",
        says="its hash differs",
    ),
    *(
        WrongWheel(
            name=f"a hash by {algorithm.decode()}",
            make=partial(_hash, told=algorithm + b"=x"),
            finding="record-without-hash",
            says=f"has a hash in RECORD that proves nothing ({algorithm.decode()})",
        )
        for algorithm in (b"md5", b"sha1", b"crc32")
    ),
    WrongWheel(
        name="no hash",
        make=lambda at: without_hashes(pure(at), "probe/__init__.py"),
        finding="record-without-hash",
        says="probe/__init__.py: has no hash in RECORD",
    ),
    WrongWheel(
        name="no hashes at all",
        make=lambda at: without_hashes(pure(at)),
        finding="record-without-hash",
        says="has no hash in RECORD",
    ),
    WrongWheel(
        name="an unlisted file",
        make=partial(make_wheel, files=MODULE, tag=ANY, unrecorded={"probe/extra.py": b""}),
        finding="record-mismatch",
        says="probe/extra.py: is not mentioned in RECORD",
    ),
    WrongWheel(
        name="an unlisted file in .dist-info",
        make=partial(make_wheel, files=MODULE, tag=ANY, unrecorded={f"{ABOUT}/entry_points.txt": b""}),
        finding="record-mismatch",
        says="entry_points.txt: is not mentioned in RECORD",
    ),
    WrongWheel(
        name="RECORD without itself",
        make=lambda at: with_record(pure(at), f"{ABOUT}/RECORD,,\n".encode(), b""),
        finding="record-mismatch",
        says="RECORD: is not mentioned in RECORD",
    ),
    WrongWheel(
        name="RECORD with a hash of itself",
        make=lambda at: with_record(pure(at), b"RECORD,,", b"RECORD,sha256=x,1"),
        finding="record-mismatch",
        says="has a hash in RECORD, which cannot be right",
    ),
    WrongWheel(
        name="RECORD with a signature of itself",
        make=lambda at: rewritten(
            _listing(at, f"{ABOUT}/RECORD.jws,sha256=x,1\n".encode()), more={f"{ABOUT}/RECORD.jws": b"{}"}
        ),
        finding="record-mismatch",
        says="has a hash in RECORD, which cannot be right",
    ),
    *(
        WrongWheel(
            name=f"RECORD with {what}",
            make=partial(_listing, row=row),
            finding="record-mismatch",
            says=says,
        )
        for what, (row, says) in _MORE.items()
    ),
    *(
        WrongWheel(
            name=f"RECORD with {what}",
            make=partial(_record, content=content),
            finding="malformed-wheel",
            says=says,
        )
        for what, (content, says) in _UNREADABLE.items()
    ),
    WrongWheel(name="no RECORD", make=partial(_record, content=None), finding="malformed-wheel", says="it has no"),
)
