"""The files that a host's extensions are compiled and linked against: are they all there, and of one Python?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.diagnosis.finding import Finding
from crossbuild.errors import HostError
from crossbuild.host.reading import headers as reading
from crossbuild.platforms.system_directories import header_directories, library_directories
from crossbuild.system.rooted_paths import in_root

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host, PartialHost

_INCLUDE = re.compile(r'^\s*#\s*include\s+"(?P<name>[\w./]+)"', re.MULTILINE)
_DEVELOPMENT_FILES = ("crt1.o", "libc.so")
"""What glibc's and musl's development packages put beside the libraries."""


def check_sysroot(described: Host | PartialHost, sysroot: Path | None, *, brings_libc: bool) -> Finding:
    """Return whether libraries can be linked to; ``brings_libc``: that the compiler has a C library of its own."""
    if sysroot is None:
        return Finding(
            subject="sysroot",
            state="absent",
            detail="none: nothing beyond the C library can be linked to",
            remedy="Where a project wants more, name a root that has it: --sysroot DIR, or debian:bookworm:arm64.",
        )
    lacking = _lacking(sysroot, described)
    if not lacking or brings_libc:
        return Finding(subject="sysroot", state="ok", detail=str(sysroot))
    package = "libc6-dev" if described.platform.libc == "glibc" else "musl-dev"
    return Finding(
        subject="sysroot",
        state="warning",
        detail=f"{sysroot} lacks {', '.join(lacking)}, which the C library's development package has",
        remedy=f"Install that in it (Debian and Ubuntu: {package}), or build with --toolchain zig.",
    )


def _lacking(sysroot: Path, described: Host | PartialHost) -> list[str]:
    headers, libraries = header_directories(described.platform), library_directories(described.platform)
    wanted = [("stdio.h", headers), *((name, libraries) for name in _DEVELOPMENT_FILES)]
    return [name for name, places in wanted if not any(_has(sysroot, f"{place}/{name}") for place in places)]


def _has(sysroot: Path, path: str) -> bool:
    try:
        return in_root(path, sysroot).exists()
    except OSError:
        return False


def check_headers(described: Host | PartialHost) -> Finding:
    """Return whether the host's headers are complete, and of its version."""
    if described.headers is None:
        detail = (
            "those that it sent along" if described.header_texts else "those of the build Python, made to fit the host"
        )
        return Finding(subject="headers", state="ok", detail=detail)
    try:
        version = described.python_version
        reading.check_headers(described.headers, (version[0], version[1]))
        wrong = list(_incomplete(described.headers))
    except HostError as error:
        wrong = [error.what]
    except OSError as error:
        wrong = [str(error)]
    if not wrong:
        return Finding(subject="headers", state="ok", detail=str(described.headers))
    return Finding(
        subject="headers",
        state="problem",
        detail="\n".join([f"{described.headers} does not serve:", *wrong]),
        remedy="Copy the host's include directory as a whole, or name another with --headers.",
        exit_code=HostError.exit_code,
    )


def _incomplete(headers: Path) -> list[str]:
    """Return what ``Python.h`` includes that is not there. (Its ``pyconfig.h`` may be elsewhere, and was found.)"""
    names = _INCLUDE.findall((headers / "Python.h").read_text(encoding="utf-8", errors="replace"))
    missing = [name for name in names if name != "pyconfig.h" and not (headers / name).is_file()]
    return [f"Python.h includes {', '.join(missing)}, which it lacks"] if missing else []
