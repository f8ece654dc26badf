"""Packages whose users say which libraries of the distribution they are to be built with."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests.commands import BuiltWheels
from tests.host.packages import CONFIGURED_PACKAGES
from tests.testbed.hosts import release_host, run_on_host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.testbed.bed import Bed

pytestmark = [pytest.mark.host, pytest.mark.matrix]

RELEASE = "debian:bookworm:arm64"


@pytest.mark.parametrize("name", CONFIGURED_PACKAGES)
def test_it_works_with_the_distributions_libraries(
    name: str,
    gnu_fortran_aarch64: Path,
    bed: Bed,
    built_wheels: BuiltWheels,
    installed: Callable[..., Path],
    tmp_path: Path,
) -> None:
    package = CONFIGURED_PACKAGES[name]
    wheel = built_wheels.build(name, *package.options, host=RELEASE, compilers=gnu_fortran_aarch64)
    pairs = itertools.pairwise(package.options)
    host = release_host(bed, RELEASE, *(word for option, word in pairs if option == "--sysroot-package"))
    runtime = [one.format(version=wheel.name.split("-")[1]) for one in package.runtime]
    # What it needs beside itself is the index's; where the two overlap, the wheel that was built comes first.
    sites = [BuiltWheels.unpacked(wheel, tmp_path), installed(*runtime, platform="aarch64-manylinux_2_28")]
    done = run_on_host(host, package.smoke, *sites)
    assert done.returncode == 0, done.stderr
