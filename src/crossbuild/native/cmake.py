"""CMake: a toolchain file, and a dependency provider that lets FindPython ask the cross Python.

Source: cmake-toolchains(7), cmake_language(SET_DEPENDENCY_PROVIDER), FindPython's treatment of CMAKE_CROSSCOMPILING and
policy CMP0190. The build machine is CMAKE_HOST_SYSTEM in CMake's words.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from crossbuild.platforms.system_directories import library_directories

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.toolchain.compilers import Compilers

_BINUTILS = {
    "CMAKE_LINKER": "ld",
    "CMAKE_NM": "nm",
    "CMAKE_OBJCOPY": "objcopy",
    "CMAKE_OBJDUMP": "objdump",
    "CMAKE_READELF": "readelf",
    "CMAKE_ADDR2LINE": "addr2line",
}
_NAMED_PREFIXES = """\
# What the user names with CMAKE_PREFIX_PATH is the host's, unless it is this machine's own.
string(REPLACE ":" ";" crossbuild_prefixes "$ENV{CMAKE_PREFIX_PATH}:$ENV{CROSSBUILD_HOST_SITE}")
list(APPEND crossbuild_prefixes ${CMAKE_PREFIX_PATH})
list(FILTER crossbuild_prefixes EXCLUDE REGEX "^/(usr|usr/local)?/*$")
list(APPEND CMAKE_FIND_ROOT_PATH ${crossbuild_prefixes})
"""


def toolchain_file(
    host: Host,
    compilers: Compilers,
    *,
    find_roots: tuple[Path, ...],
    provider: Path,
    pkg_config: Path,
    runner: Path | None = None,
) -> str:
    """Return the text of a toolchain file.

    ``find_roots`` are, beside the project's own directories and what ``CMAKE_PREFIX_PATH`` names, the only places that
    libraries, headers and packages are found in: the cross Python's prefix must be among them, and that of the build's
    site-packages. ``provider`` is where :func:`provider_file`'s text is written; ``pkg_config`` answers for the host;
    ``runner`` starts the host's programs.
    """
    roots = (*map(str, find_roots), "${CMAKE_SOURCE_DIR}", "${CMAKE_BINARY_DIR}")
    settings = {
        "CMAKE_SYSTEM_NAME": "Linux",  # set at all, it makes CMAKE_CROSSCOMPILING true
        "CMAKE_SYSTEM_PROCESSOR": host.platform.architecture.name,
        "CMAKE_C_COMPILER": compilers.cc,
        "CMAKE_CXX_COMPILER": compilers.cxx,
        "CMAKE_AR": compilers.ar,
        "CMAKE_RANLIB": compilers.ranlib,
        "CMAKE_STRIP": compilers.strip,
        "CMAKE_FIND_ROOT_PATH": ";".join(roots),
        "CMAKE_FIND_ROOT_PATH_MODE_PROGRAM": "NEVER",  # programs run here
        "CMAKE_FIND_ROOT_PATH_MODE_LIBRARY": "ONLY",
        "CMAKE_FIND_ROOT_PATH_MODE_INCLUDE": "ONLY",
        "CMAKE_FIND_ROOT_PATH_MODE_PACKAGE": "ONLY",
        # ~/.cmake/packages and its like name what was built on this machine, for this machine.
        "CMAKE_FIND_USE_SYSTEM_PACKAGE_REGISTRY": "FALSE",
        "CMAKE_FIND_USE_PACKAGE_REGISTRY": "FALSE",
        # Otherwise CMake looks for it in the directories that the compiler passes to its linker.
        "CMAKE_LIBRARY_ARCHITECTURE": host.multiarch,
        # The compilers search these anyway, and so does the host's loader: no RPATH is to name them.
        "CMAKE_PLATFORM_IMPLICIT_LINK_DIRECTORIES": ";".join(_link_directories(host)),
        # When CMake installs a library, it writes another run path over that of the build directory, whose length would
        # remain if it were absolute.
        "CMAKE_BUILD_RPATH_USE_ORIGIN": "TRUE",
        "PKG_CONFIG_EXECUTABLE": pkg_config,
        # scikit-build's check_dynamic_lookup() runs a program to learn whether modules may leave the symbols of Python
        # to the interpreter that loads them, else links them with libpython. ELF lets them.
        "HAS_DYNAMIC_LOOKUP_MODULE_SHARED": "TRUE",
        "HAS_DYNAMIC_LOOKUP_SHARED_SHARED": "TRUE",
    }
    settings |= {name: compilers.binutils[tool] for name, tool in _BINUTILS.items() if tool in compilers.binutils}
    if runner:
        settings["CMAKE_CROSSCOMPILING_EMULATOR"] = runner
    if compilers.fc:
        settings["CMAKE_Fortran_COMPILER"] = compilers.fc
    lines = [f'set({name} "{value}")' for name, value in settings.items()]
    lines.append(f'list(APPEND CMAKE_PROJECT_TOP_LEVEL_INCLUDES "{provider}")')
    return "\n".join(lines) + "\n" + _NAMED_PREFIXES


def write_standard_libraries(directory: Path, *, supplied: bool) -> Path:
    """Write below ``directory`` what find_library() takes for the parts of the C library, and return it.

    Where no sysroot has them, they are nowhere to be found, while every linker knows them by name. ``supplied`` says
    that the compiler links them in any case, whatever the file holds; else it is a linker script that names the part.
    """
    place = directory / "lib"
    place.mkdir(parents=True)
    for name in ("m", "dl", "pthread", "rt", "util"):
        # Were they called .so, CMake would add their directory to the RPATH.
        content = "!<arch>\n" if supplied else f"INPUT ( -l{name} )\n"
        place.joinpath(f"lib{name}.a").write_text(content, encoding="ascii")
    return directory


def provider_file() -> str:
    """Return the text of the dependency provider for FindPython."""
    return files("crossbuild.native").joinpath("findpython.cmake").read_text(encoding="utf-8")


def _link_directories(host: Host) -> list[str]:
    if host.sysroot is None:
        return []
    return [f"{host.sysroot}{place}" for place in library_directories(host.platform)]
