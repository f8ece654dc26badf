"""A host made from a platform tag, against the real Python of that machine: Debian's, read from its files.

Whatever an extension could notice has to be equal. What may differ is listed with its cause.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from crossbuild.build_python.discovery import BuildPython
from crossbuild.host.complete import complete
from crossbuild.host.describe import describe_host
from crossbuild.host.model import Host, PartialHost
from crossbuild.host.reading.pyconfig import macros
from crossbuild.platforms.platform import ARCHITECTURES, Platform
from crossbuild.system.cache import Cache
from crossbuild.toolchain.compilers import Compilers
from crossbuild.toolchain.zig import zig_toolchain
from tests.breadth import alone
from tests.cross.pythons import BUILD_PYTHONS
from tests.testbed.debian import debian_root, machine_architecture
from tests.testbed.hosts import TAGGED, platform_tag, release_host
from tests.testbed.tools import zig_source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.cross

MANTISSA_BITS = {"aarch64": 113, "armv5tel": 53, "armv7l": 53, "i686": 64, "s390x": 113, "ppc64le": 113, "riscv64": 113}
"""Of a long double, by each machine's psABI. On ppc64le glibc has had two formats since 2.32: zig compiles for IEEE's
quad, Debian's gcc for a pair of doubles with 106 bits. Both have 16 bytes, and no function of CPython takes one."""

CHOICES = (
    # configure's options, and the versions of Python it was written for
    "ENSUREPIP|PY_.*|Py_ENABLE_SHARED|USE_COMPUTED_GOTOS|WITH_.*|HAVE_VALGRIND|HAVE_MEMORY_H|TIME_WITH_SYS_TIME",
    # the libraries that the standard library's modules were built with
    "HAVE_((BLUETOOTH|BZLIB|CURSES|DB|EDITLINE|FFI|GDBM|LIB|LZMA|N?CURSES|NDBM|PANEL|READLINE|RL|RPC|TERM|UUID|X509|ZLIB).*)",
    "MVWDELCH_IS_EXPRESSION|WINDOW_HAS_FLAGS|Py_RL_STARTUP_HOOK_TAKES_ARGS|HAVE_LINUX_LIMITS_H|HAVE_MAXLOGNAME",
)
"""Macros on which two Pythons of one machine may differ, since whoever built them chose."""

NO_LIBCRYPT = {"HAVE_CRYPT_H", "HAVE_CRYPT_R"}
"""libcrypt left glibc; zig brings none, so no extension that zig links can have it."""

SSE_ARITHMETIC = {"X87_DOUBLE_ROUNDING"}
"""Debian compiles for an i686 without SSE, whose x87 rounds twice; zig for one with SSE2, which does not."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A synthesised host and how it came about."""

    host: Host
    compilers: Compilers
    log: Path

    @property
    def runs(self) -> int:
        """How often the compiler was started so far."""
        return len(self.log.read_text().splitlines())


def compiler(directory: Path, command: Sequence[str]) -> Compilers:
    """Return a C compiler that counts its runs; nothing else is needed to measure."""
    directory.mkdir()
    cc = directory / "cc"
    (directory / "log").touch()
    cc.write_text(f'#!/bin/sh\necho run >> {directory}/log\nexec {shlex.join(command)} "$@"\n')
    cc.chmod(0o755)
    return Compilers(directory=directory, cc=cc, cxx=cc, ar=cc, ranlib=cc, strip=cc)


@pytest.fixture(scope="session")
def make(
    bed: Bed, build_python: Callable[[tuple[int, int]], BuildPython], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Made]:
    """Return a function that synthesises a host with zig from a tag, a version and, maybe, who lends what it lacks."""
    root = tmp_path_factory.mktemp("synthesise")
    compilers: dict[str, Compilers] = {}

    def make(tag: str, version: tuple[int, int], lender: BuildPython | None = None) -> Made:
        lender = lender or build_python(version)
        host = PartialHost(
            name=tag, platform=Platform.from_tag(tag), python_version=version, abi_flags=lender.abi_flags
        )
        if tag not in compilers:
            toolchain = zig_toolchain(
                host.platform, sysroot=None, cache=bed.cache, environ=bed.environ, source=zig_source(bed)
            )
            compilers[tag] = compiler(root / tag, toolchain.cc)
        found = compilers[tag]
        made = complete(host, compilers=lambda: found, build_python=lender, cache=Cache(root=root / "cache"))
        return Made(host=made, compilers=found, log=found.directory / "log")

    return make


