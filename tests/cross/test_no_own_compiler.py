"""A machine that has a cross compiler and none for itself: projects that compile for both are built all the same."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import PROJECTS, copy_project
from tests.cross.wheelfiles import WheelFile
from tests.testbed import tools

if TYPE_CHECKING:
    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.cross

Build = Callable[..., str]

OWN = {"cc", "gcc", "clang", "c++", "g++", "clang++", "ar", "ranlib", "llvm-ar", "llvm-ranlib", "ld", "as"}


@pytest.fixture
def path(bed: Bed, tmp_path: Path) -> str:
    """``PATH`` without this machine's compilers and binary tools, and with make."""
    programs = tmp_path / "programs"
    programs.mkdir()
    places = [*map(str, tools.make(bed)), *bed.environ.get("PATH", os.defpath).split(os.pathsep)]
    for place in filter(os.path.isdir, places):
        for program in Path(place).iterdir():
            if program.name not in OWN and not (programs / program.name).is_symlink():
                (programs / program.name).symlink_to(program)
    return str(programs)


@pytest.fixture
def build(crossbuild: Crossbuild, debian_arm64: HostRoot, gnu_aarch64: Path, path: str, tmp_path: Path) -> Build:
    """A function that builds a sample project for aarch64 and returns what crossbuild says of it."""

    def make(name: str, *options: str | Path, requires: str = "") -> str:
        project = copy_project(name, tmp_path / "project")
        file = project / "pyproject.toml"
        file.write_text(file.read_text().replace("requires = [", f"requires = [{requires}", 1))
        prefix = f"{gnu_aarch64}/aarch64-linux-gnu-"
        words = ("wheel", "--verbose", project, "--no-deps", "--toolchain", prefix, "-w", tmp_path / "dist", *options)
        done = crossbuild(*words, host=debian_arm64, environ={"PATH": path})
        assert done.returncode == 0, done.stderr
        return done.stderr

    return make


@pytest.mark.parametrize(
    "name",
    [
        "meson-generator",
        "setuptools-generator",
        pytest.param("skbuild-core-generator", marks=pytest.mark.matrix),
    ],
)
def test_programs_that_run_in_the_build_are_compiled(name: str, build: Build, tmp_path: Path) -> None:
    build(name)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert list(WheelFile.from_path(wheel).machines.values()) == ["AARCH64 64 little"]


def test_meson_does_not_ask_for_zig_where_nothing_is_compiled_for_this_machine(build: Build) -> None:
    assert "Compiler for language c for the build machine not found." in build("meson-c")


def test_build_requirements_without_a_wheel_are_compiled(build: Build, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    with tarfile.open(tmp_path / "links/setuptools_c-1.0.tar.gz", "w:gz") as archive:
        archive.add(PROJECTS / "setuptools-c", "setuptools_c-1.0")
    said = build("pure-flit", "--find-links", tmp_path / "links", requires='"setuptools-c", ')
    assert "Install the build requirements" in said
