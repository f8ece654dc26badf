"""Does the host's Python run the bytecode in a wheel?

Sources: PEP 3147 (``__pycache__``), PEP 552 (the header and its flags), CPython's Lib/importlib/_bootstrap_external.py
(``_classify_pyc``; a module without source is looked for after one with).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.host.reading.magic_numbers import is_read_by, python_of
from crossbuild.wheels.findings import WheelFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.host.model import Host
    from crossbuild.wheels.wheel_contents import WheelContents

HEADER = 16
"""Bytes."""
_END_OF_MAGIC = b"\r\n"
_FLAGS = 0b11
_SCHEME = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")
_CACHED = re.compile(r"(?:.+/)?__pycache__/[^/]+\.(?P<tag>[^/.]+)(?:\.opt-\w+)?\.pyc")


@dataclass(frozen=True, kw_only=True)
class Bytecode:
    """A file of bytecode."""

    file: str
    start: bytes
    """Its header and the first byte of its code, as far as they are there."""


def bytecode_problems(contents: WheelContents, host: Host) -> Iterator[WheelFinding]:
    """Yield a problem for each module without source that the host's Python cannot import."""
    for found in contents.bytecode:
        alone = _is_module(found.file) and found.file.removesuffix("c") not in contents.files
        if alone and (fault := _fault(found.start, host)):
            yield WheelFinding(id="wrong-bytecode", file=found.file, text=fault, tolerable=True)


def bytecode_warnings(contents: WheelContents, host: Host) -> Iterator[WheelFinding]:
    """Yield a warning for each file that has the name of the bytecode that Python keeps, and is none for the host's."""
    own = "cpython-{}{}".format(*host.python_version)
    for found in contents.bytecode:
        cached = _CACHED.fullmatch(found.file)
        if cached and cached["tag"] == own and (fault := _fault(found.start, host)):
            yield WheelFinding(id="stale-bytecode", file=found.file, text=fault)


def _is_module(file: str) -> bool:
    """Whether ``file`` is where Python would look for a module; others hold bytecode as their data."""
    path = _SCHEME.sub("", file).removesuffix(".pyc").split("/")
    return "__pycache__" not in path and all(part.isidentifier() for part in path)


def _fault(start: bytes, host: Host) -> str:
    """Return why the host's Python refuses bytecode that begins with ``start``."""
    if not _END_OF_MAGIC.startswith(start[2:4]):
        return "is no bytecode, or was changed when it was copied as text"
    if len(start) <= HEADER:
        return "is bytecode that is cut off"
    number, version = int.from_bytes(start[:2], "little"), host.python_version[:2]
    if not is_read_by(number, version):
        return "is bytecode for Python {}.{}, and the host has {}.{}".format(*python_of(number), *version)
    flags = int.from_bytes(start[4:8], "little")
    return f"is bytecode with flags that Python refuses ({flags:#x})" if flags & ~_FLAGS else ""
