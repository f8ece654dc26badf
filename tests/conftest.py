"""What the tests share: real hosts, compilers and emulators, prepared on first use and kept between runs."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.build_python.discovery import find_build_python
from crossbuild.errors import BuildPythonError
from crossbuild.system.cache import Cache
from tests.commands import BuiltWheels, Crossbuild
from tests.testbed import cpython, hosts, tools
from tests.testbed import rust as rust_bed
from tests.testbed.bed import Bed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from tests.testbed.hosts import HostRoot
    from tests.testbed.rust import Rust


GNU_COMPILERS = ("gnu_aarch64", "gnu_armhf", "gnu_fortran_aarch64", "gnu_fortran_armhf", "gnu_riscv64")
PREPARED = {*hosts.DEBIAN_HOSTS, *GNU_COMPILERS, "musl_aarch64"}

pytest_plugins = ["tests.testbed.plugin"]


@pytest.fixture(scope="session")
def bed(shared_directory: Path) -> Bed:
    return Bed.from_environ(os.environ, shared=shared_directory)


@pytest.fixture(autouse=True)
def prepared(request: pytest.FixtureRequest) -> None:
    """Make the hosts and compilers that a test's parameters name before the test, and its time, begin."""
    callspec = getattr(request.node, "callspec", None)
    for value in callspec.params.values() if callspec else ():
        if isinstance(value, str) and value in PREPARED:
            request.getfixturevalue(value)


# Each is called after the first choice for its role: tests.testbed.hosts has the others.


@pytest.fixture(scope="session")
def debian_arm64(bed: Bed) -> HostRoot:
    """CPython 3.11 of Debian bookworm on aarch64, with the -dev packages of zlib, libffi and libyaml."""
    return hosts.debian_host(bed, "debian_arm64")


@pytest.fixture(scope="session")
def debian_arm64_debug(bed: Bed) -> HostRoot:
    """A debug build of CPython 3.11 of Debian bookworm on aarch64."""
    return hosts.debian_host(bed, "debian_arm64_debug")


@pytest.fixture(scope="session")
def debian_armel(bed: Bed) -> HostRoot:
    """CPython 3.11 of Debian bookworm on armv5tel, which passes floating-point numbers in integer registers."""
    return hosts.debian_host(bed, "debian_armel")


@pytest.fixture(scope="session")
def debian_armhf(bed: Bed) -> HostRoot:
    """CPython 3.11 of Debian bookworm on armv7l, with the -dev packages of zlib, libffi and libyaml."""
    return hosts.debian_host(bed, "debian_armhf")


@pytest.fixture(scope="session")
def debian_i386(bed: Bed) -> HostRoot:
    """CPython 3.11 of Debian bookworm on i686."""
    return hosts.debian_host(bed, "debian_i386")


@pytest.fixture(scope="session")
def debian_ppc64el(bed: Bed) -> HostRoot:
    """CPython 3.11 of Debian bookworm on ppc64le."""
    return hosts.debian_host(bed, "debian_ppc64el")


@pytest.fixture(scope="session")
def debian_s390x(bed: Bed) -> HostRoot:
    """CPython 3.11 of Debian bookworm on s390x, which is big-endian."""
    return hosts.debian_host(bed, "debian_s390x")


@pytest.fixture(scope="session")
def trixie_arm64(bed: Bed) -> HostRoot:
    """CPython 3.13 of Debian trixie on aarch64, with the -dev packages of zlib, libffi and libyaml."""
    return hosts.debian_host(bed, "trixie_arm64")


@pytest.fixture(scope="session")
def trixie_riscv64(bed: Bed) -> HostRoot:
    """CPython 3.13 of Debian trixie on riscv64, with the -dev packages of zlib, libffi and libyaml."""
    return hosts.debian_host(bed, "trixie_riscv64")


@pytest.fixture(scope="session")
def trixie_s390x(bed: Bed) -> HostRoot:
    """CPython 3.13 of Debian trixie on s390x, which is big-endian."""
    return hosts.debian_host(bed, "trixie_s390x")


@pytest.fixture(scope="session")
def forky_arm64(bed: Bed) -> HostRoot:
    """CPython 3.14 of Debian forky on aarch64."""
    return hosts.debian_host(bed, "forky_arm64")


@pytest.fixture(scope="session")
def musl_aarch64(bed: Bed) -> HostRoot:
    """CPython 3.13 as its own makefile installs it, on aarch64 with musl."""
    return cpython.musl_host(bed)


@pytest.fixture(scope="session")
def gnu_aarch64(bed: Bed) -> Path:
    """The directory with ``aarch64-linux-gnu-gcc`` and kin."""
    return tools.gnu_compilers(bed, "aarch64")


@pytest.fixture(scope="session")
def gnu_fortran_aarch64(bed: Bed) -> Path:
    """The directory with ``aarch64-linux-gnu-gfortran``, ``aarch64-linux-gnu-gcc`` and kin."""
    return tools.gnu_compilers(bed, "aarch64", "gfortran")


@pytest.fixture(scope="session")
def gnu_fortran_armhf(bed: Bed) -> Path:
    """The directory with ``arm-linux-gnueabihf-gfortran``, ``arm-linux-gnueabihf-gcc`` and kin."""
    return tools.gnu_compilers(bed, "armv7l", "gfortran")


@pytest.fixture(scope="session")
def gnu_armhf(bed: Bed) -> Path:
    """The directory with ``arm-linux-gnueabihf-gcc`` and kin."""
    return tools.gnu_compilers(bed, "armv7l")


@pytest.fixture(scope="session")
def gnu_riscv64(bed: Bed) -> Path:
    """The directory with ``riscv64-linux-gnu-gcc`` and kin."""
    return tools.gnu_compilers(bed, "riscv64")


@pytest.fixture(scope="session")
def rust(bed: Bed) -> Rust:
    """rustc and cargo, with the standard libraries of aarch64, armv7l and riscv64; and the same without."""
    return rust_bed.rust(bed)


@pytest.fixture(scope="session")
def zig(bed: Bed) -> Path:
    return tools.zig(bed)


@pytest.fixture(scope="session")
def build_python(bed: Bed) -> Callable[[tuple[int, int]], BuildPython]:
    """A function that returns a Python of a version for this machine, which the test bed fetches if it is missing."""
    return lambda version: cpython.build_python(bed, version)


@pytest.fixture(scope="session")
def supported_build_pythons(bed: Bed) -> list[BuildPython]:
    """A Python of each supported version that this machine has."""
    found = []
    for minor in range(8, 14):
        try:
            found.append(find_build_python((3, minor), environ=bed.environ))
        except BuildPythonError:
            continue
    return found


@pytest.fixture(scope="session")
def crossbuild(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Crossbuild:
    """The command line, as a function."""
    return Crossbuild(
        bed=bed, temporary=tmp_path_factory.mktemp("builds"), programs=(*tools.make(bed), *cpython.programs(bed))
    )


@pytest.fixture(scope="session")
def built_wheels(crossbuild: Crossbuild, tmp_path_factory: pytest.TempPathFactory) -> BuiltWheels:
    """Wheels that the tests look at, built once and shared by all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return BuiltWheels(crossbuild=crossbuild, cache=Cache(root=shared / "shared"))


@pytest.fixture(scope="session")
def rust_wheels(built_wheels: BuiltWheels, rust: Rust) -> BuiltWheels:
    """Wheels that are built where there is a Rust for the host."""
    own = built_wheels.crossbuild
    return replace(built_wheels, crossbuild=replace(own, programs=(rust.programs, *own.programs)))
