"""Every release and architecture that there are roots of: checked, and C++ built for it by every compiler, and run."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest

from tests.breadth import alone, cases
from tests.host.test_samples import facts_on
from tests.testbed.hosts import DEBIAN_HOSTS
from tests.testbed.tools import gnu_compilers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import BuiltWheels, Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

# For each of them zig compiles its C++ library, for minutes; for some, GNU's compilers are needed for nothing else.
QUICK = {("debian_armhf", "gnu"), ("trixie_riscv64", "gnu")}
CXX = cases(itertools.product(DEBIAN_HOSTS, ("zig", "gnu")), quick=QUICK)
# What they are is proven by others: a little-endian machine of 64 bits, and a big-endian one.
HOSTS = alone(DEBIAN_HOSTS, quick=DEBIAN_HOSTS.keys() - {"debian_ppc64el", "trixie_s390x"})


@pytest.mark.parametrize("name", HOSTS)
def test_nothing_is_wrong_with_it(name: str, request: pytest.FixtureRequest, crossbuild: Crossbuild) -> None:
    host: HostRoot = request.getfixturevalue(name)
    done = crossbuild.about_host("check", host, "--json")
    assert done.returncode == 0, done.stderr
    assert "warning:" not in done.stderr
    findings = {finding["subject"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert {finding["state"] for subject, finding in findings.items() if subject != "Fortran"} == {"ok"}
    described = "Python {}.{}.".format(*host.version), f" for linux_{host.architecture}, "
    assert all(part in findings["host"]["detail"] for part in described)
    assert findings["sysroot"]["detail"] == str(host.root)


@pytest.mark.parametrize(("name", "toolchain"), CXX)
def test_cxx_runs_on_it(
    name: str, toolchain: str, request: pytest.FixtureRequest, bed: Bed, built_wheels: BuiltWheels, tmp_path: Path
) -> None:
    host: HostRoot = request.getfixturevalue(name)
    compilers = gnu_compilers(bed, host.architecture) if toolchain == "gnu" else None
    wheel = built_wheels.sample("setuptools-cxx", "--toolchain", toolchain, host=host, compilers=compilers)
    assert wheel.stem.endswith(f"-linux_{host.architecture}")
    told = facts_on(host, wheel, tmp_path)
    assert told["PY_VERSION"] == told["version"]
    assert told["caught"] == "no number is 42"
    assert told["printed"] == ["written by C++"]
