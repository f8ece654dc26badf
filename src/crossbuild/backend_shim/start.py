"""The first code of ours in every interpreter of the shadow prefix.

The prefix's own ``encodings/__init__.py`` calls :func:`install` while the interpreter initialises: before ``os`` and
``site`` exist, and whatever flags it was started with. Only what is read at once, or costs nothing, is put right
here. Everything else waits in ``patches.py`` until the module that it concerns is imported.

Nothing is imported that the interpreter has not already loaded by then: each start of a cross Python pays for it.
"""

import posix
import sys

from . import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, Callable, Dict, Optional, Tuple, TypedDict, Union

    class Facts(TypedDict):
        """What a program can ask an interpreter and that depends on the host."""

        executable: str
        """The shadow prefix's interpreter."""
        machine: str
        """``uname -m`` on the host."""
        is_32bit: bool
        multiarch: str
        """The host's ``MULTIARCH``; empty where the host was configured without one."""
        build_multiarch: str
        ext_suffix: str
        libc: str
        """``glibc`` or ``musl``."""
        libc_version: Optional[Tuple[int, int]]
        byteorder: str
        """``sys.byteorder`` on the host."""
        root: str
        """The host's root on this machine; empty where there is none."""
        libraries: Tuple[str, ...]
        """The directories in which the host's loader looks for libraries, as they are called on the host."""

    Patch = Callable[[Any, Facts], None]


def install(facts: "Facts") -> None:
    """Make this interpreter answer as the host's, from now on."""
    _fake_posix(facts)
    _fake_sys(facts)
    there = places.install(facts)
    sys.meta_path.insert(0, PatchingFinder(facts, there))
    sys.meta_path.append(UnfitFinder(facts["ext_suffix"]))
    sys.addaudithook(_listener(there))


# -- posix: os.uname(), os.confstr() and os.sysconf() -----------------------------------------------------------------
# sysconfig.get_platform(), platform and every setup.py that asks for the machine come down to os.uname(); packaging
# and platform read the C library's version from os.confstr(). os does `from posix import *` later and so takes ours.


def _fake_posix(facts: "Facts") -> None:
    vars(posix).update(
        uname=_uname(posix.uname, facts["machine"]),
        confstr=_confstr(posix.confstr, facts),
        sysconf=_sysconf(posix.sysconf, facts),
    )


def _uname(original: "Callable[[], posix.uname_result]", machine: str) -> "Callable[[], posix.uname_result]":
    def uname() -> "posix.uname_result":
        """Return the build machine's answer, but for the machine, which is the host's."""
        real = original()
        return posix.uname_result((real.sysname, real.nodename, real.release, real.version, machine))

    return uname


def _confstr(
    original: "Callable[[Union[str, int]], Optional[str]]", facts: "Facts"
) -> "Callable[[Union[str, int]], Optional[str]]":
    text = "{}.{}".format(*facts["libc_version"]) if facts["libc_version"] else None
    answers: "Dict[Union[str, int], Optional[str]]" = {}
    for name, library in (("CS_GNU_LIBC_VERSION", "glibc "), ("CS_GNU_LIBPTHREAD_VERSION", "NPTL ")):
        answers[name] = answers[posix.confstr_names.get(name, name)] = text and library + text
    musl = facts["libc"] == "musl"

    def confstr(name: "Union[str, int]") -> "Optional[str]":
        """Return the host's answer about its C library, and the build machine's about everything else."""
        if name not in answers:
            return original(name)
        if musl:  # its confstr() knows these names no better than any other wrong one
            raise OSError(22, "Invalid argument")
        return answers[name]

    return confstr


PAGE_SIZES_DIFFER = ("aarch64", "loongarch64", "ppc64le")
"""The machines whose kernels are compiled for one of several page sizes."""


def _sysconf(original: "Callable[[Union[str, int]], int]", facts: "Facts") -> "Callable[[Union[str, int]], int]":
    sizes = {"SC_LONG_BIT": 32, "SC_SSIZE_MAX": 2**31 - 1} if facts["is_32bit"] else {}
    answers: "Dict[Union[str, int], int]" = {}
    for name, value in sizes.items():
        answers[name] = answers[posix.sysconf_names.get(name, name)] = value
    pages = {"SC_PAGESIZE", "SC_PAGE_SIZE", posix.sysconf_names["SC_PAGE_SIZE"]}
    differ = facts["machine"] in PAGE_SIZES_DIFFER

    def sysconf(name: "Union[str, int]") -> int:
        """Return the host's sizes of types, and this machine's answer about everything else."""
        if name in answers:
            return answers[name]
        if differ and name in pages:
            from . import noticed

            noticed.page_size()
        return original(name)

    return sysconf


# -- sys --------------------------------------------------------------------------------------------------------------
# _multiarch names the sysconfigdata module and the directory of the Makefile (as abiflags does, which build and host
# Python share); maxsize decides "is this a 64-bit Python" in older packaging and wheel, uv, CMake and many a setup.py;
# cross_compiling is the convention of crossenv and cibuildwheel. Never byteorder: ctypes and the interpreter's own
# code choose by it, so a project that reads it only gets a warning. In a venv, _base_executable is the venv's own
# interpreter before Python 3.11, and `venv --copies` then makes one that finds no standard library near it, and falls
# back on the prefix that was compiled into it.


def _fake_sys(facts: "Facts") -> None:
    vars(sys).update(cross_compiling=True)
    if facts["is_32bit"]:
        vars(sys).update(maxsize=2**31 - 1)
    if sys.version_info < (3, 11):
        vars(sys).update(_base_executable=facts["executable"])
    if facts["byteorder"] != sys.byteorder:
        sys.__class__ = type("module", (type(sys),), {"byteorder": property(_byteorder)})
    implementation = vars(sys.implementation)
    if facts["multiarch"]:
        implementation["_multiarch"] = facts["multiarch"]
    else:
        implementation.pop("_multiarch", None)


