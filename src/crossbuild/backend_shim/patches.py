"""The facts that are put right when the module that tells them is imported. One section per module.

Each patch is a function of the freshly executed module and the host's facts. It may run again on the same module
(``importlib.reload``, vendoring importers), and must then come to the same result.
"""

import os
import sys
from functools import partial
from itertools import chain

from . import noticed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Callable, Dict, List, Optional, Tuple, Union

    from .places import Places
    from .start import Facts, Patch


def patch_for(stem: str, last: str, places: "Places") -> "Optional[Patch]":
    """Return the patch for the module ``stem.last``, or None if it only has such a name by chance."""
    if last in ("tags", "_manylinux", "_musllinux"):
        # Every copy: pip._vendor.packaging, setuptools.extern.packaging, wheel.vendored.packaging, uv's private one.
        return packaging if stem == "packaging" or stem.endswith(".packaging") else None
    if stem != {"machinery": "importlib", "posix": "SCons.Platform", "util": "ctypes"}.get(last, ""):
        return None
    if last == "pip":
        fetch_for_the_build_machine()
        return None
    table: "Dict[str, Patch]" = {
        "_cffi_backend": partial(cffi_backend, places=places),
        "ctypes": ctypes,
        "machinery": machinery,
        "mesonpy": mesonpy,
        "platform": platform,
        "posix": scons,
        "resource": resource,
        "struct": struct,
        "tempfile": tempfile,
        "util": partial(ctypes_util, places=places),
    }
    return table[last]


def _replacing(module: "Any", name: str) -> "Callable[[Callable[..., Any]], None]":
    """Return a decorator: a function takes the place of ``name`` in ``module``, and is given what it replaces first.

    Nothing happens if ``module`` has no such function, or has been patched before.
    """

    def replace(replacement: "Callable[..., Any]") -> None:
        original = getattr(module, name, None)
        # A mark of our own: functools.wraps() sets __wrapped__, and meson-python's hooks have it.
        if original is None or hasattr(original, "_crossbuild"):
            return
        # A partial has no frame, so sys._getframe(1) in the replacement is who called.
        there = partial(replacement, original)
        vars(there).update(_crossbuild=True, __name__=name, __doc__=replacement.__doc__)
        setattr(module, name, there)

    return replace


# -- platform ---------------------------------------------------------------------------------------------------------
# Most of it follows os.uname(). But processor() runs `uname -p`, architecture() runs `file` on the executable, and
# libc_ver() reads the executable where os.confstr() does not answer: all three would describe the build machine.


def platform(module: "Any", facts: "Facts") -> None:
    """Make processor(), architecture() and libc_ver() the host's."""
    machine = facts["machine"]
    if hasattr(module, "_Processor"):
        module._Processor.get = staticmethod(lambda: machine)
    else:  # Python 3.8
        module._syscmd_uname = lambda *_: machine
    host_bits = "32bit" if facts["is_32bit"] else "64bit"
    glibc = facts["libc"] == "glibc"
    known = "{}.{}".format(*facts["libc_version"]) if facts["libc_version"] else ""

    @_replacing(module, "architecture")
    def architecture(
        original: "Callable[..., Tuple[str, str]]",
        executable: str = sys.executable,
        bits: str = "",
        linkage: str = "",
    ) -> "Tuple[str, str]":
        """Return the host's pointer size and ELF for the interpreter; look at any other file."""
        return (host_bits, "ELF") if executable == sys.executable else original(executable, bits, linkage)

    @_replacing(module, "libc_ver")
    def libc_ver(
        original: "Callable[..., Tuple[str, str]]",
        executable: "Optional[str]" = None,
        lib: str = "",
        version: str = "",
        chunksize: int = 16384,
    ) -> "Tuple[str, str]":
        """Return the host's C library for the interpreter (nothing for musl, as there); look at any other file."""
        if executable and executable != sys.executable:
            return original(executable, lib, version, chunksize)
        return ("glibc", known or version) if glibc else (lib, version)


# -- importlib.machinery ----------------------------------------------------------------------------------------------
# Meson takes the second suffix for its limited API, CMake, sip and older setuptools the first with ".abi3". Only the
# attribute is replaced: the path finder took its own list at start, so the build machine's extensions still load.


