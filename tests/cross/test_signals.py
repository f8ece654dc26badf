"""Signals at any moment of a build: no process is left, whatever it was started by, and no temporary directory."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.breadth import alone
from tests.cross.fake_compilers import write_fake_compilers
from tests.moments import Scene, run_moments
from tests.unit.host_samples import SamplePython
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.cross

BACKEND = """
import pathlib, shutil, subprocess, time

def build_wheel(directory, config_settings=None, metadata_directory=None):
    subprocess.Popen(["sh", "-c", "sh -c 'sleep 600; true' & sleep 600; true"])
    subprocess.Popen(["sh", "-c", "sleep 600; true"], start_new_session=True)
    time.sleep(0.4)
    (wheel,) = pathlib.Path("done").iterdir()
    shutil.copy(wheel, directory)
    return wheel.name
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


@pytest.fixture
def toolchain(tmp_path: Path) -> str:
    """The prefix of compilers that run anywhere, and compile nothing."""
    return write_fake_compilers(tmp_path / "toolchain")


@pytest.fixture
def scene(tmp_path: Path, toolchain: str) -> Scene:
    """A build of a wheel that starts processes in every way; what it makes is below ``made``."""
    host = SamplePython(root=tmp_path / "host", minor=sys.version_info[1]).install()
    for name in ("project", "tmp", "cache"):
        (tmp_path / name).mkdir()
    (tmp_path / "project/done").mkdir()
    make_wheel(tmp_path / "project/done", {"slow.py": b""}, project="slow-1.0", tag="py3-none-any")
    (tmp_path / "project/backend.py").write_text(BACKEND)
    (tmp_path / "project/pyproject.toml").write_text(PROJECT)
    paths = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    options = ["--no-deps", "--no-index", "--host", str(host.executable), "--toolchain", toolchain]
    return Scene(
        arguments=["wheel", "./project", *options, "-w", "made"],
        environ={**paths, "TMPDIR": str(tmp_path / "tmp"), "CROSSBUILD_CACHE_DIR": str(tmp_path / "cache")},
        cwd=str(tmp_path),
        fresh=str(tmp_path / "made"),
        places=[str(tmp_path / "cache"), str(tmp_path / "project")],
    )


WHEEL = [str(seed) for seed in range(1, 7)]
INSTALL = [str(seed) for seed in range(7, 11)]


@pytest.mark.parametrize("seed", alone(WHEEL, quick=WHEEL[:1]))
def test_wheel(scene: Scene, seed: str) -> None:
    run_moments(scene, seed=seed, count=8 if seed in WHEEL[:1] else 14)


@pytest.mark.parametrize("seed", alone(INSTALL, quick=INSTALL[:1]))
def test_install(scene: Scene, seed: str) -> None:
    words = ["install", *scene.arguments[1:-2], "--root", "made"]
    run_moments(replace(scene, arguments=words), seed=seed, count=6 if seed in INSTALL[:1] else 16)
