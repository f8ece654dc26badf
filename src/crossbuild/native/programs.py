"""Programs on the cross PATH: those that answer for the host, and compilers for the build machine."""

from __future__ import annotations

import shutil
from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.native.configscripts import directories_on, file_names, write_config_scripts, write_refusal
from crossbuild.native.ldconfig import write_ldconfig
from crossbuild.toolchain.fortran import FORTRAN_COMPILER
from crossbuild.toolchain.linkable import write_linkable_libraries

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host


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


def write_build_compilers(directory: Path, path: str, stand_ins: Path) -> dict[str, str]:
    """Write ``build-cc`` and ``build-c++`` into ``directory``, and say so in the variables that tools ask.

    They see the build machine's PATH, since a compiler looks for its assembler and linker there, and zig for another
    compiler. Where it has none, those in ``stand_ins`` do, if there are any.
    """
    variables: dict[str, str] = {}
    for name, compilers in (("CC", ("cc", "gcc", "clang")), ("CXX", ("c++", "g++", "clang++"))):
        file = directory / f"build-{compilers[0]}"
        own = (shutil.which(compiler, path=path) for compiler in compilers)
        if found := next(filter(None, own), None) or shutil.which(file.name, path=str(stand_ins)):
            file.write_text(f'#!/bin/sh\nPATH={quote(path)} exec {quote(found)} "$@"\n', encoding="utf-8")
            file.chmod(0o755)
            variables |= {f"{name}_FOR_BUILD": str(file), f"BUILD_{name}": str(file)}
    return variables