@pytest.fixture(params=alone(TAGGED, quick=set(TAGGED) - {"debian_ppc64el", "trixie_s390x"}))
def pair(request: pytest.FixtureRequest, make: Callable[..., Made]) -> tuple[Host, Made]:
    """A real host, and the one that its tag makes."""
    root: HostRoot = request.getfixturevalue(request.param)
    real = describe_host(str(root.python), python=None)
    assert isinstance(real, Host)
    return real, make(platform_tag(root), root.version)


def values(host: Host) -> dict[str, str | None]:
    return {macro.name: macro.value for macro in macros(host.pyconfig)}


def big_endian(host: Host) -> bool:
    return bool(re.search(r"# ifndef WORDS_BIGENDIAN\n#  define WORDS_BIGENDIAN 1", host.pyconfig))


def test_sizes_and_alignments(pair: tuple[Host, Made]) -> None:
    real, made = pair
    sizes = {key for key in real.build_time_vars if key.startswith(("SIZEOF_", "ALIGNOF_"))}
    assert len(sizes) >= 20
    assert {key: made.host.build_time_vars[key] for key in sizes} == {key: real.build_time_vars[key] for key in sizes}
    assert {key: values(made.host)[key] for key in sizes} == {key: values(real)[key] for key in sizes}


def test_suffix(pair: tuple[Host, Made]) -> None:
    real, made = pair
    for name in ("EXT_SUFFIX", "SOABI", "MULTIARCH", "SHLIB_SUFFIX", "VERSION", "LDVERSION", "ABIFLAGS"):
        assert made.host.build_time_vars[name] == real.build_time_vars[name]


def test_byte_order(pair: tuple[Host, Made]) -> None:
    real, made = pair
    assert big_endian(made.host) == big_endian(real) == (not real.platform.architecture.little_endian)
    orders = {"DOUBLE_IS_BIG_ENDIAN_IEEE754", "DOUBLE_IS_LITTLE_ENDIAN_IEEE754"}
    orders |= {"FLOAT_WORDS_BIGENDIAN"} & values(real).keys()  # gone from 3.13's later releases
    for name in orders:
        assert made.host.build_time_vars[name] == real.build_time_vars[name]
        assert values(made.host)[name] == values(real)[name]


def test_long_double(pair: tuple[Host, Made]) -> None:
    real, made = pair
    assert made.host.build_time_vars["SIZEOF_LONG_DOUBLE"] == real.build_time_vars["SIZEOF_LONG_DOUBLE"]
    mantissa = made.compilers.predefined_macros()["__LDBL_MANT_DIG__"]
    assert int(mantissa) == MANTISSA_BITS[real.platform.architecture.name]


def test_everything_else_is_equal_or_explained(pair: tuple[Host, Made]) -> None:
    real, made = pair
    ours, theirs = values(made.host), values(real)
    both = ours.keys() & theirs.keys()
    assert len(both) > 500
    different = {name for name in both if ours[name] != theirs[name]}
    unexplained = {name for name in different if not any(re.fullmatch(choice, name) for choice in CHOICES)}
    explained = NO_LIBCRYPT | (SSE_ARITHMETIC if real.platform.architecture.name == "i686" else set())
    assert unexplained <= explained


def test_the_real_host_was_read(pair: tuple[Host, Made]) -> None:
    """So that the comparison is with what it says to be."""
    real, made = pair
    assert real.platform.architecture == made.host.platform.architecture
    assert real.platform.libc_version is not None
    if made.host.platform.tag_family != "linux":
        assert real.platform.libc_version == made.host.platform.libc_version
    assert real.python_version[:2] == made.host.python_version[:2]
    assert real.sysroot is not None
    assert real.headers.is_relative_to(real.sysroot)


