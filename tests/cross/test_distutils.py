"""setuptools over either distutils, its own and the standard library's, on every build Python that has the latter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import copy_project
from tests.cross.pythons import BUILD_PYTHONS, NAMES, OLDEST, version_of
from tests.cross.ways import SYNTHESISED
from tests.cross.wheelfiles import WheelFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.build_python.discovery import BuildPython
    from tests.commands import Crossbuild

pytestmark = pytest.mark.cross

VERSIONS = [name for name in NAMES if name != "distribution" and version_of(name) < (3, 12)] or [OLDEST]
PINNED = '"setuptools==59.6.0", "wheel==0.37.1"'
PROJECTS = {
    # The sample refuses any distutils but the standard library's.
    "the last setuptools with it": ("setuptools-59", PINNED, {}),
    "the newest setuptools with it": ("setuptools-59", '"setuptools", "wheel"', {"SETUPTOOLS_USE_DISTUTILS": "stdlib"}),
    "the newest setuptools": ("setuptools-cxx", "", {}),
}


@pytest.mark.parametrize("kind", PROJECTS)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_distutils_builds_cxx(
    version: str,
    kind: str,
    crossbuild: Crossbuild,
    build_python: Callable[[tuple[int, int]], BuildPython],
    tmp_path: Path,
) -> None:
    name, requires, environ = PROJECTS[kind]
    project = copy_project(name, tmp_path / name)
    if requires:
        settings = (project / "pyproject.toml").read_text()
        assert PINNED in settings
        (project / "pyproject.toml").write_text(settings.replace(PINNED, requires))
    python = BUILD_PYTHONS[version] if version in BUILD_PYTHONS else build_python(version_of(version))
    options = ("--python", version, "--build-python", python.executable, "--toolchain", "zig", "-w", tmp_path)
    done = crossbuild("wheel", project, *options, host=SYNTHESISED, environ=environ)
    assert done.returncode == 0, done.stderr
    wheel = Path(done.stdout.strip())
    tag = f"cp{version.replace('.', '')}"
    assert wheel.name == f"{name.replace('-', '_')}-1.0-{tag}-{tag}-{SYNTHESISED}.whl"
    assert list(WheelFile.from_path(wheel).machines.values()) == ["AARCH64 64 little"]
