"""Projects in Fortran, built by a GNU cross compiler and run on their hosts; and what is said where there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.breadth import cases
from tests.commands import BuiltWheels, copy_project
from tests.host.test_samples import facts_on
from tests.testbed.hosts import release_host, run_on_host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed

pytestmark = pytest.mark.host

ARM64 = "debian:bookworm:arm64"
INDEX = "aarch64-manylinux_2_28"
"""What uv calls the wheels of the index that run there."""


WAYS = [(ARM64, "gnu_fortran_aarch64"), ("debian:bookworm:armhf", "gnu_fortran_armhf")]


@pytest.mark.parametrize(("release", "compilers"), cases(WAYS, quick=WAYS[:1]))
def test_cmake_compiles_it(
    release: str, compilers: str, request: pytest.FixtureRequest, bed: Bed, built_wheels: BuiltWheels, tmp_path: Path
) -> None:
    wheel = built_wheels.sample("skbuild-core-fortran", host=release, compilers=request.getfixturevalue(compilers))
    told = facts_on(release_host(bed, release, "libgfortran5"), wheel, tmp_path)
    assert told["total"] == "   3.750"


def test_f2py_makes_modules_of_it(
    gnu_fortran_aarch64: Path, installed: Callable[..., Path], bed: Bed, built_wheels: BuiltWheels, tmp_path: Path
) -> None:
    wheel = built_wheels.sample("meson-fortran", host=ARM64, compilers=gnu_fortran_aarch64)
    sites = [BuiltWheels.unpacked(wheel, tmp_path), installed("numpy", platform=INDEX)]
    code = "import meson_fortran as m; assert m.facts()['total'] == '   3.750'"
    done = run_on_host(release_host(bed, ARM64, "libgfortran5"), code, *sites)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("sample", "host"), [("skbuild-core-fortran", ARM64), ("meson-fortran", "manylinux_2_28_aarch64")]
)
def test_without_a_compiler_for_the_host_the_error_says_so(
    sample: str, host: str, gnu_aarch64: Path, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    for name in ("gfortran", "f77", "f95"):
        own = tmp_path / "machine" / name
        own.parent.mkdir(exist_ok=True)
        own.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\n")
        own.chmod(0o755)
    project = copy_project(sample, tmp_path / sample)
    command = ("wheel", project, "--python", "3.11", "-w", tmp_path / "wheels")
    path = (tmp_path / "machine", gnu_aarch64, *crossbuild.programs, crossbuild.bed.environ["PATH"])
    done = crossbuild(*command, host=host, environ={"PATH": ":".join(map(str, path)), "FC": "gfortran"})
    assert done.returncode == 7
    assert re.search(r"(Missing|Looked for): a Fortran compiler for the host\.", done.stderr)
    assert "apt install gfortran-aarch64-linux-gnu" in done.stderr
    assert not (tmp_path / "asked").exists()