def test_a_debug_python(bed: Bed, debian_arm64_debug: HostRoot, make: Callable[..., Made]) -> None:
    """Lent by a debug build Python, against a real debug host."""
    root = debian_arm64_debug
    packages = ["python3.11-dbg", "libpython3.11-dev"]
    native = debian_root(bed, root.suite, machine_architecture(bed), packages) / "usr/bin/python3.11d"
    real = describe_host(str(root.python.with_name("python3.11d")))
    assert isinstance(real, Host)
    made = make("manylinux_2_36_aarch64", (3, 11), BuildPython.from_executable(native)).host
    for name in ("EXT_SUFFIX", "SOABI", "ABIFLAGS", "LDVERSION", "Py_DEBUG"):
        assert made.build_time_vars[name] == real.build_time_vars[name]
    assert values(made)["Py_DEBUG"] == values(real)["Py_DEBUG"] == "1"
    assert str(made.build_time_vars["INCLUDEPY"]).endswith("/include/python3.11d")
    assert "-DNDEBUG" not in str(made.build_time_vars["CFLAGS"])


@pytest.mark.matrix
def test_debians_loongarch(bed: Bed, make: Callable[..., Made]) -> None:
    """Its Python is newer than any build Python there may be: what both versions know has to be equal."""
    real = describe_host(str(release_host(bed, "debian:forky:loong64").python))
    assert isinstance(real, Host)
    assert real.platform.libc_version is not None
    made = make("manylinux_{}_{}_loongarch64".format(*real.platform.libc_version), (3, 13)).host
    ours, theirs = values(made), values(real)
    both = ours.keys() & theirs.keys()
    assert len(both) > 500
    assert {name for name in both if name.startswith(("SIZEOF_", "ALIGNOF_")) and ours[name] != theirs[name]} == set()
    different = {name for name in both if ours[name] != theirs[name]}
    assert {name for name in different if not any(re.fullmatch(choice, name) for choice in CHOICES)} <= NO_LIBCRYPT
    for name in ("MULTIARCH", "SHLIB_SUFFIX"):
        assert made.build_time_vars[name] == real.build_time_vars[name]


def test_a_gnu_compiler_measures_what_zig_does(
    debian_arm64: HostRoot,
    gnu_aarch64: Path,
    build_python: Callable[[tuple[int, int]], BuildPython],
    tmp_path: Path,
) -> None:
    """With the real host as its sysroot it sees that one's own libc, and libcrypt."""
    real = describe_host(str(debian_arm64.python), python=None)
    assert isinstance(real, Host)
    host = PartialHost(name="arm64", platform=real.platform, python_version=(3, 11))
    command = [str(gnu_aarch64 / "aarch64-linux-gnu-gcc"), f"--sysroot={debian_arm64.root}"]
    gnu = compiler(tmp_path / "gnu", command)
    made = complete(
        host,
        compilers=lambda: gnu,
        build_python=build_python((3, 11)),
        cache=Cache(root=tmp_path / "cache"),
    )
    ours, theirs = values(made), values(real)
    different = {name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]}
    assert not {name for name in different if not any(re.fullmatch(choice, name) for choice in CHOICES)}


@pytest.mark.parametrize(
    ("tag", "there", "missing"),
    [
        (
            "manylinux_2_17_aarch64",
            {"HAVE_ACCEPT4", "HAVE_PIPE2", "HAVE_PRLIMIT"},
            {"HAVE_GETRANDOM", "HAVE_MEMFD_CREATE", "HAVE_COPY_FILE_RANGE", "HAVE_PREADV2", "HAVE_CLOSE_RANGE"},
        ),
        (
            "manylinux_2_28_aarch64",
            {"HAVE_GETRANDOM", "HAVE_MEMFD_CREATE", "HAVE_COPY_FILE_RANGE", "HAVE_PREADV2"},
            {"HAVE_CLOSE_RANGE", "HAVE_SEM_CLOCKWAIT"},
        ),
        (
            "musllinux_1_2_aarch64",
            {"HAVE_GETRANDOM", "HAVE_MEMFD_CREATE", "HAVE_COPY_FILE_RANGE", "HAVE_STRLCPY"},
            {"HAVE_DECL_RTLD_DEEPBIND", "HAVE_GETWD", "HAVE_TMPNAM_R", "HAVE_CLOSE_RANGE"},
        ),
    ],
)
def test_functions_are_those_of_the_promised_libc(
    make: Callable[..., Made], tag: str, there: set[str], missing: set[str]
) -> None:
    variables = make(tag, (3, 11)).host.build_time_vars
    assert {name for name in there if not variables[name]} == set()
    assert {name for name in missing if variables[name]} == set()


