"""The programs of the page about the library that build something, run as printed there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.examples import library_examples, run_program
from tests.ready import ready_project
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild

pytestmark = pytest.mark.cross


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A project whose backend needs nothing, and a requirement that there is a wheel of."""
    ready_project(tmp_path / "app")
    (tmp_path / "wheels").mkdir()
    make_wheel(tmp_path / "wheels", {"tool.py": b""}, tag="py3-none-any", project="tool-2.0")
    (tmp_path / "requirements.txt").write_text("tool\n")
    return tmp_path


@pytest.mark.parametrize(
    ("heading", "printed"),
    [
        ("Build a project", ["dist/app-1.0-py3-none-any.whl ", "app-1.0-py3-none-any.whl 0"]),
        ("Build several, and what they require", ["app 1.0 built", "tool 2.0 taken"]),
    ],
)
def test_it_runs_as_printed(heading: str, printed: list[str], desk: Path, crossbuild: Crossbuild) -> None:
    path = os.pathsep.join((*map(str, crossbuild.programs), os.environ.get("PATH", os.defpath)))
    own = {"CROSSBUILD_CACHE_DIR": str(crossbuild.cache_dir), "PIP_FIND_LINKS": str(desk / "wheels"), "PATH": path}
    environ = {**crossbuild.bed.environ, **own}
    lines = [run_program(one, cwd=desk, environ=environ) for one in library_examples()[heading]]
    said = sorted("".join(lines).splitlines())
    assert len(said) == len(printed)
    assert all(line.startswith(start) for line, start in zip(said, sorted(printed), strict=True))
