"""Real packages from the index, built from their sdists, and run on the host Pythons that they were built for."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests.breadth import alone, cases
from tests.host.packages import PACKAGES
from tests.testbed.hosts import run_on_host
from tests.testbed.tools import gnu_compilers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from tests.commands import BuiltWheels
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

# rapidfuzz and uvloop, which runs the configure script of libuv, compile for minutes.
NAMES = ("markupsafe", "pyyaml", "msgpack", "cffi", "kiwisolver", "psutil", "uvloop", "rapidfuzz")
HOSTS = ("debian_arm64", "debian_armhf", "trixie_riscv64")
QUICK = {
    "markupsafe": "trixie_riscv64",
    "pyyaml": "debian_armhf",
    "msgpack": "trixie_riscv64",
    "cffi": "debian_arm64",
    "kiwisolver": "debian_armhf",
    "psutil": "debian_arm64",
}
"""The host that each is built for outside of the matrix."""
IN_CXX = ("kiwisolver", "rapidfuzz")
"""For 32-bit Arm they are compiled with GNU's compilers: zig would first compile its C++ library, for minutes."""
ON_MUSL = [name for name in NAMES if name not in ("pyyaml", "cffi")]


@pytest.fixture
def works(
    built_wheels: BuiltWheels, installed: Callable[..., Path], tmp_path: Path
) -> Callable[[str, Path, HostRoot], None]:
    """Assert that the package of this name, in this wheel, works on this host."""

    def check(name: str, wheel: Path, host: HostRoot) -> None:
        package = PACKAGES[name]
        site = built_wheels.unpacked(wheel, tmp_path / "site")
        done = run_on_host(host, package.smoke, site, *(installed(requirement) for requirement in package.runtime))
        assert done.returncode == 0, done.stderr

    return check


@pytest.mark.parametrize(("name", "host_name"), cases(itertools.product(NAMES, HOSTS), quick=QUICK.items()))
def test_a_package_works_on_debian(
    name: str,
    host_name: str,
    request: pytest.FixtureRequest,
    bed: Bed,
    built_wheels: BuiltWheels,
    works: Callable[[str, Path, HostRoot], None],
) -> None:
    host: HostRoot = request.getfixturevalue(host_name)
    gnu = name in IN_CXX and host.architecture == "armv7l"
    wheel = built_wheels.build(name, host=host, compilers=gnu_compilers(bed, host.architecture) if gnu else None)
    assert wheel.stem.endswith(f"-linux_{host.architecture}")
    works(name, wheel, host)


@pytest.mark.parametrize("name", alone(ON_MUSL, quick=("markupsafe",)))
def test_a_package_works_on_musl(
    name: str,
    musl_aarch64: HostRoot,
    built_wheels: BuiltWheels,
    build_python: Callable[[tuple[int, int]], BuildPython],
    works: Callable[[str, Path, HostRoot], None],
) -> None:
    python = build_python(musl_aarch64.version).executable
    options = ("--python", "{}.{}".format(*musl_aarch64.version), "--build-python", str(python))
    wheel = built_wheels.build(name, *options, host="musllinux_1_2_aarch64")
    assert wheel.stem.endswith("-musllinux_1_2_aarch64")
    works(name, wheel, musl_aarch64)