SAMPLE = {
    "musllinux_1_2_armv7l": 8,
    "manylinux_2_28_s390x": 9,
    "manylinux_2_19_ppc64le": 9,
    "manylinux_2_17_i686": 10,
    "linux_armv6l": 11,
    "linux_x86_64": 12,
    "manylinux_2_36_loongarch64": 12,
    "musllinux_1_2_x86_64": 13,
}
"""Tags, each with another minor version of Python."""
QUICK = ("musllinux_1_2_armv7l", "manylinux_2_28_s390x", "linux_armv6l", "manylinux_2_36_loongarch64")
"""Both sizes of a pointer, both byte orders, both C libraries, and each family of tags."""

FLOORS = {"loongarch64": "2_36", "ppc64le": "2_19", "riscv64": "2_27"}
"""The oldest glibc that zig links for, where it is not 2.17."""
WITHOUT_MANYLINUX = {"armv5tel", "armv6l"}

EVERY = {f"{family}_{name}" for family in ("linux", "musllinux_1_2") for name in ARCHITECTURES} | {
    f"manylinux_{FLOORS.get(name, '2_17')}_{name}" for name in ARCHITECTURES.keys() - WITHOUT_MANYLINUX
}
"""Each family of tags for each architecture, with the lowest floor."""


@pytest.mark.parametrize(
    ("tag", "minor"),
    [
        pytest.param(tag, SAMPLE.get(tag, 11), marks=() if tag in QUICK else pytest.mark.matrix)
        for tag in (*SAMPLE, *sorted(EVERY - SAMPLE.keys()))
    ],
)
def test_extensions_compile_against_what_was_measured(
    make: Callable[..., Made], tmp_path: Path, tag: str, minor: int
) -> None:
    """CPython's own headers check themselves against pyconfig.h, and every size is checked once more."""
    # Each machine has other Pythons; the tag is what matters here, and any version measures it.
    made = make(tag, (3, minor) if f"3.{minor}" in BUILD_PYTHONS else sys.version_info[:2])
    include = tmp_path / "include"
    include.mkdir()
    for header in made.host.headers.iterdir():
        (include / header.name).symlink_to(header)
    (include / "pyconfig.h").unlink()
    (include / "pyconfig.h").write_text(made.host.pyconfig)
    sizes = [macro for macro in macros(made.host.pyconfig) if macro.name.startswith("SIZEOF_")]
    types = [re.findall(r"[`'](.+)', as computed", macro.comment)[0] for macro in sizes]
    checks = [
        f"char c{i}[{size.name} == sizeof ({kind}) ? 1 : -1];"
        for i, (size, kind) in enumerate(zip(sizes, types, strict=True))
    ]
    source = "\n".join(
        ["#include <Python.h>", "#include <pthread.h>", "PyObject *o (void) { Py_RETURN_NONE; }", *checks]
    )
    (tmp_path / "module.c").write_text(source)
    command = [str(made.compilers.cc), f"-I{include}", "-c", "module.c", "-o", "module.o"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert len(sizes) >= 18


def test_the_second_time_costs_no_compile(make: Callable[..., Made]) -> None:
    first = make("manylinux_2_31_aarch64", (3, 11))
    runs = first.runs
    assert 0 < runs < 20
    second = make("manylinux_2_31_aarch64", (3, 11))
    assert second.host == first.host
    assert second.runs == runs
    assert make("manylinux_2_31_aarch64", (3, 13)).runs > runs
