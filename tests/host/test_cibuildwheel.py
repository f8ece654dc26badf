"""cibuildwheel, the newest and an older one, with the documented configuration; the wheels run on a host.

It needs containers, which are not to be had here: a program stands in for Docker, and runs on this machine what
cibuildwheel says to a container. All else is cibuildwheel's own: its options, steps and checks.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.commands import copy_project
from tests.examples import EXAMPLES, REPOSITORY, runner_environ
from tests.host.test_samples import facts_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from tests.commands import Crossbuild
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

TAG = "manylinux_2_28_aarch64"
CONFIGURATION = EXAMPLES / "cibuildwheel/crossbuild.toml"
IDENTIFIER = "cp311-manylinux_x86_64"

PYPROJECT = """\
[build-system]
requires = ["crossbuild @ {crossbuild}", "setuptools>=61"]
build-backend = "crossbuild.backend_shim"

[tool.crossbuild]
build-backend = "setuptools.build_meta"

[project]
name = "setuptools-c"
version = "1.0"
"""


def _run(*command: str | Path, environ: dict[str, str], cwd: Path | None = None) -> str:
    words = list(map(str, command))
    done = subprocess.run(words, env=environ, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _uv(*words: str | Path, environ: dict[str, str]) -> str:
    return _run(sys.executable, "-m", "uv", "--quiet", *words, environ=environ)


@pytest.fixture
def environ(crossbuild: Crossbuild, tmp_path: Path) -> dict[str, str]:
    """The variables of a runner with an engine on ``PATH``."""
    changes = {"CROSSBUILD_CACHE_DIR": str(crossbuild.cache_dir), "STAND_IN_ROOT": str(tmp_path / "container")}
    inherited = runner_environ(crossbuild.bed.environ, **changes)
    docker = tmp_path / "programs/docker"
    docker.parent.mkdir()
    docker.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{REPOSITORY}/tests/engine.py" "$@"\n')
    docker.chmod(0o755)
    return inherited | {"PATH": f"{docker.parent}:{inherited['PATH']}"}


@pytest.fixture
def image(environ: dict[str, str], build_python: Callable[[tuple[int, int]], BuildPython], tmp_path: Path) -> None:
    """What the image has: CPython 3.11 with pip and build; another Python is cibuildwheel's own tool."""
    pythons = tmp_path / "container/opt/python"
    python = pythons / "cp311-cp311"
    _uv("venv", "--seed", "--python", build_python((3, 11)).executable, python, environ=environ)
    _uv("pip", "install", "--python", python / "bin/python", "build", environ=environ)
    (pythons / "cp39-cp39").symlink_to(python)


@pytest.fixture
def project(environ: dict[str, str], tmp_path: Path) -> Path:
    """A project that the wrapper builds; crossbuild is a wheel of this source."""
    _uv("build", "--wheel", REPOSITORY, "--out-dir", tmp_path / "crossbuild", environ=environ)
    (wheel,) = (tmp_path / "crossbuild").glob("*.whl")
    directory = copy_project("setuptools-c", tmp_path / "checkout")
    (directory / "pyproject.toml").write_text(PYPROJECT.format(crossbuild=wheel.as_uri()))
    return directory


@pytest.mark.parametrize(
    ("requirement", "frontend"),
    [
        pytest.param("cibuildwheel>=4.3", "build", id="new"),
        pytest.param("cibuildwheel==2.23.*", "pip", id="old", marks=pytest.mark.matrix),
    ],
)
@pytest.mark.usefixtures("image")
def test_cibuildwheel_builds_for_another_machine(
    requirement: str, frontend: str, project: Path, environ: dict[str, str], debian_arm64: HostRoot, tmp_path: Path
) -> None:
    site = tmp_path / "cibuildwheel"
    _uv("pip", "install", "--target", site, requirement, environ=environ)
    environ |= {"PYTHONPATH": str(site), "CROSSBUILD_HOST": TAG, "CIBW_BUILD_FRONTEND": frontend}

    def cibuildwheel(*words: str | Path) -> str:
        command = (sys.executable, "-m", "cibuildwheel", "--platform=linux", f"--config-file={CONFIGURATION}")
        return _run(*command, *words, environ=environ, cwd=project)

    identifiers = cibuildwheel("--print-build-identifiers").split()
    assert identifiers == [f"cp3{minor}-manylinux_x86_64" for minor in (11, 12, 13)]

    environ["CIBW_BUILD"] = IDENTIFIER
    output = cibuildwheel()
    assert f"-m {frontend}" in output
    assert "Repairing wheel" not in output
    (wheel,) = project.glob("wheelhouse/*.whl")
    assert wheel.name.startswith("setuptools_c-1.0-cp311-cp311-manylinux")
    assert wheel.name.endswith("aarch64.whl")
    assert facts_on(debian_arm64, wheel, tmp_path)
