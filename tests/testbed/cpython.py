"""CPython built from the source package that Debian has of it: for this machine, and for aarch64 with musl.

A CPython can only be cross-built by one of the very same version: Debian's of the same release, or, for one without
the global lock (ABI flag ``t``), one that is built for this machine first.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.build_python.discovery import BuildPython, find_build_python
from crossbuild.errors import BuildPythonError
from crossbuild.system.cache import digest
from tests.testbed.bed import BedError, jobs
from tests.testbed.debian import debian_root, machine_architecture, unpack_closure
from tests.testbed.debian_python import SUITES, debian_python
from tests.testbed.hosts import HostRoot, warm_up
from tests.testbed.sources import unpack_source
from tests.testbed.tools import TOOLS_SUITE, emulator, native_compilers, write_zig_compilers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.testbed.bed import Bed

USUAL = (3, 11)
"""The version of most hosts."""
VERSION = (3, 13)
SUITE = "trixie"
"""Has that version, and a musl as new as zig's: programs linked against zig's need no less."""
TRIPLE = "aarch64-linux-musl"

_CONFIGURE = ("--without-ensurepip", "--disable-test-modules", "--with-pkg-config=no")
# configure would take these from the machine where it has their headers, or they take long; nothing here needs them.
_LEFT_OUT = (
    *("_codecs_cn", "_codecs_hk", "_codecs_iso2022", "_codecs_jp", "_codecs_kr", "_codecs_tw", "_decimal"),
    *("_bz2", "_curses", "_curses_panel", "_dbm", "_gdbm", "_hashlib", "_lzma"),
    *("_sqlite3", "_ssl", "_tkinter", "_uuid", "readline"),
)
# Given to make, not to configure: compiled soon, but recorded as anybody's CPython would be.
_MAKE = ("OPT=-DNDEBUG -O0 -g0", "COMPILEALL_OPTS=-q -x .")
# By this macro of musl's <stdarg.h>, which clang has one of its own for, configure knows what extensions are called.
_MUSL_PREPROCESSOR = f"{TRIPLE}-gcc -E -D__DEFINED_va_list"
_NAME = "{}.{}".format(*VERSION)
_BUILT = ("Include", "Makefile", "pybuilddir.txt", "pyconfig.h", "python")
"""What is kept of the directory that a CPython was built in, beside what pybuilddir.txt names and libpython."""
_RECIPE = f"{_NAME}-{digest(SUITE, _CONFIGURE, _LEFT_OUT, _MAKE)}"
_LIBRARIES = {
    "libffi-dev": ("ffi",),
    "libsqlite3-dev": ("sqlite3",),
    "libssl-dev": ("ssl", "crypto"),
    "zlib1g-dev": ("z",),
}
"""What the CPython of this machine is linked with. Wherever dpkg and Debian's Python are, these are, too."""
_HEADERS = ("ffi.h", "ffitarget.h", "openssl/*.h", "sqlite3.h", "zconf.h", "zlib.h")
_NATIVE_ALONE = ("_hashlib", "_sqlite3", "_ssl")
"""Of what is left out: what builds import that run with that CPython, as mypy does, or fetch something."""


@dataclass(frozen=True, kw_only=True)
class _Build:
    """One build of CPython, in a scratch directory."""

    bed: Bed
    source: Path
    environ: Mapping[str, str]
    left_out: tuple[str, ...] = _LEFT_OUT

    def configure(self, *arguments: str) -> None:
        left_out = (f"py_cv_module_{name}=n/a" for name in self.left_out)
        self._run("./configure", *_CONFIGURE, *left_out, *arguments)

    def make(self, *arguments: str) -> None:
        self._run(_make(self.bed), f"-j{jobs()}", *_MAKE, *arguments)

    def _run(self, *command: str | Path) -> None:
        self.bed.run(command, cwd=self.source, environ=self.environ)