def machinery(module: "Any", facts: "Facts") -> None:
    """Put the host's extension suffix first; the build machine's stays, last, for inspect and pkgutil."""
    own, *others = module.EXTENSION_SUFFIXES
    if own == facts["ext_suffix"]:
        return
    if facts["build_multiarch"]:
        others = [suffix.replace(facts["build_multiarch"], facts["multiarch"]) for suffix in others]
    module.EXTENSION_SUFFIXES = [facts["ext_suffix"], *others, own]


# -- struct, for 32-bit hosts -----------------------------------------------------------------------------------------
# struct.calcsize("P") is how the tools below, CMake's FindPython, pybind11, maturin and PyO3 (the last four through a
# script, hence __main__) find the size of a pointer, and so do the project's own modules. Others, ctypes first of all,
# need the truth about this process.

_ASKING_FOR_THE_HOST = frozenset(
    {"__main__", "distutils", "hatchling", "maturin", "mesonpy", "packaging", "pdm", "pip", "pkg_resources", "poetry"}
    | {"scikit_build_core", "setuptools", "setuptools_rust", "skbuild", "wheel"}
)
_ILP32 = str.maketrans("PNLnl", "IIIii")


def _asks_for_the_host(caller: "FrameType") -> bool:
    name = caller.f_globals.get("__name__") or ""
    return name.partition(".")[0] in _ASKING_FOR_THE_HOST


def struct(module: "Any", _: "Facts") -> None:
    """Make calcsize() answer with the host's sizes of pointers and longs to the tools that ask for the host."""

    @_replacing(module, "calcsize")
    def calcsize(original: "Callable[[Union[str, bytes]], int]", layout: "Union[str, bytes]", /) -> int:
        """Return the size of a struct packed by ``layout``."""
        caller = sys._getframe(1)
        if _asks_for_the_host(caller) or noticed.is_projects(caller):
            text = layout.decode("ascii") if isinstance(layout, bytes) else layout
            if text[:1] not in ("=", "<", ">", "!"):  # those prefixes mean standard sizes
                layout = text.translate(_ILP32)
        return original(layout)


# -- resource ---------------------------------------------------------------------------------------------------------


def resource(module: "Any", _: "Facts") -> None:
    """Notice the project's question for the page size."""

    @_replacing(module, "getpagesize")  # which a module of the project that is called so does not have
    def getpagesize(original: "Callable[[], int]") -> int:
        """Return the page size of this machine."""
        noticed.asking("resource.getpagesize()")
        return original()


# -- packaging --------------------------------------------------------------------------------------------------------
# Its tags come from sysconfig, but it reads the ELF header of the running executable for armv7l and i686, runs that
# executable's loader for the version of musl, and asks the C library of this process for that of glibc when
# os.confstr() has no answer. Until 20.9 all of that was in tags.py, from 21.0 on in _manylinux.py and _musllinux.py.


def packaging(module: "Any", facts: "Facts") -> None:
    """Replace what looks at the running executable by what is known of the host."""
    for name, value in _packaging_answers(module, facts).items():
        if hasattr(module, name):
            setattr(module, name, value)
    if hasattr(module, "_linux_platforms"):  # is_32bit's default was computed when the function was defined
        function = module._linux_platforms
        function.__defaults__ = tuple(facts["is_32bit"] for _ in function.__defaults__ or ())


def _packaging_answers(module: "Any", facts: "Facts") -> "Dict[str, Any]":
    version = facts["libc_version"]
    musl = module._MuslVersion(*version) if version and hasattr(module, "_MuslVersion") else None
    # A host of which no floor is known runs with any glibc: 2.0 is older than every manylinux policy, so that no
    # manylinux tag follows, while uv, which refuses to work without a C library, is content.
    glibc = "{}.{}".format(*version or (2, 0)) if facts["libc"] == "glibc" else None
    return {
        "_32_BIT_INTERPRETER": facts["is_32bit"],
        "_is_linux_armhf": lambda *_: facts["machine"] == "armv7l",
        "_is_linux_i686": lambda *_: facts["machine"] == "i686",
        "_glibc_version_string": lambda: glibc,
        "_get_musl_version": lambda _="": musl if facts["libc"] == "musl" else None,
    }


