"""The text of pyconfig.h, the version of a libc, and what a host made from a tag records."""

from __future__ import annotations

import os
import platform as running
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.build_python.discovery import BuildPython
from crossbuild.errors import BuildPythonError, HostError, ToolchainError
from crossbuild.host.complete import complete
from crossbuild.host.measured.borrowed import check_lender
from crossbuild.host.measured.recorded import decided_macros, recorded_variables
from crossbuild.host.model import PartialHost
from crossbuild.host.reading.binaries import HostBinary
from crossbuild.host.reading.libc import with_libc
from crossbuild.host.reading.pyconfig import config_variables, macros, with_macros
from crossbuild.platforms.elf import VersionNeed
from crossbuild.platforms.platform import Platform
from crossbuild.toolchain.compilers import Compilers
from tests.unit.host_samples import PYCONFIG, SamplePython, elf

if TYPE_CHECKING:
    from crossbuild.system.cache import Cache

TEXT = PYCONFIG.format(size=8)


def tag_host(tag: str, version: tuple[int, int] = (3, 11), abi_flags: str = "") -> PartialHost:
    return PartialHost(name=tag, platform=Platform.from_tag(tag), python_version=version, abi_flags=abi_flags)


def test_macros_are_read_with_their_comments() -> None:
    found = {macro.name: macro for macro in macros(TEXT)}
    assert found["SIZEOF_VOID_P"].value == "8"
    assert found["SIZEOF_VOID_P"].comment == "The size of `void *', as computed by sizeof."
    assert found["HAVE_ENDIAN_H"].value is None


def test_macros_are_defined_and_undefined_in_place() -> None:
    edited = with_macros(TEXT, {"SIZEOF_VOID_P": "4", "HAVE_ENDIAN_H": "1", "HAVE_GETRANDOM": None, "NOT_THERE": "1"})
    assert "#define SIZEOF_VOID_P 4\n" in edited
    assert "#define HAVE_ENDIAN_H 1\n" in edited
    assert "/* #undef HAVE_GETRANDOM */\n" in edited
    assert "NOT_THERE" not in edited
    undone = {"SIZEOF_VOID_P": "8", "HAVE_ENDIAN_H": None, "HAVE_GETRANDOM": "1"}
    assert with_macros(edited, undone) == TEXT


def test_the_byte_order_behind_its_conditions() -> None:
    big = with_macros(TEXT, {"WORDS_BIGENDIAN": "1"})
    assert "# ifndef WORDS_BIGENDIAN\n#  define WORDS_BIGENDIAN 1\n# endif" in big
    assert with_macros(big, {"WORDS_BIGENDIAN": None}) == TEXT


def test_config_variables_are_those_of_sysconfig() -> None:
    text = TEXT + '#define WITH_QUOTES "md5"\n#define _HIDDEN 1\n'
    variables = config_variables(text)
    assert variables == {"HAVE_GETRANDOM": 1, "HAVE_ENDIAN_H": 0, "SIZEOF_VOID_P": 8, "WITH_QUOTES": '"md5"'}


def test_the_glibc_of_a_root_is_read_from_its_symbol_versions() -> None:
    name, version = (os.confstr("CS_GNU_LIBC_VERSION") or "none 0").split()
    assert name == "glibc", "the tests run on machines with glibc"
    major, minor = map(int, version.split(".")[:2])
    here = Platform.from_tag(f"linux_{running.machine()}")
    assert with_libc(here, root=Path("/"))[0].libc_version == (major, minor)


def test_a_libc_of_another_machine_is_not_the_hosts() -> None:
    other = "linux_aarch64" if running.machine() == "x86_64" else "linux_x86_64"
    assert with_libc(Platform.from_tag(other), root=Path("/usr/lib/nowhere"))[0].libc_version is None


