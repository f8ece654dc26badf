"""Scripts that do not start, and bytecode that the host's Python does not run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.unit.wheel_samples import make_elf
from tests.wrong_wheels.changes import DATA, native, pure
from tests.wrong_wheels.kinds import WrongWheel

if TYPE_CHECKING:
    from pathlib import Path

_CURRENT = "which the kernel looks for in the current directory"
_RETURN = "its first line ends with a carriage return"
_LINES = {
    "a carriage return": (b"#!/bin/sh\r\necho\r\n", "script-line-end", _RETURN),
    "a carriage return after an option": (b"#!/usr/bin/env python3\r\nx\r\n", "script-line-end", _RETURN),
    "no interpreter": (b"#!\necho\n", "unusable-interpreter", "its first line names no interpreter"),
    "an interpreter in the current directory": (
        b"#!bin/python\nx\n",
        "unusable-interpreter",
        f"bin/python, {_CURRENT}",
    ),
    "an interpreter without a directory": (b"#!sh\necho\n", "unusable-interpreter", f"sh, {_CURRENT}"),
    "an interpreter with a drive letter": (b"#!C:\\Python\\python.exe\nx\n", "unusable-interpreter", _CURRENT),
    "a mark of the byte order": (b"\xef\xbb\xbf#!/bin/sh\necho\n", "unusable-interpreter", "byte order mark"),
    "a line that is too long": (
        b"#!/" + b"x" * 300 + b"/python\nx\n",
        "unusable-interpreter",
        "more than 254 bytes before the interpreter's name ends",
    ),
    "NUL in its first line": (b"#!/bin/\0sh\necho\n", "unusable-interpreter", "has a null byte"),
}
_MAGIC = {"2.7": 62211, "3.8": 3413, "3.10": 3439, "3.11": 3495, "3.12": 3531, "3.13": 3571, "3.14": 3627}
_LONE, _CACHED = "probe/lone.pyc", "probe/__pycache__/__init__.cpython-311.pyc"


def _bytecode(version: str, flags: int = 0, code: bytes = b"\xe3code") -> bytes:
    return _MAGIC[version].to_bytes(2, "little") + b"\r\n" + flags.to_bytes(4, "little") + bytes(8) + code


def _script(at: Path, content: bytes) -> Path:
    return pure(at, {f"{DATA}/scripts/probe": content})


_DAMAGED = {
    "empty": (b"", "is cut off"),
    "cut off in its header": (_bytecode("3.11")[:10], "is cut off"),
    "without code": (_bytecode("3.11", code=b""), "is cut off"),
    "with flags that there are not": (_bytecode("3.11", flags=8), "with flags that Python refuses (0x8)"),
    "that is source": (b"x = 1  # and not bytecode\n", "is no bytecode"),
    "changed by a transfer as text": (_bytecode("3.11").replace(b"\r\n", b"\n"), "is no bytecode"),
}

KINDS = (
    *(
        WrongWheel(
            name=f"a program that {loader} starts",
            make=partial(
                native, more={f"{DATA}/scripts/probe": make_elf(kind="ET_EXEC", interpreter=loader, needed=[])}
            ),
            finding="unusable-interpreter",
            says=f"is started by {loader}",
            binary=True,
        )
        for loader in ("/nix/store/0x-glibc-2.40/lib/ld-linux-aarch64.so.1", "/opt/sdk/lib/ld-linux-aarch64.so.1")
    ),
    *(
        WrongWheel(name=f"a script with {what}", make=partial(_script, content=content), finding=finding, says=says)
        for what, (content, finding, says) in _LINES.items()
    ),
    *(
        WrongWheel(
            name=f"a module of bytecode for {version}",
            make=partial(pure, more={_LONE: _bytecode(version)}),
            finding="wrong-bytecode",
            says=f"is bytecode for Python {version}, and the host has 3.11",
        )
        for version in _MAGIC
        if version != "3.11"
    ),
    *(
        WrongWheel(
            name=f"a module of bytecode {what}",
            make=partial(pure, more={_LONE: content}),
            finding="wrong-bytecode",
            says=says,
        )
        for what, (content, says) in _DAMAGED.items()
    ),
    *(
        WrongWheel(
            name=f"a package of bytecode for {version}",
            make=partial(pure, more={"probe/deep/__init__.pyc": _bytecode(version)}),
            finding="wrong-bytecode",
        )
        for version in ("3.10", "3.12")
    ),
    *(
        WrongWheel(
            name=f"kept bytecode for {version} under the host's name",
            make=partial(pure, more={_CACHED: _bytecode(version)}),
            finding="stale-bytecode",
        )
        for version in ("3.10", "3.12")
    ),
    WrongWheel(
        name="kept bytecode that is cut off",
        make=partial(pure, more={_CACHED: b"\xa7\r"}),
        finding="stale-bytecode",
    ),
)
