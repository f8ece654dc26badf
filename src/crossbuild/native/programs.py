"""Programs on the cross PATH: those that answer for the host, and compilers for the build machine."""

from __future__ import annotations

import subprocess
from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.native.configscripts import directories_on, file_names, write_config_scripts, write_refusal
from crossbuild.native.ldconfig import write_ldconfig
from crossbuild.toolchain.build_machine import BUILD_TOOLS, own_tool
from crossbuild.toolchain.fortran import FORTRAN_COMPILER
from crossbuild.toolchain.linkable import write_linkable_libraries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.host.model import Host

_OF_DOWNLOADS = (
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "UV_INSECURE_HOST", "UV_OFFLINE"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)
"""The variables that say where to download from, and how."""


def write_host_programs(directory: Path, host: Host, *, path: str, python: Path) -> tuple[Path, ...]:
    """Write what answers for the host's libraries, and those libraries that a linker here could not follow.

    The Fortran compilers on ``path``, the build machine's PATH, fail as if they were not there. Return the scripts
    among it all that say how to compile against a library.
    """
    for name in filter(FORTRAN_COMPILER.fullmatch, file_names(directories_on(path))):
        write_refusal(directory / "host-bin" / name, "it compiles for the build machine")
    write_ldconfig(directory / "host-bin", host)
    if host.sysroot:
        write_linkable_libraries(directory / "libraries", sysroot=host.sysroot, multiarch=host.multiarch)
    return write_config_scripts(directory / "host-bin", sysroot=host.sysroot, path=path, python=python)


def write_build_compilers(
    directory: Path, path: str, *, stand_ins: Path | None, downloads: Mapping[str, str]
) -> dict[str, str]:
    """Write ``build-cc`` and kin into ``directory``, and return the variables by which tools find them.

    They see the build machine's PATH, since a compiler looks for its assembler and linker there, and zig for another
    compiler. Those that ``path`` does not have are taken from ``stand_ins``, which may have to be downloaded with the
    variables ``downloads``.
    """
    own = {name: own_tool(name, path) for name in BUILD_TOOLS}
    settings = _download_settings(stand_ins, downloads) if stand_ins and None in own.values() else ""
    variables: dict[str, str] = {}
    for name, (program, *_) in BUILD_TOOLS.items():
        found = own[name] or (stand_ins and str(stand_ins / program))
        if found:
            file = directory / f"build-{program}"
            before = "" if own[name] else settings
            file.write_text(f'#!/bin/sh\n{before}PATH={quote(path)} exec {quote(found)} "$@"\n', encoding="utf-8")
            file.chmod(0o755)
            names = (f"{name}_FOR_BUILD", f"BUILD_{name}", f"HOST{name}", f"HOST_{name}")
            variables |= dict.fromkeys(names, str(file))
    return variables


def _download_settings(stand_ins: Path, downloads: Mapping[str, str]) -> str:
    """Return the lines by which a stand-in downloads from where ``downloads`` say.

    Builds see no passwords. Where there may be one, the download takes place here, and none in the build.
    """
    known = {name: downloads[name] for name in _OF_DOWNLOADS if downloads.get(name)}
    if any("@" in value for value in known.values()):
        # If that fails, the stand-in says so to the build that calls it: most do not.
        command = [stand_ins / BUILD_TOOLS["CC"][0], "--version"]
        subprocess.run(command, env=dict(downloads), capture_output=True, check=False)
        known = {"UV_OFFLINE": "1"}
    return "".join(f"export {name}={quote(value)}\n" for name, value in known.items())
