"""Digests of files, and whether they are the expected ones."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crossbuild.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

ALGORITHMS = frozenset(name for name in hashlib.algorithms_guaranteed if not name.startswith("shake"))
"""What can be checked on every machine: those whose digests have one length."""


def digest_of(file: Path, algorithm: str) -> str:
    """Return the digest of ``file`` by one of :data:`ALGORITHMS`, in hexadecimal digits."""
    # Some indexes have only MD5, which Python in FIPS mode provides for other purposes than security.
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def checkable(algorithms: Iterable[str], place: str) -> frozenset[str]:
    """Return those of ``algorithms`` that can be checked. Raises NetworkError if there are only others."""
    known = ALGORITHMS.intersection(algorithms)
    unknown = sorted(set(algorithms) - known)
    if unknown and not known:
        raise NetworkError(
            f"{place} cannot be verified: its only hash is of an unknown kind ({', '.join(map(repr, unknown))}).",
            fix="The index or the file that lists it must have a SHA-256.",
        )
    return known


def has(file: Path, hashes: Mapping[str, str]) -> bool:
    """Return whether ``file`` is there, and has all of ``hashes`` that can be checked."""
    return file.is_file() and not _others(file, hashes)


def verify(file: Path, hashes: Mapping[str, str], place: str) -> None:
    """Raise NetworkError unless ``file``, which is from ``place``, has all of ``hashes`` that can be checked."""
    checkable(hashes, place)
    if found := _others(file, hashes):
        raise NetworkError(
            f"{place} does not match its hash.",
            why="\n".join(
                f"Expected {name}:{hashes[name] or '(nothing)'}, got {name}:{digest}." for name, digest in found.items()
            ),
            fix="Try again. If the error persists, the index or a proxy in front of it is broken or malicious.",
        )


def _others(file: Path, hashes: Mapping[str, str]) -> dict[str, str]:
    """Return the digests of ``file``, by algorithm, that are others than in ``hashes``."""
    found = {algorithm: digest_of(file, algorithm) for algorithm in sorted(ALGORITHMS.intersection(hashes))}
    return {algorithm: digest for algorithm, digest in found.items() if hashes[algorithm].lower() != digest}
