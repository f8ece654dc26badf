"""Names and kinds of a wheel's members: whoever unpacks it must not end up elsewhere, or with something else.

Sources: PKWARE's APPNOTE (names and modes), open(2) and path_resolution(7) (limits), Unicode's general categories: uv
refuses all that begin with C.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_READABLE = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
"""What all installers can read: uv refuses bzip2 and LZMA, and Python before 3.14 has no Zstandard."""
_METHODS = {zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA", 93: "Zstandard"}
_ENCRYPTED = 0x1
_CONTROL = re.compile(r"[\0-\x1f\x7f]")
_WINDOWS = re.compile(r"[A-Za-z]:|.*\\")
_UTF8 = 0x800
_LONGEST_NAME, _LONGEST_PATH = 255, 4095
"""Bytes, as Linux has them (NAME_MAX, PATH_MAX)."""


def member_faults(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield the first fault of each member, and which members are at odds with others."""
    for info in archive.infolist():
        if fault := _character_fault(info) or _path_fault(info) or _kind_fault(info):
            yield f"{shown(info.filename)} {fault}"
    yield from _shape_faults(archive)
    yield from _shared_faults(archive)


def shown(name: str) -> str:
    """Return a member's name as messages show it."""
    text = name if name.isprintable() else repr(name)
    return text if len(text) <= _LONGEST_NAME else f"{text[:80]}…"


def is_file_name(name: str) -> bool:
    """Whether a directory can have a file of that ``name``."""
    plain = name.isprintable() and not {"/", "\\"}.intersection(name)
    return plain and name not in {"", ".", ".."} and len(os.fsencode(name)) <= _LONGEST_NAME


def _character_fault(info: zipfile.ZipInfo) -> str:
    """Return what is wrong with the characters of a member's name: a clause, or nothing."""
    # zipfile ends a name at a null byte; orig_filename has all of it.
    if info.orig_filename != info.filename or _CONTROL.search(info.filename):
        return "has a control character in its name"
    if not info.filename.isascii() and not info.flag_bits & _UTF8:
        return "has a name that is not UTF-8"
    if not info.filename.isascii() and any(unicodedata.category(one).startswith("C") for one in info.filename):
        return "has an invisible character in its name"
    return ""


def _path_fault(info: zipfile.ZipInfo) -> str:
    """Return what is wrong with where a member's name leads."""
    name = info.filename.removesuffix("/")
    parts = name.split("/")
    if name.startswith("/") or ".." in parts:
        return "would be installed outside of the installation"
    if {"", "."}.intersection(parts):
        return "has a path with empty parts or dots"
    # On Windows, they lead elsewhere; on Linux, they are a part of a name.
    if _WINDOWS.match(name):
        return "has a backslash or a drive letter in its name"
    if max(len(os.fsencode(part)) for part in parts) > _LONGEST_NAME or len(os.fsencode(name)) > _LONGEST_PATH:
        return f"has a name that is longer than the {_LONGEST_NAME} bytes that file systems take"
    return ""


def _kind_fault(info: zipfile.ZipInfo) -> str:
    # Archives from systems without such modes have 0.
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a symbolic link, which wheels cannot hold"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a device or a pipe, which wheels cannot hold"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if info.compress_type not in _READABLE:
        method = _METHODS.get(info.compress_type, f"method {info.compress_type}")
        return f"is compressed by {method}, and not all installers read that; it must be stored or deflated"
    return ""


def _shape_faults(archive: zipfile.ZipFile) -> Iterator[str]:
    names = archive.namelist()
    files = {name for name in names if not name.endswith("/")}
    directories = {name.removesuffix("/") for name in names if name.endswith("/")}
    split = [name.removesuffix("/").split("/") for name in names]
    directories |= {"/".join(parts[:end]) for parts in split for end in range(1, len(parts))}
    yield from (f"{shown(name)} is both a file and a directory" for name in sorted(files & directories))


def _shared_faults(archive: zipfile.ZipFile) -> Iterator[str]:
    # Python's zipfile refuses to read them in some releases, and only warns in others.
    counts = Counter(info.header_offset for info in archive.infolist())
    for info in archive.infolist():
        if counts[info.header_offset] > 1:
            yield f"{shown(info.filename)} shares its place in the archive with another member"
