"""RECORD: the list of a wheel's files, and whether it is right.

Sources: PyPA's "Recording installed projects" (path, hash, size) and "Binary distribution format" (SHA-256 or better;
no hash of RECORD itself; signatures are not listed).
"""

from __future__ import annotations

import base64
import csv
import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.wheels.findings import WheelFinding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_STRONG = frozenset(
    ("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"),
)
SIGNATURES = ("RECORD.jws", "RECORD.p7s")
"""The files beside RECORD that sign it."""
_COLUMNS = 3
_NO_HASH = "has no hash in RECORD"
_PROVES_NOTHING = "has a hash in RECORD that proves nothing"
_UNLISTED = "is not mentioned in RECORD"
_UNPROVEN = (_NO_HASH, _PROVES_NOTHING)


@dataclass(frozen=True, kw_only=True)
class RecordRow:
    """What RECORD says of one file."""

    path: str
    algorithm: str
    """Empty if there is no hash."""
    digest: str
    size: int | None

    @property
    def is_strong(self) -> bool:
        """Whether its hash proves anything."""
        return self.algorithm in _STRONG


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a file in the wheel is."""

    digest: str
    """By the algorithm of its row in RECORD; empty where that has none that counts."""
    size: int


def read_record(content: bytes) -> list[RecordRow]:
    """Read the rows of RECORD. Raises ValueError for what is not one."""
    try:
        lines = csv.reader(content.decode().splitlines())
        return [_row(number, columns) for number, columns in enumerate(lines, 1) if columns]
    except csv.Error as error:
        raise ValueError(str(error)) from None


def _row(number: int, columns: Sequence[str]) -> RecordRow:
    if len(columns) != _COLUMNS or not columns[0]:
        raise ValueError(f"line {number} is not a path, a hash and a size")
    path, told, size = columns
    algorithm, equals, digest = told.partition("=")
    if told and not (algorithm and equals and digest):
        raise ValueError(f"line {number} has a hash that is not algorithm=digest: {told}")
    if size and not (size.isascii() and size.isdigit()):
        raise ValueError(f"line {number} has a size that is not a number: {size}")
    # Digests are base64 without padding, but some tools add it.
    return RecordRow(path=path, algorithm=algorithm, digest=digest.rstrip("="), size=int(size) if size else None)


def without_repeated(rows: Sequence[RecordRow]) -> tuple[list[RecordRow], list[str]]:
    """Return ``rows`` without those that are there before, and the paths of these."""
    counts = Counter(rows)
    return list(counts), [row.path for row, count in counts.items() if count > 1]


class Digest:
    """Takes the content of a file, and tells what it is by the hash of its ``row``."""

    def __init__(self, row: RecordRow | None) -> None:
        self._hash = hashlib.new(row.algorithm) if row and row.is_strong else None
        self._size = 0

    def update(self, content: bytes) -> None:
        """Take the next part."""
        self._size += len(content)
        if self._hash:
            self._hash.update(content)

    @property
    def measured(self) -> Measured:
        """What the whole is."""
        digest = base64.urlsafe_b64encode(self._hash.digest()).rstrip(b"=").decode() if self._hash else ""
        return Measured(digest=digest, size=self._size)


def record_problems(rows: Sequence[RecordRow], files: Mapping[str, Measured], dist_info: str) -> Iterator[WheelFinding]:
    """Yield where RECORD and the files of the wheel differ."""
    own = f"{dist_info}/RECORD"
    exempt = {own, *(f"{dist_info}/{name}" for name in SIGNATURES)}
    # pip installs wheels that somebody packed without any hashes. One that is gone from among others tells of a change.
    unhashed = not any(row.algorithm for row in rows)
    by_path: dict[str, RecordRow] = {}
    for row in rows:
        if row.path in by_path:
            yield WheelFinding(id="record-mismatch", file=row.path, text="is named in RECORD twice")
        by_path[row.path] = row
        if row.path not in files and not row.path.endswith("/"):
            yield WheelFinding(id="record-mismatch", file=row.path, text="is named in RECORD but is not in the wheel")
    for path, measured in files.items():
        if path not in exempt:
            text = _difference(by_path.get(path), measured)
        elif path == own and path not in by_path:
            text = _UNLISTED
        else:
            hashed = path in by_path and by_path[path].algorithm
            text = "has a hash in RECORD, which cannot be right" if hashed else ""
        if text:
            rule = "record-without-hash" if text.startswith(_UNPROVEN) else "record-mismatch"
            # pip and uv install wheels that do not list RECORD itself.
            tolerable = (unhashed and text == _NO_HASH) or (path == own and text == _UNLISTED)
            yield WheelFinding(id=rule, file=path, text=text, tolerable=tolerable)


def _difference(row: RecordRow | None, measured: Measured) -> str:
    if row is None:
        return _UNLISTED
    if not row.algorithm:
        return _NO_HASH
    if not row.is_strong:
        return f"{_PROVES_NOTHING} ({row.algorithm}); it must be SHA-256 or better"
    if row.digest != measured.digest:
        return "does not match RECORD: its hash differs"
    if row.size is not None and row.size != measured.size:
        return f"does not match RECORD: it has {measured.size} bytes and not {row.size}"
    return ""
