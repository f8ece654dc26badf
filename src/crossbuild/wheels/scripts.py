"""Do the scripts of a wheel start on the host?

Sources: execve(2) (the first line, to its end, whatever the last character is), PyPA's "Binary distribution format"
(``#!python`` is replaced by installers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.reading.files import follow
from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.references import is_measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.host.model import Host
    from crossbuild.wheels.wheel_contents import Script, WheelContents

_REPLACED = b"#!python"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SCRIPT_STARTS = (b"#!", _BYTE_ORDER_MARK + b"#!")
"""What a script begins with, or was meant to."""
_LONGEST = 254
"""Bytes of an interpreter's path: the kernel reads 256 of the line (``BINPRM_BUF_SIZE``)."""
_OF_SYSTEM = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/")
"""A root may be a part of the host, and have the libraries of a package without its programs."""


def script_problems(contents: WheelContents) -> Iterator[WheelFinding]:
    """Yield a problem for each script whose first line names an interpreter that no system has."""
    for script in contents.scripts:
        if not script.first_line.startswith(_REPLACED) and script.first_line.endswith(b"\r"):
            text = "its first line ends with a carriage return, which the kernel takes for part of a name"
            yield WheelFinding(id="script-line-end", file=script.file, text=text)
        elif fault := _unusable(script):
            yield WheelFinding(id="unusable-interpreter", file=script.file, text=fault, tolerable=True)


def script_warnings(contents: WheelContents, host: Host) -> Iterator[WheelFinding]:
    """Yield a warning for each script whose interpreter is not in the host's root."""
    if not is_measured(host):
        return
    for script in contents.scripts:
        interpreter = _interpreter(script)
        if interpreter.startswith("/") and not interpreter.startswith(_OF_SYSTEM) and not _has(host, interpreter):
            text = f"its first line names {interpreter}, which is not in {host.sysroot}"
            yield WheelFinding(id="missing-interpreter", file=script.file, text=text)


def _unusable(script: Script) -> str:
    """Return why the kernel finds no interpreter by the first line of ``script``."""
    if script.first_line.startswith(_BYTE_ORDER_MARK):
        return "begins with a byte order mark, behind which the kernel does not see #!"
    if script.first_line.startswith(_REPLACED):
        return ""
    interpreter = _interpreter(script)
    if not interpreter:
        return "its first line names no interpreter"
    if "\0" in interpreter:
        return "its first line has a null byte in the name of the interpreter"
    if not interpreter.startswith("/"):
        return f"its first line names {interpreter}, which the kernel looks for in the current directory"
    return f"its first line has more than {_LONGEST} bytes before the interpreter's name ends" * (
        len(interpreter) > _LONGEST
    )


def _interpreter(script: Script) -> str:
    words = script.first_line.removeprefix(b"#!").split()
    return words[0].decode(errors="replace") if words and not script.first_line.startswith(_REPLACED) else ""


def _has(host: Host, path: str) -> bool:
    root = follow(host.sysroot) if host.sysroot else None
    try:
        return root is not None and follow(root / path.lstrip("/"), root=root).is_file()
    except (HostError, OSError):
        return False
