"""Wheels for a tag bring what they need, and work on a root that does not have it."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.commands import BuiltWheels, copy_project
from tests.testbed.hosts import release_host, run_on_host

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

RELEASE = "debian:bookworm:arm64"
TAG = "manylinux_2_36_aarch64"
LIBRARY = "libyaml-0.so.2"
CODE = "import setuptools_needing as s; print(s.version())"


@pytest.fixture
def root(bed: Bed) -> HostRoot:
    """A root without libyaml."""
    host = release_host(bed, RELEASE)
    assert not list(host.root.rglob("libyaml*.so*"))
    return host


def build(crossbuild: Crossbuild, directory: Path, *options: str, code: int = 0) -> str:
    project = copy_project("setuptools-needing", directory / "project")
    done = crossbuild("wheel", str(project), "--python", "3.11", *options, "-w", directory / "wheels", host=TAG)
    assert done.returncode == code, done.stderr
    assert isinstance(done.stderr, str)
    return done.stderr


def assert_works(wheel: Path, root: HostRoot, directory: Path) -> None:
    done = run_on_host(root, CODE, BuiltWheels.unpacked(wheel, directory / "site"))
    assert done.stdout.startswith("0."), done.stderr


def test_a_library_of_the_sysroot_comes_along(root: HostRoot, crossbuild: Crossbuild, tmp_path: Path) -> None:
    said = build(crossbuild, tmp_path, "--auto-sysroot")
    assert f"It brings along: {LIBRARY} (libyaml-0-2 0.2." in said
    (wheel,) = (tmp_path / "wheels").glob(f"*-{TAG}.whl")
    with zipfile.ZipFile(wheel) as archive:
        bill = json.loads(archive.read("setuptools_needing-1.0.dist-info/sboms/crossbuild.cdx.json"))
    (package,) = bill["components"]
    assert package["purl"].startswith("pkg:deb/debian/libyaml-0-2@0.2.")
    assert_works(wheel, root, tmp_path)


def test_a_wheel_that_was_not_repaired_is_refused_and_can_be_repaired_later(
    root: HostRoot, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    needs = ("--sysroot-package", "libyaml-dev")
    assert "[unpromised-library]" in build(crossbuild, tmp_path, *needs, "--repair", "never", code=8)
    project = tmp_path / "project"
    done = crossbuild("wheel", str(project), "--python", "3.11", *needs, "-w", tmp_path, host="linux_aarch64")
    assert done.returncode == 0, done.stderr
    (needing,) = tmp_path.glob("*.whl")
    out = tmp_path / "repaired"
    done = crossbuild("repair", str(needing), "--python", "3.11", *needs, "-w", out, host=TAG)
    assert done.returncode == 0, done.stderr
    (wheel,) = out.glob(f"*-{TAG}.whl")
    assert done.stdout.strip() == str(wheel)
    assert_works(wheel, root, tmp_path)
