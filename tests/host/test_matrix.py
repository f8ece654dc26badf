"""Every sample project, built for every kind of host, and run there: for one host each outside of the matrix."""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING

import pytest

from crossbuild.system.cache import digest
from tests.breadth import cases
from tests.commands import BuiltWheels
from tests.cross.wheelfiles import WheelFile
from tests.host.test_samples import built_for, facts_on
from tests.samples import CXX_SAMPLES, SAMPLES
from tests.testbed import cpython
from tests.testbed.hosts import DEBIAN_HOSTS, run_on_host

if TYPE_CHECKING:
    from pathlib import Path

    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

MACHINES = {
    "debian_arm64": "AARCH64 64 little",
    "debian_armhf": "ARM 32 little",
    "trixie_riscv64": "RISCV 64 little",
    "debian_s390x": "S390 64 big",
    "musl_aarch64": "AARCH64 64 little",
}
"""The hosts, and what the headers of their ELF files say."""
VERSIONS = {name: host.version for name, host in DEBIAN_HOSTS.items()} | {"musl_aarch64": cpython.VERSION}
WITHOUT_LIBFFI = {"debian_s390x": "manylinux2014_s390x", "musl_aarch64": "musllinux_1_2_aarch64"}
"""Hosts that cffi cannot be built for, and what the index calls wheels that run on them."""

# For each host zig compiles its C++ library first, for minutes; GNU's compilers have theirs.
QUICK = {
    **dict(zip(SAMPLES, itertools.cycle(("debian_armhf", "trixie_riscv64", "debian_s390x", "musl_aarch64")))),
    **dict.fromkeys(CXX_SAMPLES, "debian_arm64"),
}
"""One host for each sample, so that each host has several."""
PAIRS = cases(
    ((sample.name, host) for sample in SAMPLES.values() for host in MACHINES if VERSIONS[host] <= sample.newest_python),
    quick=QUICK.items(),
)


@pytest.mark.parametrize(("name", "host_name"), PAIRS)
def test_it_is_built_and_works(
    name: str, host_name: str, request: pytest.FixtureRequest, bed: Bed, built_wheels: BuiltWheels, tmp_path: Path
) -> None:
    sample = SAMPLES[name]
    host, wheel = built_for(request, host_name, name)
    version = "cp{}{}".format(*host.version)
    python = sample.python_tag.format(python=version) or f"{version}-{version}"
    platform = "musllinux_1_2" if host_name == "musl_aarch64" else "linux"
    assert wheel.name == f"{name.replace('-', '_')}-1.0-{python}-{platform}_{host.architecture}.whl"
    assert list(WheelFile.from_path(wheel).machines.values()) == [MACHINES[host_name]]
    needed = [runtime_wheel(project, host_name, host, bed, built_wheels) for project in sample.runtime]
    if sample.check:
        done = run_on_host(host, sample.check, BuiltWheels.unpacked(wheel, tmp_path))
        assert (done.returncode, done.stderr) == (0, "")
        return
    told = facts_on(host, wheel, tmp_path, *needed)
    assert told.pop("PY_VERSION") == told.pop("version")
    assert told == {"printed": [], **sample.tells}


def runtime_wheel(project: str, host_name: str, host: HostRoot, bed: Bed, built_wheels: BuiltWheels) -> Path:
    """Return the host's wheel of what a sample needs there: built, or the index's where its libraries are missing."""
    if host_name not in WITHOUT_LIBFFI:
        return built_wheels.build(project, host=host)

    def make(scratch: Path) -> None:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        which = ["--platform", WITHOUT_LIBFFI[host_name], "--python-version", "{}.{}".format(*host.version)]
        bed.run([*pip, *which, "--dest", scratch, project])

    (wheel,) = bed.cache.entry("runtime", digest(project, host_name), make).glob("*.whl")
    return wheel
