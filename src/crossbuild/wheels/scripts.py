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
_OF_SYSTEM = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/")
"""A root may be a part of the host, and have the libraries of a package without its programs."""


def script_problems(contents: WheelContents) -> Iterator[WheelFinding]:
    """Yield a problem for each script whose first line names an interpreter that no system has."""
    for script in contents.scripts:
        if not script.first_line.startswith(_REPLACED) and script.first_line.endswith(b"\r"):
            text = "its first line ends with a carriage return, which the kernel takes for part of a name"
            yield WheelFinding(id="script-line-end", file=script.file, text=text)


def script_warnings(contents: WheelContents, host: Host) -> Iterator[WheelFinding]:
    """Yield a warning for each script whose interpreter is not in the host's root."""
    if not is_measured(host):
        return
    for script in contents.scripts:
        interpreter = _interpreter(script)
        if interpreter.startswith("/") and not interpreter.startswith(_OF_SYSTEM) and not _has(host, interpreter):
            text = f"its first line names {interpreter}, which is not in {host.sysroot}"
            yield WheelFinding(id="missing-interpreter", file=script.file, text=text)


def _interpreter(script: Script) -> str:
    words = script.first_line.removeprefix(b"#!").split()
    return words[0].decode(errors="replace") if words and not script.first_line.startswith(_REPLACED) else ""


def _has(host: Host, path: str) -> bool:
    root = follow(host.sysroot) if host.sysroot else None
    try:
        return root is not None and follow(root / path.lstrip("/"), root=root).is_file()
    except (HostError, OSError):
        return False
