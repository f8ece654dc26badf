"""A project that crossbuild's backend wraps, built by crossbuild itself: as if it were not wrapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cross.ways import SYNTHESISED
from tests.wrapped import wrapped_project

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from tests.commands import BuiltWheels, Crossbuild

pytestmark = pytest.mark.cross

# No index has it, so that whoever tried to install it would fail.
ABSENT = "crossbuild == 0.0.0.dev0"


@pytest.mark.parametrize(
    ("name", "command"),
    [("setuptools-c", "wheel"), ("setuptools-c", "sdist-to-wheel"), ("in-tree-setuptools", "wheel")],
)
def test_the_wheel_is_the_same(
    name: str, command: str, crossbuild: Crossbuild, built_wheels: BuiltWheels, tmp_path: Path
) -> None:
    plain = built_wheels.sample(name, host=SYNTHESISED)
    project = wrapped_project(name, tmp_path / name, requirement=ABSENT)
    done = crossbuild(command, project, "-w", tmp_path, environ={"CROSSBUILD_HOST": SYNTHESISED})
    assert done.returncode == 0, done.stderr
    assert (tmp_path / plain.name).read_bytes() == plain.read_bytes()


def test_hooks_run_under_pythons_that_crossbuild_does_not(
    supported_build_pythons: list[BuildPython], crossbuild: Crossbuild, tmp_path: Path
) -> None:
    oldest = min(supported_build_pythons, key=lambda python: python.version)
    version = "{}.{}".format(*oldest.version)
    project = wrapped_project("setuptools-c", tmp_path / "project", requirement=ABSENT)
    done = crossbuild("wheel", project, "-w", tmp_path, "--python", version, host=SYNTHESISED)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    python = "cp{}{}".format(*oldest.version)
    assert wheel.name == f"setuptools_c-1.0-{python}-{python}-{SYNTHESISED}.whl"