# -- ctypes and cffi --------------------------------------------------------------------------------------------------
# The project's own code that asks ctypes for the size of a type, or for a library, means the host; a build requirement
# that does so is about to call C here. What cffi loads, Python's audit events do not tell.


def ctypes(module: "Any", _: "Facts") -> None:
    """Make sizeof() answer the project with the sizes of a 32-bit host: pointers, longs, and arrays of these."""
    if hasattr(module.sizeof, "_crossbuild"):
        return  # what follows makes new types, and there is to be one of each
    for name, alias, code in (("c_longlong", "c_int64", "q"), ("c_ulonglong", "c_uint64", "Q")):
        # Here they are other names of c_long.
        vars(module)[name] = vars(module)[alias] = type(name, (module._SimpleCData,), {"_type_": code})

    @_replacing(module, "sizeof")
    def sizeof(original: "Callable[[Any], int]", something: "Any", /) -> int:
        """Return the size of a type or an object."""
        size = original(something)
        caller = sys._getframe(1)
        if not (_asks_for_the_host(caller) or noticed.is_projects(caller)):
            return size
        kind: "Any" = something if isinstance(something, type) else type(something)
        count = 1
        while issubclass(kind, module.Array):
            kind, count = kind._type_, count * kind._length_
        if issubclass(kind, (module.Structure, module.Union)) and _has_small(kind, module):
            noticed.asking("ctypes.sizeof({})".format(kind.__name__))
        is_pointer = issubclass(kind, (module._Pointer, module._CFuncPtr))
        return 4 * count if is_pointer or getattr(kind, "_type_", None) in _SMALL_TYPES else size


_SMALL_TYPES = ("l", "L", "P", "z", "Z", "O")
"""ctypes' codes of the types that are smaller on 32-bit hosts: longs, pointers, strings, objects."""


def _has_small(kind: "Any", module: "Any") -> bool:
    while issubclass(kind, module.Array):
        kind = kind._type_
    if issubclass(kind, (module._Pointer, module._CFuncPtr)) or getattr(kind, "_type_", None) in _SMALL_TYPES:
        return True
    fields = [field for base in kind.__mro__ for field in vars(base).get("_fields_", ())]
    return any(_has_small(field[1], module) for field in fields)


_OF_EVERY_HOST = ("c", "dl", "m", "pthread", "rt", "util")
"""The parts of the C library."""


def ctypes_util(module: "Any", _: "Facts", *, places: "Places") -> None:
    """Make find_library() answer the project for the host."""

    @_replacing(module, "find_library")
    def find_library(original: "Callable[[str], Optional[str]]", name: str) -> "Optional[str]":
        """Return the file name of a library."""
        if not noticed.asks_for_the_host():
            return original(name)
        if places.are_here:
            return _newest(places.library_names("lib{}.so".format(name)))
        found = original(name)
        if found and name not in _OF_EVERY_HOST:
            noticed.asking("ctypes.util.find_library({!r})".format(name))
        return found


def _newest(names: "List[str]") -> "Optional[str]":
    """Return the name that programs are linked to, ``libz.so.1`` of ``libz.so``, ``libz.so.1`` and ``libz.so.1.3``."""
    numbered = [name for name in names if name.rpartition(".so")[2]]
    return max(numbered or names, key=lambda name: (-name.count("."), len(name), name), default=None)


def cffi_backend(module: "Any", _: "Facts", *, places: "Places") -> None:
    """Notice what load_library() loads."""

    @_replacing(module, "load_library")
    def load_library(original: "Callable[..., Any]", *arguments: "Any") -> "Any":
        """Load a library: its name, and flags."""
        if arguments:
            noticed.loading(arguments[0], places)
        return original(*arguments)


# -- mesonpy ----------------------------------------------------------------------------------------------------------
# Meson learns from a cross file alone that it compiles for another machine, and no variable names one. So the hook of
# meson-python that runs Meson (PEP 517: build_wheel) has the file put before the arguments that it is called with,
# whoever calls it: the frontend, or a backend of the project's own with settings of its own.