def build_python(bed: Bed, version: tuple[int, int]) -> BuildPython:
    """Return a Python ``version`` of this machine, or else Debian's, for some versions."""
    try:
        return find_build_python(version, environ=bed.environ)
    except BuildPythonError:
        if version not in SUITES:
            raise
        return BuildPython.from_executable(debian_python(bed, version))


def programs(bed: Bed) -> tuple[Path, ...]:
    """Return the directory that puts a Python of :data:`USUAL` on ``PATH``; nothing where the machine has its own."""
    with suppress(BuildPythonError):
        find_build_python(USUAL, environ=bed.environ)
        return ()
    python = debian_python(bed, USUAL)

    def make(scratch: Path) -> None:
        (scratch / python.name).symlink_to(python)

    return (bed.cache.entry("pythons", digest(str(python)), make),)


def native_python(bed: Bed, abi_flags: str = "") -> Path:
    """Return the interpreter of a CPython of this machine, with zlib, ctypes, SQLite and OpenSSL."""
    name = f"python{_NAME}{abi_flags}"
    left_out = tuple(module for module in _LEFT_OUT if module not in _NATIVE_ALONE)
    prefix = bed.cache.path("cpython", f"{_RECIPE}{abi_flags}-native-{digest(_LIBRARIES, left_out)}")

    def make(scratch: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            directory = Path(temporary)
            libraries = _libraries(bed, directory / "libraries")
            environ = _native_environ(bed, libraries)
            build = _Build(bed=bed, source=_unpacked_source(bed, directory), environ=environ, left_out=left_out)
            build.configure(f"--prefix={prefix}", f"--with-openssl={libraries}", *_abi_options(abi_flags))
            build.make()
            build.make("install", f"DESTDIR={directory / 'root'}")
            shutil.copytree(directory / "root" / prefix.relative_to("/"), scratch, symlinks=True, dirs_exist_ok=True)
        _compile_library(bed, scratch / "bin" / name, scratch / "lib" / name)

    return bed.cache.entry("cpython", prefix.name, make) / "bin" / name


def musl_host(bed: Bed, abi_flags: str = "") -> HostRoot:
    """Return a CPython for aarch64 with musl, in ``/usr/local`` of a root with musl's loader, without zlib."""
    return _musl_host(bed, _musl(bed, abi_flags) / "root", abi_flags)


def musl_build_directory(bed: Bed) -> Path:
    """Return the directory that the CPython of :func:`musl_host` was built in, as far as it tells of the build."""
    return _musl(bed, "") / "build"


def _musl(bed: Bed, abi_flags: str) -> Path:
    """Return a directory with a CPython for aarch64 with musl, in ``root`` and in ``build``."""

    def make(scratch: Path) -> None:
        root = scratch / "root"
        build_with = native_python(bed, abi_flags) if abi_flags else debian_python(bed, VERSION)
        unpack_closure(bed, SUITE, "arm64", ["musl"], into=root)
        with tempfile.TemporaryDirectory() as temporary:
            directory = Path(temporary)
            environ = _with_compilers(bed, directory, TRIPLE, prefix=f"{TRIPLE}-")
            environ["CPP"] = _MUSL_PREPROCESSOR
            build = _Build(bed=bed, source=_unpacked_source(bed, directory), environ=environ)
            build.configure(*_cross_arguments(bed, build_with), *_abi_options(abi_flags))
            build.make()
            build.make("install", f"DESTDIR={root}")
            _keep_build(build.source, scratch / "build")
        _compile_library(bed, build_with, root / f"usr/local/lib/python{_NAME}{abi_flags}")
        warm_up(_musl_host(bed, root, abi_flags))

    return bed.cache.entry("cpython", f"{_RECIPE}{abi_flags}-{TRIPLE}-{digest(_MUSL_PREPROCESSOR, _BUILT)}", make)


def _musl_host(bed: Bed, root: Path, abi_flags: str) -> HostRoot:
    return HostRoot(
        name=f"musl-arm64{abi_flags}",
        suite=SUITE,
        architecture="aarch64",
        version=VERSION,
        root=root,
        python=root / f"usr/local/bin/python{_NAME}{abi_flags}",
        emulator=emulator(bed, "aarch64"),
    )


def _keep_build(source: Path, into: Path) -> None:
    """Copy what there is of a build in ``source``; what links elsewhere in it, such as its modules, is copied, too."""
    into.mkdir()
    names = (*_BUILT, (source / "pybuilddir.txt").read_text().strip())
    for path in (*map(source.joinpath, names), *source.glob("libpython*")):
        target = into / path.relative_to(source)
        if path.is_dir():
            shutil.copytree(path, target)
        else:
            shutil.copy2(path, target)


def _abi_options(abi_flags: str) -> list[str]:
    return ["--disable-gil"] if abi_flags == "t" else []


def _cross_arguments(bed: Bed, build_with: Path) -> list[str]:
    # configure can find these out only by looking at a running host.
    answers = ["ac_cv_buggy_getaddrinfo=no", "ac_cv_file__dev_ptmx=yes", "ac_cv_file__dev_ptc=no"]
    machine = BuildPython.from_executable(build_with).platform.removeprefix("linux-")
    return [f"--host={TRIPLE}", f"--build={machine}-linux-gnu", f"--with-build-python={build_with}", *answers]


def _unpacked_source(bed: Bed, directory: Path) -> Path:
    return unpack_source(bed, SUITE, f"python{_NAME}", directory / "source")


def _make(bed: Bed) -> Path:
    return bed.which("make") or debian_root(bed, TOOLS_SUITE, machine_architecture(bed), ["make"]) / "usr/bin/make"


def _native_environ(bed: Bed, libraries: Path) -> dict[str, str]:
    """Return an environment with a compiler of this machine, and where the libraries are, but for OpenSSL."""
    path = (*native_compilers(bed), bed.environ["PATH"])
    environ = {**bed.environ, "PATH": ":".join(map(str, path))}
    for name, library in (("ZLIB", "z"), ("LIBFFI", "ffi"), ("LIBSQLITE3", "sqlite3")):
        environ[f"{name}_CFLAGS"] = f"-I{libraries}/include"
        environ[f"{name}_LIBS"] = f"-L{libraries}/lib -l{library}"
    return environ


def _libraries(bed: Bed, directory: Path) -> Path:
    """Put what :data:`_LIBRARIES` are compiled and linked with into ``directory``, and nothing of their libc."""
    root = debian_root(bed, TOOLS_SUITE, machine_architecture(bed), _LIBRARIES)
    for pattern in _HEADERS:
        _copy(root, ("usr/include", "usr/include/*-linux-gnu"), pattern, directory / "include")
    for name in itertools.chain.from_iterable(_LIBRARIES.values()):
        _copy(root, ("usr/lib/*-linux-gnu",), f"lib{name}.so", directory / "lib")
    return directory


def _copy(root: Path, places: Iterable[str], pattern: str, into: Path) -> None:
    """Copy the files called ``pattern`` in ``places`` below ``root``; it may start with a directory."""
    found = [path for place in places for path in root.glob(f"{place}/{pattern}")]
    if not found:
        raise BedError(f"{root} has no {pattern}.")
    target = (into / pattern).parent
    target.mkdir(parents=True, exist_ok=True)
    for path in found:
        shutil.copy(path, target)


def _with_compilers(bed: Bed, directory: Path, target: str, *, prefix: str) -> dict[str, str]:
    """Return an environment that has zig on its PATH as ``<prefix>gcc`` and kin, compiling for ``target``."""
    programs = directory / "bin"
    programs.mkdir()
    write_zig_compilers(bed, programs, target, prefix)
    return {**bed.environ, "PATH": f"{programs}:{bed.environ['PATH']}"}


def _compile_library(bed: Bed, python: Path, library: Path) -> None:
    """Compile ``library`` as its installation does, but at one level of optimisation instead of three."""
    bed.run([python, "-m", "compileall", "-q", f"-j{jobs()}", library])
