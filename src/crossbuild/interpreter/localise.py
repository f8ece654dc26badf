"""The host's ``build_time_vars``, as they have to read on this machine."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.reading.sysconfigdata import read_variables_file
from crossbuild.interpreter.flags import flags_of, portable_flags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.host.model import Host
    from crossbuild.interpreter.prefix_layout import Layout
    from crossbuild.toolchain.compilers import Compilers

Variables = dict[str, str | int]
"""What ``sysconfig`` calls config vars."""

_HOLDS_FLAGS = re.compile(r"(?:CFLAGS|CPPFLAGS|CXXFLAGS|LDFLAGS|CCSHARED|LIBS)(?:_|$)|^OPT$|^LINK")

_CC_COMMANDS = {"CC": "", "CPP": "-E", "MAINCC": "", "LINKCC": "", "LDSHARED": "-shared", "BLDSHARED": "-shared"}
_CXX_COMMANDS = {"CXX": "", "LDCXXSHARED": "-shared"}
"""Commands that begin with a compiler, and the flag they cannot do without."""

_STAND_INS = {"CXX": "CC", "LDCXXSHARED": "LDSHARED", "BLDSHARED": "LDSHARED"}
"""Which command's flags to take where the record lacks one: no C++; before LDCXXSHARED."""

_RUNNING_CODE = ("TZPATH", "WHEEL_PKG_DIR")
"""Read by the standard library that runs here (zoneinfo, ensurepip), so the build Python's own values hold."""


def localise(host: Host, *, compilers: Compilers, layout: Layout, build_python: BuildPython) -> Variables:
    """Return the host's config vars with this machine's places and compilers.

    Paths lead into the shadow prefix ``layout``, tools are those of ``compilers``, and flags that only made
    sense where the host's CPython was built are gone. Sizes, suffixes and all other facts stay as they were read, and
    what the user set as it was set, but for the compilers and the archiver, which chose ours.
    """
    values = dict(host.build_time_vars)
    architecture = host.platform.architecture.name
    for name, value in values.items():
        if isinstance(value, str) and name not in host.config_vars:
            values[name] = _portable(name, value, architecture)
    commands = _compiler_commands(values, host.build_time_vars, compilers) | {"AR": shlex.quote(str(compilers.ar))}
    given = {name: values[name] for name in host.config_vars if name not in commands}
    # Records may be incomplete, and distutils takes these for granted.
    defaults: Variables = {"CFLAGS": "", "CCSHARED": "-fPIC", "ARFLAGS": "rcs", "SHLIB_SUFFIX": ".so"}
    return defaults | values | _tools(compilers) | _places(layout) | _running_code(build_python) | given | commands


def _portable(name: str, value: str, architecture: str) -> str:
    """Return the recorded ``value`` without the flags that mean nothing here, and of a compiler's command the rest."""
    if name in _CC_COMMANDS or name in _CXX_COMMANDS:
        return portable_flags(flags_of(value), architecture)
    return portable_flags(value, architecture) if _HOLDS_FLAGS.search(name) else value


def _compiler_commands(
    values: Mapping[str, str | int], recorded: Mapping[str, str | int], compilers: Compilers
) -> Variables:
    """Return every variable that calls a compiler, with ours in it. setuptools asserts that none of them is missing."""
    commands: Variables = {}
    for program, table in ((compilers.cc, _CC_COMMANDS), (compilers.cxx, _CXX_COMMANDS)):
        for name, needed in table.items():
            flags = flags_of(str(values.get(name if recorded.get(name) else _STAND_INS.get(name, "CC")) or ""))
            missing = needed if needed not in flags.split() else ""
            commands[name] = " ".join(filter(None, (shlex.quote(str(program)), flags, missing)))
    return commands


def _tools(compilers: Compilers) -> Variables:
    tools = {name: getattr(compilers, name) for name in ("ranlib", "strip")}
    tools |= {name: program for name, program in compilers.binutils.items() if name in ("nm", "readelf", "objcopy")}
    return {name.upper(): shlex.quote(str(program)) for name, program in tools.items()}


def _places(layout: Layout) -> Variables:
    include = layout.prefix / "include"
    places = {
        "prefix": layout.prefix,
        "exec_prefix": layout.prefix,
        "BINDIR": layout.prefix / "bin",
        "INCLUDEDIR": include,
        "CONFINCLUDEDIR": include,
        "INCLUDEPY": layout.include,
        "CONFINCLUDEPY": layout.include,
        # Not the host's own libdir: with it setuptools' -L would make a linker without that sysroot read its libc.so.
        "LIBDIR": layout.libraries,
        "LIBPC": layout.pkgconfig,
        "LIBPL": layout.config,
        "SCRIPTDIR": layout.prefix / "lib",
        "DESTLIB": layout.stdlib,
        "LIBDEST": layout.stdlib,
        "BINLIBDEST": layout.stdlib,
        "MACHDESTLIB": layout.stdlib,
        "DESTSHARED": layout.stdlib / "lib-dynload",
        "datarootdir": layout.prefix / "share",
        "MANDIR": layout.prefix / "share/man",
    }
    # RUNSHARED sets LD_LIBRARY_PATH for a Python that runs in the directory where it was built.
    return {**{name: str(place) for name, place in places.items()}, "RUNSHARED": ""}


def _running_code(build_python: BuildPython) -> Variables:
    """Return the build Python's own values; nothing where it has no readable record of its making."""
    try:
        own = read_variables_file(build_python.stdlib / f"{build_python.sysconfigdata_name}.py")
    except HostError:
        own = {}
    return {name: own.get(name, "") for name in _RUNNING_CODE}
