"""What a user's configuration says reaches the build."""

from __future__ import annotations

import json
import runpy
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.commands import copy_project
from tests.cross.ways import SYNTHESISED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild

pytestmark = pytest.mark.cross

CONFIGURATION = f"""
[hosts.board]
host = "{SYNTHESISED}"
toolchain = "zig"

[packages.setuptools-configured]
config-settings = {{ one = "configured", two = ["configured"] }}
environment = {{ COLOUR = "user" }}
build-requires = ["colorama"]
constraints = ["markupsafe==3.0.2"]
"""


def told(wheel: Path, directory: Path) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        module = archive.extract("setuptools_configured.py", directory)
    said: dict[str, Any] = json.loads(runpy.run_path(module)["told"])
    return said


def test_settings_environment_and_requirements_of_a_package(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("setuptools-configured", tmp_path / "project")
    (tmp_path / "crossbuild.toml").write_text(CONFIGURATION)
    done = crossbuild("wheel", project, "-C", "two=command line", "-w", tmp_path, host="board", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    said = told(wheel, tmp_path)
    assert said["settings"] == {"one": "configured", "two": "command line"}
    assert said["environment"] == {"COLOUR": "user", "SHAPE": "project"}
    assert said["markupsafe"] == "3.0.2"
    assert said["colorama"]


def test_a_host_that_the_project_names(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("pure-flit", tmp_path / "project")
    with (project / "pyproject.toml").open("a") as file:
        file.write(f'[tool.crossbuild.hosts.board]\nhost = "{SYNTHESISED}"\n')
    done = crossbuild("sdist-to-wheel", project, "-w", tmp_path, environ={"CROSSBUILD_HOST": "board"})
    assert done.returncode == 0, done.stderr
    wrong = crossbuild("sdist-to-wheel", project, "-w", tmp_path, host="boart")
    assert wrong.returncode == 3
    assert "Did you mean board" in wrong.stderr
