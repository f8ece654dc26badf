"""Packages that need C libraries, built for a distribution that is named alone: what they lack is found and fetched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from crossbuild.sysroot.names import SysrootName
from tests.commands import BuiltWheels
from tests.host.packages import LIBRARY_PACKAGES
from tests.testbed.debian import sysroots
from tests.testbed.hosts import available_release, release_host, run_on_host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.host.packages import Package
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

RELEASES = ("debian:bookworm:arm64", "debian:bookworm:armhf", "debian:trixie:riscv64")


@pytest.mark.matrix
@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", LIBRARY_PACKAGES)
def test_a_package_gets_its_libraries(
    name: str, release: str, bed: Bed, crossbuild: Crossbuild, installed: Callable[..., Path], tmp_path: Path
) -> None:
    package, release = LIBRARY_PACKAGES[name], available_release(bed, release)
    python = crossbuild.build_python_for(release_host(bed, release).version)
    done = crossbuild("wheel", name, "--auto-sysroot", *python, "-w", tmp_path / "wheels", host=release)
    assert done.returncode == 0, done.stderr
    added = re.findall(r"--sysroot-package (\S+)", done.stderr)
    assert "To skip the retry next time" in done.stderr
    assert_works(package, tmp_path, bed, release, added, installed)


def test_what_lacks_is_named_with_its_option_or_added(bed: Bed, crossbuild: Crossbuild, tmp_path: Path) -> None:
    release = RELEASES[0]
    done = crossbuild("wheel", "pyyaml", "-w", tmp_path, host=release)
    assert done.returncode == 8
    assert "Missing: the header yaml.h, provided by libyaml-dev." in done.stderr
    assert "with --auto-sysroot to" in done.stderr
    assert "with --sysroot-package libyaml-dev\n" in done.stderr
    assert not list(tmp_path.iterdir())
    # Another test may have built it, and only a build tells what its wheel needs.
    built_now = ("--env", f"HERE={tmp_path}")
    done = crossbuild("wheel", "pyyaml", "--auto-sysroot", *built_now, "-w", tmp_path, host=release)
    assert done.returncode == 0, done.stderr
    assert "--sysroot-package libyaml-dev" in done.stderr
    assert "libyaml-0.so.2 (libyaml-0-2)" in done.stderr
    shared = sysroots(bed).provide(SysrootName.from_text(release))
    assert shared.version_of("libyaml-dev") == "", "the shared sysroot is as it was"


def assert_works(
    package: Package, directory: Path, bed: Bed, release: str, added: list[str], installed: Callable[..., Path]
) -> None:
    host = release_host(bed, release, *added)
    (wheel,) = (directory / "wheels").glob("*.whl")
    site = BuiltWheels.unpacked(wheel, directory / "site")
    own_version = wheel.name.split("-")[1]
    pure = [installed(one.format(version=own_version), version=host.version) for one in package.runtime]
    done = run_on_host(host, package.smoke, site, *pure)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("toolchain", ["zig", "gnu"])
@pytest.mark.parametrize("sample", ["meson-zlib", "meson-cmake", "skbuild-core-zlib"])
def test_build_tools_find_libraries_in_the_sysroot(
    sample: str, toolchain: str, debian_arm64: HostRoot, gnu_aarch64: Path, built_wheels: BuiltWheels, tmp_path: Path
) -> None:
    compilers = gnu_aarch64 if toolchain == "gnu" else None
    wheel = built_wheels.sample(sample, "--toolchain", toolchain, host=debian_arm64, compilers=compilers)
    assert_sums(debian_arm64, wheel, tmp_path)


def test_what_a_project_declares_is_added(bed: Bed, built_wheels: BuiltWheels, tmp_path: Path) -> None:
    release = RELEASES[0]
    assert not (release_host(bed, release).root / "usr/include/bzlib.h").exists()
    site = BuiltWheels.unpacked(built_wheels.sample("setuptools-external", host=release), tmp_path / "site")
    host = release_host(bed, release, "libbz2-dev")
    done = run_on_host(host, "import setuptools_external as s; print(s.version())", site)
    assert done.stdout.startswith("1.0."), done.stderr


@pytest.mark.parametrize(
    "options", [("--sysroot-package", "zlib1g-dev"), ("--sysroot", "debian:trixie:arm64")], ids=["package", "sysroot"]
)
def test_a_platform_tag_has_libraries_of_a_release(
    options: tuple[str, ...], debian_arm64: HostRoot, built_wheels: BuiltWheels, tmp_path: Path
) -> None:
    wheel = built_wheels.sample("meson-zlib", *options, "--python", "3.11", host="manylinux_2_28_aarch64")
    assert wheel.stem.endswith("-manylinux_2_28_aarch64"), "libz.so.1 is promised"
    assert_sums(debian_arm64, wheel, tmp_path)


def assert_sums(host: HostRoot, wheel: Path, directory: Path) -> None:
    name = wheel.name.partition("-")[0]
    site = BuiltWheels.unpacked(wheel, directory / "site")
    code = f"import zlib, {name}; assert {name}.checksum(b'bytes') == zlib.crc32(b'bytes')"
    done = run_on_host(host, code, site)
    assert done.returncode == 0, done.stderr
