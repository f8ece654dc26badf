"""Build requirements that uv builds on this machine, and that fail there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crossbuild.advice.build_requirements import machine_lines
from crossbuild.building.build_venv import BuildVenv
from crossbuild.errors import RequirementsError
from crossbuild.native.build_layout import BuildDirectory
from crossbuild.reporting import SilentReporter
from crossbuild.system.processes import Runner

PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "needed"
version = "1.0"
"""
MESON = '../meson.build:9:0: ERROR: Dependency "cairo" not found, tried pkgconfig'


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> BuildVenv:
    directory = tmp_path_factory.mktemp("place")
    made = BuildVenv(
        build=BuildDirectory(path=directory),
        runner=Runner(log=directory / "log.txt", reporter=SilentReporter()),
        environ={"PATH": "/usr/bin:/bin", "HOME": str(directory)},
        uv_configuration="offline = true\n",
        advise=lambda output, project: "" if project else "\n".join(machine_lines(output)),
    )
    made.create(Path(sys.executable))
    return made


def failure(venv: BuildVenv, directory: Path, backend: str) -> RequirementsError:
    (directory / "pyproject.toml").write_text(PROJECT)
    (directory / "backend.py").write_text(f"import os, sys\ndef build_wheel(*_, **__):\n    {backend}\n")
    with pytest.raises(RequirementsError) as caught:
        venv.install([f"needed @ {directory.as_uri()}"], ())
    return caught.value


def test_a_library_that_this_machine_lacks(venv: BuildVenv, tmp_path: Path) -> None:
    lines = [MESON, *(f"line {n}" for n in range(99)), "the end"]
    error = failure(venv, tmp_path, f"sys.exit({chr(10).join(lines)!r})")
    assert error.what.startswith("Could not build the build requirement needed @ file:")
    assert error.why.startswith(f"{MESON}\n"), "as Meson printed it, without uv's indentation"
    assert " more lines in the log]\n" in error.why
    assert "line 50" not in error.why
    assert error.why.endswith("the end")
    first, second, _, third, _ = error.fix.splitlines()
    assert first.endswith("from source: no wheel of it fits this machine's Python.")
    assert second == "Missing on this machine, where build requirements run: the pkg-config module cairo."
    assert "apt-file search cairo.pc" in third
    assert "index settings" not in error.fix


def test_a_build_requirement_that_is_killed(venv: BuildVenv, tmp_path: Path) -> None:
    error = failure(venv, tmp_path, "os.kill(os.getpid(), 11)")
    assert "backend.build_wheel was killed by SIGSEGV (segmentation fault)." in error.fix


def test_a_build_requirement_that_is_nowhere(venv: BuildVenv) -> None:
    with pytest.raises(RequirementsError, match="Could not install the build requirement nowhere") as caught:
        venv.install(["nowhere"], ())
    assert caught.value.fix == "Check the index settings and --build-constraint."
