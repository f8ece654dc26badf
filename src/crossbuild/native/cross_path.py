"""Programs on the cross PATH: those that answer for the host, and compilers for the build machine."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.native.configscripts import write_config_scripts, write_refusal
from crossbuild.native.ldconfig import write_ldconfig
from crossbuild.system.filesystem import write_script
from crossbuild.system.programs import directories_on, file_names
from crossbuild.toolchain.build_machine import BUILD_TOOLS, own_tool
from crossbuild.toolchain.fortran import FORTRAN_COMPILER
from crossbuild.toolchain.linkable import write_linkable_libraries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.host.model import Host
    from crossbuild.native.build_layout import BuildDirectory
    from crossbuild.toolchain.build_machine import StandIns


def write_host_programs(build: BuildDirectory, host: Host, *, path: str, python: Path) -> tuple[Path, ...]:
    """Write what answers for the host's libraries, and those libraries that a linker here could not follow.

    The Fortran compilers on ``path``, the build machine's PATH, fail as if they were not there. Return the scripts
    among it all that say how to compile against a library.
    """
    for name in filter(FORTRAN_COMPILER.fullmatch, file_names(directories_on(path))):
        write_refusal(build.host_bin / name, "it compiles for the build machine")
    write_ldconfig(build.host_bin, host)
    if host.sysroot:
        write_linkable_libraries(build.libraries, sysroot=host.sysroot, platform=host.platform)
    return write_config_scripts(build.host_bin, sysroot=host.sysroot, path=path, python=python)


def write_build_compilers(
    directory: Path, path: str, *, stand_ins: StandIns | None, downloads: Mapping[str, str]
) -> dict[str, str]:
    """Write ``build-cc``, ``build-c++``, ``build-ar`` and ``build-ranlib`` into ``directory``.

    They see the build machine's PATH, since a compiler looks for its assembler and linker there, and zig for another
    compiler. The ``stand_ins`` serve as those that ``path`` does not have, and are downloaded as the variables
    ``downloads`` say. Return the variables in which build tools look for them.
    """
    variables: dict[str, str] = {}
    download = stand_ins.download_command(downloads) if stand_ins else ""
    for name, (program, *_) in BUILD_TOOLS.items():
        file = directory / f"build-{program}"
        if own := own_tool(name, path):
            _write_program(file, own, path)
        elif stand_ins:
            _write_program(file, stand_ins.directory / program, path, first=download)
        if file.exists():
            # What autoconf's macros, makefiles such as the kernel's, and the crate cc read: nobody agreed on a name.
            names = (f"{name}_FOR_BUILD", f"BUILD_{name}", f"HOST{name}", f"HOST_{name}")
            variables |= dict.fromkeys(names, str(file))
    return variables


def write_stand_ins(directory: Path, path: str, *, stand_ins: StandIns | None, downloads: Mapping[str, str]) -> None:
    """Make ``directory`` if ``path`` has no C compiler, to come after it where software is compiled for this machine.

    It has ``stand_ins`` under all their names, downloaded as the variables ``downloads`` say.
    """
    if stand_ins and not own_tool("CC", path):
        directory.mkdir()
        download = stand_ins.download_command(downloads)
        for program in stand_ins.directory.iterdir():
            _write_program(directory / program.name, program, path, first=download)


def _write_program(file: Path, real: str | Path, path: str, *, first: str = "") -> None:
    """Write the program ``file``, which is ``real`` on ``path``, once the shell command ``first`` has succeeded."""
    condition = f"{first} || exit\n" if first else ""
    write_script(file, f'{condition}PATH={quote(path)} exec {quote(str(real))} "$@"\n')


def lent_compilers(build_compilers: Mapping[str, str], path: str) -> dict[str, Path]:
    """Return which of the variables ``build_compilers`` a stand-in serves as, by Meson's names of the languages."""
    languages = {"c": "CC", "cpp": "CXX"}
    return {
        language: Path(build_compilers[f"{name}_FOR_BUILD"])
        for language, name in languages.items()
        if f"{name}_FOR_BUILD" in build_compilers and not own_tool(name, path)
    }