def test_without_a_libc_the_hosts_own_needs_count(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(elf("aarch64"))
    binary = HostBinary.from_file(tmp_path / "binary")

    def needing(*versions: str) -> HostBinary:
        needs = tuple(VersionNeed(library="libc.so.6", version=version, symbols=()) for version in versions)
        return replace(binary, elf=replace(binary.elf, version_needs=needs))

    needs = [
        needing("GLIBC_2.17", "GLIBC_2.4", "GLIBC_PRIVATE", "OPENSSL_3.0.0"),
        needing("GLIBC_2.28", "GLIBC_2.3.4"),
    ]
    host = Platform.from_tag("linux_aarch64")
    assert with_libc(host, root=tmp_path, binaries=needs)[0].libc_version == (2, 28)
    assert with_libc(host, root=None)[0].libc_version is None


@pytest.mark.parametrize(("text", "version"), [(b"1.2.5", (1, 2)), (b"1.1.24-git-5-g0123", (1, 1)), (b"other", None)])
def test_the_musl_of_a_root_is_read_from_its_loader(
    tmp_path: Path, text: bytes, version: tuple[int, int] | None
) -> None:
    (tmp_path / "lib").mkdir()
    tail = b"\0127.0.0.1\0musl libc (aarch64)\nVersion %s\n\0" + text + b"\0"
    (tmp_path / "lib/ld-musl-aarch64.so.1").write_bytes(elf("aarch64", tail=tail))
    (tmp_path / "lib/ld-musl-x86_64.so.1").write_bytes(elf("x86_64", tail=tail.replace(text, b"1.9.9")))
    musl = Platform.from_tag("musllinux_1_2_aarch64")
    assert with_libc(musl, root=tmp_path)[0].libc_version == version
    assert with_libc(musl, root=None)[0].libc_version is None


@pytest.mark.parametrize(
    ("tag", "version", "flags", "suffix"),
    [
        ("manylinux_2_28_aarch64", (3, 11), "", ".cpython-311-aarch64-linux-gnu.so"),
        ("manylinux_2_17_i686", (3, 8), "", ".cpython-38-i386-linux-gnu.so"),
        ("manylinux_2_31_armv7l", (3, 12), "", ".cpython-312-arm-linux-gnueabihf.so"),
        ("manylinux_2_28_ppc64le", (3, 13), "", ".cpython-313-powerpc64le-linux-gnu.so"),
        ("linux_riscv64", (3, 13), "t", ".cpython-313t-riscv64-linux-gnu.so"),
        ("musllinux_1_2_x86_64", (3, 11), "", ".cpython-311-x86_64-linux-musl.so"),
        ("musllinux_1_2_i686", (3, 13), "", ".cpython-313-i386-linux-musl.so"),
        ("musllinux_1_2_armv7l", (3, 11), "", ".cpython-311-arm-linux-musleabihf.so"),
        ("musllinux_1_2_armv7l", (3, 10), "", ".cpython-310-arm-linux-gnueabihf.so"),
        ("linux_armv6l", (3, 11), "", ".cpython-311-arm-linux-gnueabihf.so"),
        ("manylinux_2_36_loongarch64", (3, 12), "", ".cpython-312-loongarch64-linux-gnu.so"),
        ("musllinux_1_2_loongarch64", (3, 13), "", ".cpython-313-loongarch64-linux-musl.so"),
        ("musllinux_1_1_x86_64", (3, 8), "", ".cpython-38-x86_64-linux-gnu.so"),
    ],
)
def test_suffixes_are_those_of_published_wheels(tag: str, version: tuple[int, int], flags: str, suffix: str) -> None:
    variables = recorded_variables(tag_host(tag, version, flags), base={}, pyconfig=TEXT)
    assert variables["EXT_SUFFIX"] == suffix
    assert f".{variables['SOABI']}.so" == suffix
    assert str(variables["MULTIARCH"]) in suffix


BASE: dict[str, str | int] = {
    "CC": "/tools/bin/clang -m64",
    "CFLAGS": "-march=native -O0 -I/tools/include",
    "CONFIG_ARGS": "'--prefix=/home/me' '--enable-shared'",
    "LDSHARED": "gcc -shared -L/home/me/lib -Wl,-rpath,/home/me/lib",
    "LIBDIR": "/home/me/lib",
    "MULTIARCH": "x86_64-linux-gnu",
    "Py_DEBUG": 0,
    "Py_ENABLE_SHARED": 1,
    "RUNSHARED": "LD_LIBRARY_PATH=/home/me/src",
    "SIZEOF_VOID_P": 8,
    "WITH_DOC_STRINGS": 1,
    "abs_srcdir": "/home/me/src",
    "prefix": "/home/me",
}


def test_nothing_of_the_build_pythons_own_build_is_recorded() -> None:
    host = tag_host("manylinux_2_28_aarch64")
    text = with_macros(TEXT, {"SIZEOF_VOID_P": "4"} | decided_macros(host))
    variables = recorded_variables(host, base=BASE, pyconfig=text)
    everything = repr(variables)
    for foreign in ("/home/me", "/tools", "x86_64", "-march", "-m64", "rpath"):
        assert foreign not in everything
    assert variables["CC"] == "aarch64-linux-gnu-gcc"
    assert variables["LDSHARED"] == "aarch64-linux-gnu-gcc -shared"
    assert variables["prefix"] == "/usr/local"
    assert variables["WITH_DOC_STRINGS"] == 1
    assert variables["SIZEOF_VOID_P"] == 4


def test_the_record_has_optimisation_whatever_the_build_python_had() -> None:
    for version in ((3, 8), (3, 13)):
        variables = recorded_variables(tag_host("linux_aarch64", version), base=BASE, pyconfig=TEXT)
        for name in ("OPT", "CFLAGS"):
            assert {"-O3", "-DNDEBUG", "-Wall"} <= set(str(variables[name]).split())


def test_a_host_made_from_a_tag_has_no_shared_libpython() -> None:
    text = "/* Defined if Python is built as a shared library. */\n#define Py_ENABLE_SHARED 1\n"
    host = tag_host("linux_aarch64")
    variables = recorded_variables(host, base=BASE, pyconfig=with_macros(text, decided_macros(host)))
    assert variables["Py_ENABLE_SHARED"] == 0
    assert str(variables["LDLIBRARY"]).endswith(".a")


def build_python(sample: SamplePython) -> BuildPython:
    return BuildPython(
        executable=sample.executable,
        version=(3, sample.minor, 4),
        abi_flags=sample.abi_flags,
        prefix=sample.home,
        stdlib=sample.library,
        include=sample.include,
        multiarch=sample.multiarch,
        sysconfigdata_name=sample.sysconfigdata.stem,
        platform="linux-x86_64",
    )


def compilers(directory: Path, script: str) -> Compilers:
    cc = directory / "host-gcc"
    cc.write_text(f"#!/bin/sh\n{script}\n")
    cc.chmod(0o755)
    return Compilers(directory=directory, cc=cc, cxx=cc, ar=cc, ranlib=cc, strip=cc)


@pytest.fixture
def native(tmp_path: Path) -> SamplePython:
    """A build Python, as far as files go."""
    return SamplePython(
        root=Path("/"),
        prefix=str(tmp_path / "build"),
        architecture="x86_64",
        multiarch="x86_64-linux-gnu",
        interpreter="/lib64/ld-linux-x86-64.so.2",
    ).install()


def test_a_build_python_without_headers(native: SamplePython, tmp_path: Path, cache: Cache) -> None:
    (native.include / "Python.h").unlink()
    with pytest.raises(BuildPythonError, match="has no headers") as error:
        complete(
            tag_host("linux_aarch64"),
            compilers=lambda: compilers(tmp_path, "exit 1"),
            build_python=build_python(native),
            cache=cache,
        )
    assert "libpython3.11-dev" in error.value.fix


def test_no_distribution_packages_headers_of_a_free_threaded_python(native: SamplePython) -> None:
    (native.include / "Python.h").unlink()
    free = replace(build_python(native), abi_flags="t")
    with pytest.raises(BuildPythonError, match="has no headers") as error:
        check_lender(tag_host("linux_aarch64", (3, 11), "t"), free)
    assert "-dev" not in error.value.fix
    assert "uv python install 3.11t" in error.value.fix


def test_a_build_python_of_another_version(native: SamplePython, tmp_path: Path, cache: Cache) -> None:
    for host in (tag_host("linux_aarch64", (3, 12)), tag_host("linux_aarch64", (3, 11), "t")):
        with pytest.raises(BuildPythonError, match=r"is Python 3\.11\.4, but the host is to be"):
            complete(
                host, compilers=lambda: compilers(tmp_path, "exit 1"), build_python=build_python(native), cache=cache
            )


def test_a_build_python_with_a_damaged_record(native: SamplePython, tmp_path: Path, cache: Cache) -> None:
    native.sysconfigdata.write_text("build_time_vars = {")
    with pytest.raises(BuildPythonError, match="is damaged"):
        complete(
            tag_host("linux_aarch64"),
            compilers=lambda: compilers(tmp_path, "exit 1"),
            build_python=build_python(native),
            cache=cache,
        )


def test_a_compiler_that_fails_leaves_nothing_behind(native: SamplePython, tmp_path: Path, cache: Cache) -> None:
    with pytest.raises(ToolchainError, match="cannot compile what measures the host") as error:
        complete(
            tag_host("linux_aarch64"),
            compilers=lambda: compilers(tmp_path, "echo no such target >&2; exit 1"),
            build_python=build_python(native),
            cache=cache,
        )
    assert "no such target" in error.value.why
    assert [path.name for path in (cache.root / "host").iterdir() if not path.name.endswith(".lock")] == []


def test_a_compiler_for_another_machine(native: SamplePython, tmp_path: Path, cache: Cache) -> None:
    (tmp_path / "x86.o").write_bytes(elf("x86_64"))
    copy = f'while [ $# -gt 1 ]; do [ "$1" != -o ] || cp {tmp_path}/x86.o "$2"; shift; done'
    with pytest.raises(ToolchainError, match="does not compile for aarch64"):
        complete(
            tag_host("linux_aarch64"),
            compilers=lambda: compilers(tmp_path, copy),
            build_python=build_python(native),
            cache=cache,
        )


def test_an_elf_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="is not a file"):
        HostBinary.from_file(tmp_path / "gone")
