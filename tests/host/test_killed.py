"""Commands that are killed, and run again: a wheelhouse and an image end as if nothing had happened."""

from __future__ import annotations

import random
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.commands import copy_project

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

KILLS = 4


def tree(directory: Path) -> dict[str, tuple[int, bytes]]:
    """Return all that is there, whatever begins with a dot, too."""
    files = (path for path in directory.rglob("*") if not path.is_dir())
    return {str(path.relative_to(directory)): (path.stat().st_mode, path.read_bytes()) for path in files}


def kill_and_finish(command: Callable[..., subprocess.CompletedProcess[str]], *, seconds: float) -> None:
    """Run ``command``, which takes ``seconds``, and kill it at some moment of each part of these; then let it be."""
    done = 0
    for part in range(KILLS):
        moment = random.SystemRandom().uniform(part, part + 1) / KILLS * seconds
        done += command(within=("timeout", "--signal=KILL", f"{moment:.3f}")).returncode == 0
    assert done < KILLS, "it was killed at least once"
    finished = command(within=())
    assert finished.returncode == 0, finished.stderr


def test_a_wheelhouse(crossbuild: Crossbuild, debian_arm64: HostRoot, tmp_path: Path) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    (tmp_path / "requirements.txt").write_text(f"{project}\nflask\n")

    def fill(name: str, *, within: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        there = tmp_path / name
        there.mkdir(exist_ok=True)
        places = ("-w", there / "wheels", "--index", there / "index", "--lock", there / "pylock.toml")
        return crossbuild("wheel", "-r", tmp_path / "requirements.txt", *places, host=debian_arm64, within=within)

    started = time.monotonic()
    assert fill("whole", within=()).returncode == 0
    kill_and_finish(partial(fill, "killed"), seconds=time.monotonic() - started)
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")


def test_an_image(crossbuild: Crossbuild, debian_arm64: HostRoot, tmp_path: Path) -> None:
    def install(name: str, *words: str, within: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        options = ("--compile", "--root", tmp_path / name / "root", "--manifest", tmp_path / name / "manifest.json")
        return crossbuild("install", *words, *options, host=debian_arm64, within=within)

    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
        assert install(name, "flask==3.0.3", "click==8.1.7", within=()).returncode == 0
    upgrade = partial(install, "killed", "--upgrade", "flask", "click")
    started = time.monotonic()
    assert install("whole", "--upgrade", "flask", "click", within=()).returncode == 0
    kill_and_finish(upgrade, seconds=time.monotonic() - started)
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")
