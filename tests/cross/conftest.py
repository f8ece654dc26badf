"""Cross Pythons for the tests of this directory, made once each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from crossbuild.interpreter.cross_venv import make_cross_venv
from crossbuild.interpreter.shadow import make_cross_python
from crossbuild.system.cache import Cache
from tests.cross.pythons import BUILD_PYTHONS, Combination, fake_compilers, host_like, version_of
from tests.cross.ways import SYNTHESISED, Way

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.build_python.discovery import BuildPython
    from tests.testbed.hosts import HostRoot


@pytest.fixture(scope="session")
def combine(
    tmp_path_factory: pytest.TempPathFactory, build_python: Callable[[tuple[int, int]], BuildPython]
) -> Callable[[str, str], Combination]:
    """Return a function of a version and a tag that makes the cross Python and a cross venv, once each."""
    root = tmp_path_factory.mktemp("cross")
    compilers = fake_compilers(root / "compilers")
    made: dict[tuple[str, str], Combination] = {}

    def combine(version: str, tag: str) -> Combination:
        if (version, tag) not in made:
            build = BUILD_PYTHONS[version] if version in BUILD_PYTHONS else build_python(version_of(version))
            host = host_like(build, tag)
            cross = make_cross_python(
                build_python=build, host=host, compilers=compilers, cache=Cache(root=root / "cache")
            )
            site_packages = root / f"site-packages-{version}-{tag}"
            site_packages.mkdir()
            python = make_cross_venv(root / f"venv-{version}-{tag}", cross_python=cross, site_packages=site_packages)
            made[version, tag] = Combination(
                build=build, host=host, cross=cross, compilers=compilers, python=python, site_packages=site_packages
            )
        return made[version, tag]

    return combine


@pytest.fixture(scope="session", params=["zig", "gnu"])
def way(request: pytest.FixtureRequest) -> Way:
    """Each of the ways to compile: zig without a host Python, and GNU's compilers for one."""
    if request.param == "zig":
        return Way(host=SYNTHESISED, platform=SYNTHESISED, version=sys.version_info[:2], options=("--toolchain", "zig"))
    host: HostRoot = request.getfixturevalue("debian_arm64")
    return Way(
        host=host,
        platform="linux_aarch64",
        version=host.version,
        options=("--toolchain", "gnu"),
        compilers=request.getfixturevalue("gnu_aarch64"),
    )
