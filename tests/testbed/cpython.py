"""CPython built from the source package that Debian has of it: for this machine, and for aarch64 with musl.

A CPython can only be cross-built by one of the very same version, so the one for this machine comes first. It also
serves as the build Python on a machine that has none of its version.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.build_python import BuildPython, find_build_python
from crossbuild.cache import digest
from crossbuild.errors import BuildPythonError
from tests.testbed.bed import BedError, jobs
from tests.testbed.debian import debian_root, download_source, machine_architecture, unpack_closure
from tests.testbed.hosts import HostRoot, warm_up
from tests.testbed.tools import TOOLS_SUITE, emulator, zig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.testbed.bed import Bed

VERSION = (3, 13)
SUITE = "trixie"
"""Has that version, and a musl as new as zig's: programs linked against zig's need no less."""
TRIPLE = "aarch64-linux-musl"

_CONFIGURE = ("--without-ensurepip", "--disable-test-modules", "--with-pkg-config=no")
# configure would take these from the machine where it has their headers; nothing here needs them.
_LEFT_OUT = (
    *("_bz2", "_curses", "_curses_panel", "_dbm", "_gdbm", "_hashlib", "_lzma"),
    *("_sqlite3", "_ssl", "_tkinter", "_uuid", "readline"),
)
# Given to make, not to configure: compiled soon, but recorded as anybody's CPython would be.
_MAKE = ("OPT=-DNDEBUG -O1 -g0", "COMPILEALL_OPTS=-q -x .")
# By this macro of musl's <stdarg.h>, which clang has one of its own for, configure knows what extensions are called.
_MUSL_PREPROCESSOR = f"{TRIPLE}-gcc -E -D__DEFINED_va_list"
_NAME = "{}.{}".format(*VERSION)
_RECIPE = f"{_NAME}-{digest(SUITE, _CONFIGURE, _LEFT_OUT, _MAKE)}"


@dataclass(frozen=True, kw_only=True)
class _Build:
    """One build of CPython, in a scratch directory."""

    bed: Bed
    source: Path
    environ: Mapping[str, str]

    def configure(self, *arguments: str) -> None:
        left_out = (f"py_cv_module_{name}=n/a" for name in _LEFT_OUT)
        self._run("./configure", *_CONFIGURE, *left_out, *arguments)

    def make(self, *arguments: str) -> None:
        self._run(_make(self.bed), f"-j{jobs()}", *_MAKE, *arguments)

    def _run(self, *command: str | Path) -> None:
        self.bed.run(command, cwd=self.source, environ=self.environ)


def build_python(bed: Bed, version: tuple[int, int]) -> BuildPython:
    """Return a Python ``version`` of this machine, built if that is :data:`VERSION` and there is none."""
    try:
        return find_build_python(version, environ=bed.environ)
    except BuildPythonError:
        if version != VERSION:
            raise
        return BuildPython.from_executable(native_python(bed))


def native_python(bed: Bed) -> Path:
    """Return the interpreter of a CPython of this machine, with zlib and ctypes but no OpenSSL."""
    prefix = bed.cache.path("cpython", f"{_RECIPE}-native")

    def make(scratch: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            directory = Path(temporary)
            environ = _native_environ(bed, directory)
            build = _Build(bed=bed, source=_unpacked_source(bed, directory), environ=environ)
            build.configure(f"--prefix={prefix}")
            build.make()
            build.make("install", f"DESTDIR={directory / 'root'}")
            shutil.copytree(directory / "root" / prefix.relative_to("/"), scratch, symlinks=True, dirs_exist_ok=True)
        _compile_library(bed, scratch / f"bin/python{_NAME}", scratch / f"lib/python{_NAME}")

    return bed.cache.entry("cpython", prefix.name, make) / f"bin/python{_NAME}"


def musl_host(bed: Bed) -> HostRoot:
    """Return a CPython for aarch64 with musl, in ``/usr/local`` of a root with musl's loader, without zlib."""
    qemu = emulator(bed, "aarch64")

    def host(root: Path) -> HostRoot:
        return HostRoot(
            name="musl-arm64",
            suite=SUITE,
            architecture="aarch64",
            version=VERSION,
            root=root,
            python=root / f"usr/local/bin/python{_NAME}",
            emulator=qemu,
        )

    def make(scratch: Path) -> None:
        build_with = native_python(bed)
        unpack_closure(bed, SUITE, "arm64", ["musl"], into=scratch)
        with tempfile.TemporaryDirectory() as temporary:
            directory = Path(temporary)
            environ = _with_compilers(bed, directory, TRIPLE, prefix=f"{TRIPLE}-")
            environ["CPP"] = _MUSL_PREPROCESSOR
            build = _Build(bed=bed, source=_unpacked_source(bed, directory), environ=environ)
            build.configure(*_cross_arguments(bed, build_with))
            build.make()
            build.make("install", f"DESTDIR={scratch}")
        _compile_library(bed, build_with, scratch / f"usr/local/lib/python{_NAME}")
        warm_up(host(scratch))

    return host(bed.cache.entry("cpython", f"{_RECIPE}-{TRIPLE}-{digest(_MUSL_PREPROCESSOR)}", make))