SETTINGS_VARIABLE = "CROSSBUILD_MESON_SETTINGS"
"""Names the variable with config settings of meson-python: a JSON object of lists of arguments."""


def mesonpy(module: "Any", _: "Facts") -> None:
    """Let build_wheel() and build_editable() tell Meson what the build's environment says."""
    for name in ("build_wheel", "build_editable"):
        _replacing(module, name)(_build_with_settings)


def _build_with_settings(
    original: "Callable[..., str]",
    wheel_directory: str,
    config_settings: "Any" = None,
    metadata_directory: "Optional[str]" = None,
) -> str:
    """Build with the environment's settings before those that are given, so that the latter win."""
    import json

    settings: "Dict[str, Any]" = dict(config_settings or {})
    for name, arguments in json.loads(os.environ.get(SETTINGS_VARIABLE, "{}")).items():
        given = settings.get(name, [])
        settings[name] = [*arguments, *([given] if isinstance(given, str) else given)]
    return original(wheel_directory, settings, metadata_directory)


# -- tempfile ---------------------------------------------------------------------------------------------------------
# Backends build in temporary directories (meson-python, scikit-build-core), whose names compilers and configured files
# write down. With names that are the same each time, so is the wheel.

_MOST_TEMPORARY_NAMES = 5000
"""Half of what tempfile tries at most (TMP_MAX)."""


def tempfile(module: "Any", _: "Facts") -> None:
    """Count temporary files instead of giving them random names, where hashes are not random either."""
    if os.environ.get("PYTHONHASHSEED") == "0":
        counted = map("{:08}".format, range(_MOST_TEMPORARY_NAMES))
        module._name_sequence = chain(counted, module._RandomNameSequence())


# -- SCons ------------------------------------------------------------------------------------------------------------
# The commands of an SConstruct get an environment of their own, whose PATH is that of a usual machine. All compilers
# and tools on it are the build machine's.


def scons(module: "Any", _: "Facts") -> None:
    """Let generate() begin with the PATH and the variables by which the host's compilers are found and work."""

    @_replacing(module, "generate")
    def generate(original: "Callable[[Any], None]", env: "Any") -> None:
        """Prepare the environment of the commands."""
        original(env)
        wanted = [name for name in os.environ if name in ("PATH", "TMPDIR") or name.startswith("CROSSBUILD_")]
        env["ENV"].update((name, os.environ[name]) for name in wanted)


# -- pip --------------------------------------------------------------------------------------------------------------
# What a build fetches by `python -m pip` it means to import or to run: setuptools does so for requirements that it
# meets only in setup.py, and so do setup.py files themselves. To this Python pip would give wheels of the host. Into
# another venv of this Python, which frontends make to build in isolation, no pip installs what can run there.

PIP_VARIABLE = "CROSSBUILD_PIP"
"""Names the variable with the path of a program that is pip for the build machine."""
_FETCHING = frozenset({"install", "wheel", "download"})
_ISOLATED = """\
crossbuild: {} is an environment of the cross Python: what is to run in it cannot be installed into it.
Build without isolation (python -m build --no-isolation), with what the project requires (crossbuild run --for PROJECT);
or type crossbuild wheel PROJECT, outside."""


def fetch_for_the_build_machine() -> None:
    """Become the build machine's pip if this process was started as pip (runpy looks for the package), and to fetch."""
    program = os.environ.get(PIP_VARIABLE)
    if program and sys.argv[:1] == ["-m"] and _FETCHING.intersection(sys.argv):
        venv = _other_venv()
        if venv:
            sys.exit(_ISOLATED.format(venv))
        os.execv(program, [program, *sys.argv[1:]])


def _other_venv() -> str:
    """Return the venv of this Python that pip is to install into, unless it is that of the build."""
    from pathlib import Path

    python = Path(sys.argv[sys.argv.index("--python") + 1] if "--python" in sys.argv[:-1] else sys.executable)
    venv = python.parent.parent
    own = os.environ.get("VIRTUAL_ENV")
    other = own and venv != Path(own) and python.resolve() == Path(sys.executable).resolve()
    return str(venv) if other and (venv / "pyvenv.cfg").exists() else ""
