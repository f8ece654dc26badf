"""The hosts and compilers of the test bed are what they are taken for."""

from __future__ import annotations

import subprocess
from functools import partial
from typing import TYPE_CHECKING

import pytest

from crossbuild.build_python.discovery import BuildPython
from tests.host.test_distributions import HOSTS
from tests.testbed.cpython import VERSION, native_python
from tests.testbed.debian_python import debian_python
from tests.testbed.hosts import run_on_host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

WHO = """
import math, array, struct, sys, sysconfig
print(sysconfig.get_platform(), "%d.%d" % sys.version_info[:2], struct.calcsize("P") * 8, sys.byteorder, sys.prefix)
"""
BITS_AND_ENDIANNESS = {"armv5tel": "32 little", "armv7l": "32 little", "i686": "32 little", "s390x": "64 big"}


@pytest.mark.parametrize("name", HOSTS)
def test_a_debian_host_answers_as_its_machine(request: pytest.FixtureRequest, name: str) -> None:
    host: HostRoot = request.getfixturevalue(name)
    done = run_on_host(host, WHO)
    version = "{}.{}".format(*host.version)
    kind = BITS_AND_ENDIANNESS.get(host.architecture, "64 little")
    assert (done.stdout, done.stderr) == (f"linux-{host.architecture} {version} {kind} {host.root}/usr\n", "")


def test_the_musl_host_answers_as_its_machine(musl_aarch64: HostRoot) -> None:
    done = run_on_host(musl_aarch64, WHO)
    assert (done.stdout, done.stderr) == (f"linux-aarch64 3.13 64 little {musl_aarch64.root}/usr/local\n", "")


def test_the_musl_host_loads_shared_extension_modules(musl_aarch64: HostRoot) -> None:
    done = run_on_host(musl_aarch64, "import _json; print(_json.__file__)")
    assert done.stdout.strip().endswith(".so"), done.stderr


def test_a_site_directory_comes_before_the_packages_of_the_host(debian_arm64: HostRoot, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("print(__name__, 'of the test')")
    assert run_on_host(debian_arm64, "import json", tmp_path).stdout == "json of the test\n"
    assert [path.name for path in tmp_path.iterdir()] == ["json.py"]


C_LIBRARY = """
#include <math.h>
#include <pthread.h>
int cube(int of) { return (int)pow(of, 3); }
"""
CXX_LIBRARY = """
#include <stdexcept>
#include <string>
extern "C" int cube(int);
extern "C" int caught(void) {
    try { throw std::runtime_error(std::to_string(cube(3))); }
    catch (const std::exception &error) { return std::stoi(error.what()); }
}
"""


@pytest.mark.parametrize(
    ("compilers", "gnu", "host"),
    [
        ("gnu_aarch64", "aarch64-linux-gnu", "debian_arm64"),
        ("gnu_armhf", "arm-linux-gnueabihf", "debian_armhf"),
        ("gnu_riscv64", "riscv64-linux-gnu", "trixie_riscv64"),
    ],
)
def test_a_gnu_compiler_links_c_and_cxx_libraries_that_its_host_loads(
    compilers: str, gnu: str, host: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    directory: Path = request.getfixturevalue(compilers)
    root: HostRoot = request.getfixturevalue(host)
    (tmp_path / "cube.c").write_text(C_LIBRARY)
    (tmp_path / "caught.cc").write_text(CXX_LIBRARY)
    options = [f"--sysroot={root.root}", "-shared", "-fPIC", "-O2"]
    beside = ["-L.", "-lcube", "-Wl,-rpath,$ORIGIN", "-flto"]
    for command in (
        [f"{directory}/{gnu}-gcc", *options, "cube.c", "-o", "libcube.so", "-lm", "-pthread"],
        [f"{directory}/{gnu}-g++", *options, "caught.cc", "-o", "libcaught.so", *beside],
        [f"{directory}/{gnu}-gcc-ar", "rcs", "libcube.a", "libcube.so"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True)
    done = run_on_host(root, f"import ctypes; print(ctypes.CDLL('{tmp_path}/libcaught.so').caught())")
    assert (done.stdout, done.stderr) == ("27\n", "")


def test_zig_compiles_a_program_that_the_musl_host_runs(zig: Path, musl_aarch64: HostRoot, tmp_path: Path) -> None:
    (tmp_path / "hello.c").write_text('#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n')
    subprocess.run(
        [zig, "cc", "-target", "aarch64-linux-musl", "-dynamic", "-o", "hello", "hello.c"], cwd=tmp_path, check=True
    )
    emulated = [*musl_aarch64.command[:-1], str(tmp_path / "hello")]
    assert subprocess.run(emulated, capture_output=True, text=True, check=True).stdout == "hello\n"


def test_a_build_python_of_3_13_is_always_there(build_python: Callable[[tuple[int, int]], BuildPython]) -> None:
    assert build_python((3, 13)).version[:2] == (3, 13)


@pytest.mark.parametrize(
    "make", [partial(debian_python, version=VERSION), pytest.param(native_python, marks=pytest.mark.matrix)]
)
def test_a_python_of_the_test_bed_has_what_builds_import(make: Callable[[Bed], Path], bed: Bed) -> None:
    made = BuildPython.from_executable(make(bed))
    assert made.has_headers
    code = (
        "import ctypes, hashlib, sqlite3, ssl, venv, zlib; "
        "print(zlib.decompress(zlib.compress(hashlib.sha256(b'').digest())).hex())"
    )
    done = subprocess.run([made.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("e3b0c44298fc1c14")
