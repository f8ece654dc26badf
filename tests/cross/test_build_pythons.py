"""The Python of this machine to build with: not quite the host's version, or not there at all until uv brings it."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import copy_project
from tests.cross.failures import assert_fails
from tests.cross.ways import SYNTHESISED
from tests.cross.wheelfiles import WheelFile

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping
    from tarfile import TarInfo

    from crossbuild.build_python.discovery import BuildPython
    from tests.commands import Crossbuild

pytestmark = pytest.mark.cross

_LEFT_OUT = {"__pycache__", "ensurepip", "idlelib", "site-packages", "dist-packages", "test", "tests", "tkinter"}
"""What an installation can do without, for a test."""


def test_the_third_number_may_differ(crossbuild: Crossbuild, tmp_path: Path) -> None:
    shown = json.loads(crossbuild("host", "show", SYNTHESISED, "--json").stdout)
    version = "{}.{}.{}".format(*sys.version_info[:2], sys.version_info.micro + 7)
    shown["python"]["version"] = version
    (tmp_path / "newer.json").write_text(json.dumps(shown))
    project = copy_project("setuptools-c", tmp_path / "project")
    done = crossbuild("wheel", project, "-w", tmp_path, host=str(tmp_path / "newer.json"))
    assert done.returncode == 0, done.stderr
    assert f"Python {version} for manylinux_2_28_aarch64, built with {platform.python_version()}" in done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert set(WheelFile.from_path(wheel).machines.values()) == {"AARCH64 64 little"}


# --- uv installs one -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def absent(build_python: Callable[[tuple[int, int]], BuildPython]) -> BuildPython:
    """A Python of this machine, not the running one, that the tests hide."""
    return build_python((3, 14) if sys.version_info[:2] == (3, 13) else (3, 13))


@pytest.fixture(scope="module")
def archive(absent: BuildPython, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That Python as uv downloads it: a prefix called ``python`` in an archive."""
    file = tmp_path_factory.mktemp("mirror") / "python.tar.gz"
    name = "python{}.{}".format(*absent.version)
    with tarfile.open(file, "w:gz", compresslevel=1) as made:
        made.add(absent.executable, f"python/bin/{name}")
        made.add(absent.stdlib, f"python/lib/{name}", filter=_needed)
        made.add(absent.include, f"python/include/{name}")
    return file


def _needed(member: TarInfo) -> TarInfo | None:
    return None if Path(member.name).name in _LEFT_OUT or member.name.endswith(".a") else member


def mirrored(archive: Path, python: BuildPython, tmp_path: Path, sha256: str) -> Mapping[str, str]:
    """Return the environment of a machine without ``python``, whose uv knows ``archive`` and nothing else."""
    major, minor, micro = python.version
    download = {
        "name": "cpython",
        "arch": {"family": platform.machine(), "variant": None},
        "os": "linux",
        "libc": "gnu",
        "major": major,
        "minor": minor,
        "patch": micro,
        "prerelease": "",
        "url": archive.as_uri(),
        "sha256": sha256,
        "variant": None,
        "build": "20260101",
    }
    key = f"cpython-{major}.{minor}.{micro}-linux-{platform.machine()}-gnu"
    (tmp_path / "downloads.json").write_text(json.dumps({key: download}))
    programs = os.environ["PATH"].split(os.pathsep)
    return {
        "PATH": os.pathsep.join(one for one in programs if not shutil.which(f"python{major}.{minor}", path=one)),
        "PYENV_ROOT": str(tmp_path / "pyenv"),
        "UV_PYTHON_INSTALL_DIR": str(tmp_path / "pythons"),
        "UV_PYTHON_DOWNLOADS": "automatic",
        "UV_PYTHON_DOWNLOADS_JSON_URL": str(tmp_path / "downloads.json"),
    }


def provision(
    crossbuild: Crossbuild, python: BuildPython, environ: Mapping[str, str], into: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    project = copy_project("setuptools-c", into / "project")
    version = "{}.{}".format(*python.version)
    return crossbuild(
        "wheel", project, "--python", version, *options, "-w", into / "wheels", host=SYNTHESISED, environ=environ
    )


def test_a_python_that_uv_installs(crossbuild: Crossbuild, absent: BuildPython, archive: Path, tmp_path: Path) -> None:
    version = "{}.{}".format(*absent.version)
    environ = mirrored(archive, absent, tmp_path, hashlib.sha256(archive.read_bytes()).hexdigest())
    refused = provision(crossbuild, absent, environ, tmp_path / "without")
    assert_fails(refused, 4, f"hint: uv python install {version}\n", nothing_in=tmp_path / "without/wheels")
    done = provision(crossbuild, absent, environ, tmp_path / "with", "--provision")
    assert done.returncode == 0, done.stderr
    assert f"Install Python {version} to build with" in done.stderr
    (wheel,) = (tmp_path / "with/wheels").glob("*.whl")
    tag = "cp{}{}".format(*absent.version)
    assert wheel.name == f"setuptools_c-1.0-{tag}-{tag}-manylinux_2_28_aarch64.whl"
    assert set(WheelFile.from_path(wheel).machines.values()) == {"AARCH64 64 little"}
    assert str(tmp_path / "pythons") in done.stderr, "the one that it was built with"
    again = crossbuild("host", "check", SYNTHESISED, "--python", version, environ=environ)
    assert str(tmp_path / "pythons") in again.stdout, "found where uv keeps it"


def test_an_archive_that_is_not_the_one_expected(
    crossbuild: Crossbuild, absent: BuildPython, archive: Path, tmp_path: Path
) -> None:
    environ = mirrored(archive, absent, tmp_path, "0" * 64)
    done = provision(crossbuild, absent, environ, tmp_path, "--provision")
    said = ("uv could not install Python {}.{}".format(*absent.version), "mismatch", "--build-python")
    assert_fails(done, 4, *said, nothing_in=tmp_path / "wheels")
    assert not list((tmp_path / "pythons").glob("cpython-*"))


def test_nothing_is_installed_offline(
    crossbuild: Crossbuild, absent: BuildPython, archive: Path, tmp_path: Path
) -> None:
    environ = mirrored(archive, absent, tmp_path, "0" * 64)
    done = provision(crossbuild, absent, environ, tmp_path, "--provision", "--offline")
    assert_fails(done, 4, "--offline forbids it", nothing_in=tmp_path / "wheels")
