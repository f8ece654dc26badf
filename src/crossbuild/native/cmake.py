"""CMake: a toolchain file, and a dependency provider that lets FindPython ask the cross Python.

Source: cmake-toolchains(7), cmake_language(SET_DEPENDENCY_PROVIDER), FindPython's treatment of CMAKE_CROSSCOMPILING and
policy CMP0190. The build machine is CMAKE_HOST_SYSTEM in CMake's words.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.toolchain.compilers import Compilers


def toolchain_file(host: Host, compilers: Compilers, *, find_roots: tuple[Path, ...], provider: Path) -> str:
    """Return the text of a toolchain file.

    ``find_roots`` are the only places libraries and headers are found in, besides the cross Python's prefix which must
    be among them. ``provider`` is where :func:`provider_file`'s text is written.
    """
    settings = {
        "CMAKE_SYSTEM_NAME": "Linux",
        "CMAKE_SYSTEM_PROCESSOR": host.platform.architecture.name,
        "CMAKE_C_COMPILER": str(compilers.cc),
        "CMAKE_CXX_COMPILER": str(compilers.cxx),
        "CMAKE_AR": str(compilers.ar),
        "CMAKE_RANLIB": str(compilers.ranlib),
        "CMAKE_STRIP": str(compilers.strip),
        "CMAKE_FIND_ROOT_PATH": ";".join(map(str, find_roots)),
        "CMAKE_FIND_ROOT_PATH_MODE_PROGRAM": "NEVER",
        "CMAKE_FIND_ROOT_PATH_MODE_LIBRARY": "ONLY",
        "CMAKE_FIND_ROOT_PATH_MODE_INCLUDE": "ONLY",
        # Packages such as pybind11's live in the build environment's site-packages.
        "CMAKE_FIND_ROOT_PATH_MODE_PACKAGE": "BOTH",
        "CMAKE_FIND_USE_SYSTEM_PACKAGE_REGISTRY": "FALSE",
        "CMAKE_FIND_USE_PACKAGE_REGISTRY": "FALSE",
        "CMAKE_LIBRARY_ARCHITECTURE": host.platform.multiarch,
    }
    if compilers.fc:
        settings["CMAKE_Fortran_COMPILER"] = str(compilers.fc)
    lines = [f'set({name} "{value}")' for name, value in settings.items()]
    lines.append(f'list(APPEND CMAKE_PROJECT_TOP_LEVEL_INCLUDES "{provider}")')
    return "\n".join(lines) + "\n"


def provider_file() -> str:
    """Return the text of the dependency provider for FindPython."""
    return files("crossbuild.native").joinpath("findpython.cmake").read_text(encoding="utf-8")