def _byteorder(_: object) -> str:
    """Return this machine's byte order, which is what code that runs here has to know."""
    from . import noticed

    order = str(vars(sys)["byteorder"])
    noticed.byte_order(sys._getframe(1), order)
    return order


# -- what is noticed --------------------------------------------------------------------------------------------------
# Some things can only be noticed: programs and libraries for the host that are executed or loaded here. The audit hook
# hears of everything that Python does, so it has to be quick about all that is not its business.


_HEARD = frozenset({"import", "ctypes.dlopen", "os.exec", "os.posix_spawn", "os.system", "subprocess.Popen"})
_STANDARD_LIBRARY = __file__.rpartition("/")[0].rpartition("/")[0] + "/"


def _listener(there: "places.Places") -> "Callable[[str, Tuple[Any, ...]], None]":
    def listen(event: str, arguments: "Tuple[Any, ...]") -> None:
        if event in _HEARD:
            file = arguments[1] if event == "import" else ""
            if file is None or (file and file.startswith(_STANDARD_LIBRARY)):
                return  # no extension module, or this Python's own
            from . import noticed

            noticed.heard(event, arguments, there)

    return listen


class UnfitFinder:
    """Comes last, for modules that nobody has found: are they there, but for the host?"""

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix

    def find_spec(
        self, fullname: str, path: "Optional[Sequence[Any]]" = None, target: "Optional[ModuleType]" = None
    ) -> None:
        """Find nothing."""
        name = fullname.rpartition(".")[2] + self.suffix
        for directory in sys.path if path is None else path:
            if isinstance(directory, str) and places.is_there("{}/{}".format(directory or ".", name)):
                from . import noticed

                noticed.missing("{}/{}".format(directory or ".", name))


# -- the post-import hook ---------------------------------------------------------------------------------------------


_PATCHED = ("platform", "machinery", "struct", "tags", "_manylinux", "_musllinux", "mesonpy", "pip", "_cffi_backend")
_PATCHED_BY_FULL_NAME = ("ctypes", "ctypes.util", "resource", "SCons.Platform.posix", "tempfile")
_ON_32_BIT = ("ctypes", "struct")


class PatchingFinder:
    """Finds nothing itself: has a module found by the other finders, and patched when it has been executed."""

    def __init__(self, facts: "Facts", there: "places.Places") -> None:
        self.facts = facts
        self.places = there

    def find_spec(
        self, fullname: str, path: "Optional[Sequence[str]]" = None, target: "Optional[ModuleType]" = None
    ) -> "Optional[ModuleSpec]":
        """Return the module's spec with a loader that patches it, or None for modules that need no patch."""
        patch = self._patch(fullname)
        if patch is None:
            return None
        spec = self._found_by_others(fullname, path, target)
        if spec is not None and spec.loader is not None:
            wrapper = PatchingLoader if hasattr(spec.loader, "exec_module") else LegacyPatchingLoader
            loader: "Any" = wrapper(spec, patch, self.facts)
            spec.loader = loader
        return spec

    def _patch(self, fullname: str) -> "Optional[Patch]":
        stem, _, last = fullname.rpartition(".")
        if last not in _PATCHED and fullname not in _PATCHED_BY_FULL_NAME:
            return None
        if last in _ON_32_BIT and not self.facts["is_32bit"]:
            return None
        if last == "resource" and self.facts["machine"] not in PAGE_SIZES_DIFFER:
            return None
        from . import patches

        return patches.patch_for(stem, last, self.places)

    def _found_by_others(
        self, fullname: str, path: "Optional[Sequence[str]]", target: "Optional[ModuleType]"
    ) -> "Optional[ModuleSpec]":
        for finder in list(sys.meta_path):
            find_spec = None if finder is self else getattr(finder, "find_spec", None)
            spec: "Optional[ModuleSpec]" = find_spec(fullname, path, target) if find_spec else None
            if spec is not None:
                return spec
        return None


class _Wrapper:
    """Stands in for a loader until it is asked to load."""

    def __init__(self, spec: "ModuleSpec", patch: "Patch", facts: "Facts") -> None:
        self.spec = spec
        self.loader: "Any" = spec.loader
        self.patch = patch
        self.facts = facts

    def __getattr__(self, name: str) -> "Any":
        # runpy, inspect and importlib.resources look for optional methods
        return getattr(self.loader, name)


class PatchingLoader(_Wrapper):
    """Patches the module right after the real loader has executed it."""

    def create_module(self, spec: "ModuleSpec") -> "Optional[ModuleType]":
        """Leave it to the real loader."""
        create: "Callable[[ModuleSpec], Optional[ModuleType]]" = self.loader.create_module
        return create(spec)

    def exec_module(self, module: "ModuleType") -> None:
        """Step aside, have the real loader execute ``module``, and patch it."""
        self.spec.loader = self.loader
        if getattr(module, "__loader__", None) is self:
            module.__loader__ = self.loader
        self.loader.exec_module(module)
        self.patch(module, self.facts)


class LegacyPatchingLoader(_Wrapper):
    """The same for loaders that only know ``load_module``: zipimport up to Python 3.9."""

    def load_module(self, fullname: str) -> "ModuleType":
        """Have the real loader load the module, and patch it."""
        self.spec.loader = self.loader
        module: "ModuleType" = self.loader.load_module(fullname)
        self.patch(module, self.facts)
        return module