def _cross_arguments(bed: Bed, build_with: Path) -> list[str]:
    # configure can find these out only by looking at a running host.
    answers = ["ac_cv_buggy_getaddrinfo=no", "ac_cv_file__dev_ptmx=yes", "ac_cv_file__dev_ptc=no"]
    machine = BuildPython.from_executable(build_with).platform.removeprefix("linux-")
    return [f"--host={TRIPLE}", f"--build={machine}-linux-gnu", f"--with-build-python={build_with}", *answers]


def _source(bed: Bed) -> Path:
    """Return CPython's own tarball out of Debian's source package."""
    package = f"python{_NAME}"

    def make(scratch: Path) -> None:
        download_source(bed, SUITE, package, scratch)

    (tarball,) = bed.cache.entry("source", f"{package}-{SUITE}", make).glob("*.orig.tar.*z")
    return tarball


def _unpacked_source(bed: Bed, directory: Path) -> Path:
    with tarfile.open(_source(bed)) as members:
        if hasattr(tarfile, "data_filter"):  # not in the first releases of Python 3.11
            members.extraction_filter = tarfile.data_filter
        members.extractall(directory / "source")
    (source,) = (directory / "source").iterdir()
    return source


def _make(bed: Bed) -> Path:
    return bed.which("make") or debian_root(bed, TOOLS_SUITE, machine_architecture(bed), ["make"]) / "usr/bin/make"


def _native_environ(bed: Bed, directory: Path) -> dict[str, str]:
    """Return an environment with a compiler of this machine, and where zlib and libffi are."""
    if bed.which("gcc"):
        environ = dict(bed.environ)
    else:
        machine = bed.run(["uname", "-m"]).strip()
        environ = _with_compilers(bed, directory, f"{machine}-linux-gnu.2.36", prefix="")
    libraries = _libraries(bed, directory / "libraries")
    for name, library in (("ZLIB", "z"), ("LIBFFI", "ffi")):
        environ[f"{name}_CFLAGS"] = f"-I{libraries}"
        environ[f"{name}_LIBS"] = f"-L{libraries} -l{library}"
    return environ


def _libraries(bed: Bed, directory: Path) -> Path:
    """Put what zlib and libffi are compiled and linked with into ``directory``, and nothing of their libc.

    The libraries themselves are the machine's at run time: dpkg and Debian's Python need them.
    """
    root = debian_root(bed, TOOLS_SUITE, machine_architecture(bed), ["zlib1g-dev", "libffi-dev"])
    directory.mkdir()
    for pattern in ("zlib.h", "zconf.h", "ffi.h", "ffitarget.h", "libz.so", "libffi.so"):
        found = [*root.glob(f"usr/include/{pattern}"), *root.glob(f"usr/*/*-linux-gnu/{pattern}")]
        if not found:
            raise BedError(f"{root} has no {pattern}.")
        shutil.copy(found[0], directory)
    return directory


def _with_compilers(bed: Bed, directory: Path, target: str, *, prefix: str) -> dict[str, str]:
    """Return an environment that has zig on its PATH as ``<prefix>gcc`` and kin, compiling for ``target``."""
    # zig takes __DATE__ for an error, traps on undefined behaviour, and links musl statically, unless told.
    options = f"-target {target} -dynamic -Wno-date-time -fno-sanitize=undefined"
    tools = {"gcc": f"cc {options}", "g++": f"c++ {options}", "ar": "ar", "ranlib": "ranlib"}
    programs = directory / "bin"
    programs.mkdir()
    for name, subcommand in tools.items():
        program = programs / f"{prefix}{name}"
        program.write_text(f'#!/bin/sh\nexec "{zig(bed)}" {subcommand} "$@"\n')
        program.chmod(0o755)
    cache = str(bed.cache.path("zig", "compiled"))
    return {**bed.environ, "PATH": f"{programs}:{bed.environ['PATH']}", "ZIG_GLOBAL_CACHE_DIR": cache}


def _compile_library(bed: Bed, python: Path, library: Path) -> None:
    """Compile ``library`` as its installation does, but at one level of optimisation instead of three."""
    bed.run([python, "-m", "compileall", "-q", f"-j{jobs()}", library])
