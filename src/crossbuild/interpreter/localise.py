"""The host's ``build_time_vars``, as they have to read on this machine."""

from __future__ import annotations

import ast
import re
import shlex
from typing import TYPE_CHECKING

from crossbuild.interpreter.flags import portable_flags, replace_program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.build_python import BuildPython
    from crossbuild.host.model import Host
    from crossbuild.interpreter.layout import Layout
    from crossbuild.toolchain.compilers import Compilers

Variables = dict[str, str | int]
"""What ``sysconfig`` calls config vars."""

_HOLDS_FLAGS = re.compile(r"(?:CFLAGS|CPPFLAGS|CXXFLAGS|LDFLAGS|CCSHARED|LIBS)(?:_|$)|^OPT$|^LINK")

_CC_COMMANDS = {"CC": "", "CPP": "-E", "MAINCC": "", "LINKCC": "", "LDSHARED": "-shared", "BLDSHARED": "-shared"}
_CXX_COMMANDS = {"CXX": "", "LDCXXSHARED": "-shared"}
"""Commands that begin with a compiler, and the flag they cannot do without."""

_RUNNING_CODE = ("TZPATH", "WHEEL_PKG_DIR")
"""Read by the standard library that runs here (zoneinfo, ensurepip), so the build Python's own values hold."""


def localise(host: Host, *, compilers: Compilers, layout: Layout, build_python: BuildPython) -> Variables:
    """Return the host's config vars with this machine's places and compilers.

    Paths lead into the shadow prefix ``layout``, tools are absolute paths of ``compilers``, and flags that only made
    sense where the host's CPython was built are gone. Sizes, suffixes and all other facts stay as they were read.
    """
    values = dict(host.build_time_vars)
    architecture = host.platform.architecture.name
    commands = _commands(values, compilers, architecture)
    for name, value in values.items():
        if isinstance(value, str) and _HOLDS_FLAGS.search(name):
            values[name] = portable_flags(value, architecture)
    defaults: Variables = {"CFLAGS": "", "CCSHARED": "-fPIC", "ARFLAGS": "rcs", "SHLIB_SUFFIX": ".so"}
    return defaults | values | commands | _places(layout) | _running_code(build_python)


def _commands(values: Mapping[str, str | int], compilers: Compilers, architecture: str) -> Variables:
    """Return every variable that names a tool, with ours in it. setuptools asserts that none of them is missing."""
    commands: Variables = {}
    for program, table in ((compilers.cc, _CC_COMMANDS), (compilers.cxx, _CXX_COMMANDS)):
        for name, needed in table.items():
            recorded = str(values.get(name) or _stand_in(name, values))
            command = replace_program(recorded, shlex.quote(str(program)), architecture)
            commands[name] = command if needed in command.split() or not needed else f"{command} {needed}"
    for name in ("ar", "ranlib", "strip"):
        commands[name.upper()] = shlex.quote(str(getattr(compilers, name)))
    for name in ("nm", "readelf", "objcopy"):
        if (compilers.directory / name).exists():
            commands[name.upper()] = shlex.quote(str(compilers.directory / name))
    return commands


def _stand_in(name: str, values: Mapping[str, str | int]) -> str | int:
    """Return a command to take the flags from, where the host's record lacks ``name`` (no C++; before LDCXXSHARED)."""
    return values.get({"CXX": "CC", "LDCXXSHARED": "LDSHARED", "BLDSHARED": "LDSHARED"}.get(name, "CC")) or ""


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
    return {**{name: str(place) for name, place in places.items()}, "RUNSHARED": ""}


def _running_code(build_python: BuildPython) -> Variables:
    own = read_variables(build_python)
    return {name: own.get(name, "") for name in _RUNNING_CODE}


def read_variables(build_python: BuildPython) -> Variables:
    """Return the build Python's own config vars; empty where it has no sysconfigdata."""
    source = build_python.stdlib / f"{build_python.sysconfigdata_name}.py"
    try:
        tree = ast.parse(source.read_bytes())
    except OSError:
        return {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            return dict(ast.literal_eval(statement.value))
    return {}
