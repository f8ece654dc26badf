"""A machine that has a cross compiler and none for itself: projects that compile for both are built all the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import copy_project
from tests.cross.wheelfiles import WheelFile
from tests.testbed import tools

if TYPE_CHECKING:
    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.cross

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


@pytest.mark.parametrize("name", ["meson-generator", "skbuild-core-generator", "setuptools-generator"])
def test_programs_that_run_in_the_build_are_compiled(
    name: str, crossbuild: Crossbuild, debian_arm64: HostRoot, gnu_aarch64: Path, path: str, tmp_path: Path
) -> None:
    project = copy_project(name, tmp_path / "project")
    prefix = f"{gnu_aarch64}/aarch64-linux-gnu-"
    words = ("wheel", project, "--no-deps", "--toolchain", prefix, "-w", tmp_path / "dist")
    done = crossbuild(*words, host=debian_arm64, environ={"PATH": path})
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert list(WheelFile.from_path(wheel).machines.values()) == ["AARCH64 64 little"]
