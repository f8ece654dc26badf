"""The sysconfigdata that a CPython configured and installed the usual way would have on a host.

Sources: CPython's configure.ac (PLATFORM_TRIPLET, SOABI, OPT, BASECFLAGS) and Makefile.pre.in (directories). What the
build Python recorded of its own paths, compilers and flags says nothing of the host and is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.host.reading.pyconfig import config_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.host.model import PartialHost
    from crossbuild.platforms.platform import Platform

_MUSL_IN_TRIPLET = (3, 11)
"""From here on configure tells musl from glibc; wheels of older Pythons for musl say ``gnu`` in their suffixes."""

_NO_STRICT_OVERFLOW = (3, 12)
"""From here on ``-fno-strict-overflow`` is in BASECFLAGS instead of ``-fwrapv`` in OPT."""

_PERF_TRAMPOLINE = ("x86_64-linux-gnu", "aarch64-linux-gnu")


def platform_triplet(platform: Platform, python_version: tuple[int, int]) -> str:
    """Return CPython's PLATFORM_TRIPLET, also its MULTIARCH: ``i386-linux-gnu``."""
    if platform.libc == "musl" and python_version < _MUSL_IN_TRIPLET:
        return platform.multiarch.replace("-musl", "-gnu")
    return platform.multiarch


def decided_macros(host: PartialHost) -> dict[str, str | None]:
    """Return the macros of ``pyconfig.h`` that follow from the host's name rather than from a measurement."""
    triplet = platform_triplet(host.platform, host.python_version)
    return {
        "Py_DEBUG": "1" if "d" in host.abi_flags else None,
        "Py_ENABLE_SHARED": None,
        "Py_GIL_DISABLED": "1" if "t" in host.abi_flags else None,
        "PY_HAVE_PERF_TRAMPOLINE": "1" if triplet in _PERF_TRAMPOLINE else None,
        "PY_SUPPORT_TIER": "0",  # PEP 11: nobody supports a Python that nobody built
    }


def recorded_variables(host: PartialHost, *, base: Mapping[str, str | int], pyconfig: str) -> dict[str, str | int]:
    """Return the host's ``build_time_vars``: ``base`` is the build Python's, ``pyconfig`` the host's ``pyconfig.h``."""
    triplet = platform_triplet(host.platform, host.python_version)
    version = "{}.{}".format(*host.python_version)
    own = {key: value for key, value in base.items() if _says_nothing_of_its_build(key, value)}
    return {
        **own,
        **_names(host, version, triplet),
        **_directories(version, host.abi_flags, triplet),
        **_tools(host.platform.gnu_type),
        **_flags(host, triplet),
        **config_variables(pyconfig),
    }


def _says_nothing_of_its_build(key: str, value: str | int) -> bool:
    if isinstance(value, int):
        return True
    # Paths, options, placeholders, libraries, compilers and triplets: what configure decided for its own machine.
    marks = ("/", "-", "@", "\\", ".so", "gcc", "clang", "linux")
    return value != "." and not key.startswith("MODULE_") and not any(mark in value for mark in marks)


def _names(host: PartialHost, version: str, triplet: str) -> dict[str, str | int]:
    # A static build, which is what configure makes by default: there is no libpython to link modules to.
    library = f"libpython{version}{host.abi_flags}.a"
    soabi = f"cpython-{version.replace('.', '')}{host.abi_flags}-{triplet}"
    return {
        "ABIFLAGS": host.abi_flags,
        "BLDLIBRARY": library,
        "BUILD_GNU_TYPE": host.platform.gnu_type,
        "CONFIG_ARGS": "",
        "EXT_SUFFIX": f".{soabi}.so",
        "HOST_GNU_TYPE": host.platform.gnu_type,
        "INSTSONAME": library,
        "LDLIBRARY": library,
        "LDVERSION": version + host.abi_flags,
        "LIBRARY": library,
        "MACHDEP": "linux",
        "MULTIARCH": triplet,
        "PY_ENABLE_SHARED": 0,
        "RUNSHARED": "",
        "SHLIB_SUFFIX": ".so",
        "SOABI": soabi,
        "VERSION": version,
    }


def _directories(version: str, abi_flags: str, triplet: str) -> dict[str, str]:
    prefix = "/usr/local"
    include = f"{prefix}/include/python{version}{abi_flags}"
    library = f"{prefix}/lib/python{version}{'t' if 't' in abi_flags else ''}"
    return {
        "prefix": prefix,
        "exec_prefix": prefix,
        "datarootdir": f"{prefix}/share",
        "BINDIR": f"{prefix}/bin",
        "BINLIBDEST": library,
        "CONFINCLUDEDIR": f"{prefix}/include",
        "CONFINCLUDEPY": include,
        "DESTLIB": library,
        "DESTSHARED": f"{library}/lib-dynload",
        "INCLUDEDIR": f"{prefix}/include",
        "INCLUDEPY": include,
        "LIBDEST": library,
        "LIBDIR": f"{prefix}/lib",
        "LIBPC": f"{prefix}/lib/pkgconfig",
        "LIBPL": f"{library}/config-{version}{abi_flags}-{triplet}",
        "MACHDESTLIB": library,
        "MANDIR": f"{prefix}/share/man",
        "PLATLIBDIR": "lib",
        "SCRIPTDIR": f"{prefix}/lib",
        "TZPATH": "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo",
    }


def _tools(gnu_type: str) -> dict[str, str]:
    cc, cxx = f"{gnu_type}-gcc", f"{gnu_type}-g++"
    return {
        "AR": f"{gnu_type}-ar",
        "ARFLAGS": "rcs",
        "BLDSHARED": f"{cc} -shared",
        "CC": cc,
        "CCSHARED": "-fPIC",
        "CXX": cxx,
        "LDCXXSHARED": f"{cxx} -shared",
        "LDSHARED": f"{cc} -shared",
        "LINKCC": cc,
        "MAINCC": cc,
        "NM": f"{gnu_type}-nm",
        "RANLIB": f"{gnu_type}-ranlib",
        "READELF": f"{gnu_type}-readelf",
    }


def _flags(host: PartialHost, triplet: str) -> dict[str, str]:
    if host.python_version >= _NO_STRICT_OVERFLOW:
        base, optimised = "-fno-strict-overflow -Wsign-compare", "-DNDEBUG -g -O3 -Wall"
    else:
        base, optimised = "-Wsign-compare", "-DNDEBUG -g -fwrapv -O3 -Wall"
    if "d" in host.abi_flags:
        # configure.ac, --with-pydebug.
        optimised = "-g -Og -Wall"
    cflags = f"{base} {optimised}"
    empty = ("CONFIGURE_CFLAGS", "CONFIGURE_CPPFLAGS", "CONFIGURE_LDFLAGS", "CPPFLAGS", "EXTRA_CFLAGS", "LDFLAGS")
    return {
        **dict.fromkeys((*empty, "PY_CPPFLAGS", "PY_LDFLAGS", "PY_CORE_LDFLAGS"), ""),
        "BASECFLAGS": base,
        "CFLAGS": cflags,
        "LIBM": "-lm",
        "LIBS": "-ldl",
        "LINKFORSHARED": "-Xlinker -export-dynamic",
        "MULTIARCH_CPPFLAGS": rf"-DMULTIARCH=\"{triplet}\"",
        "OPT": optimised,
        "PY_CFLAGS": cflags,
        "SHLIBS": "-ldl",
        "SYSLIBS": "-lm",
    }
