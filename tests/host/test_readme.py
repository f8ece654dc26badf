"""The commands at the top of the README, run as printed there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.breadth import alone
from tests.commands import copy_project
from tests.examples import REPOSITORY
from tests.host.test_capture import captured, fake_ssh
from tests.testbed.cpython import build_python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

README = (REPOSITORY / "README.md").read_text()
FIRST_BLOCK = re.search(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
QUICK_START = re.search(r"&& \.venv/bin/(crossbuild .*)$", README, re.MULTILINE)
assert FIRST_BLOCK
assert QUICK_START
LINES = {line.partition("#")[0].strip(): line for line in FIRST_BLOCK[1].splitlines()}
"""The lines as printed, by their commands."""

# What each command makes, as a pattern of paths. The matrix runs those that compile large packages.
LARGE = {
    "crossbuild wheel numpy --host manylinux_2_28_aarch64": "numpy-*-manylinux_2_28_aarch64.whl",
    "crossbuild wheel lxml --host debian:bookworm:arm64 --auto-sysroot": "lxml-*-linux_aarch64.whl",
    "crossbuild wheel numpy --host sysroot/usr/bin/python3.11": "numpy-*-linux_aarch64.whl",
    "crossbuild wheel numpy --host board.json": "numpy-*-linux_aarch64.whl",
}
QUICK = {
    "crossbuild host capture --ssh pi@board -o board.json": "board.json",
    "crossbuild wheel -r requirements.txt --host debian:bookworm:armhf": "markupsafe-*_armv7l.whl",
    "crossbuild install ./app --host debian:bookworm:arm64 --root image": "image/**/setuptools_c*.dist-info",
    "crossbuild sdist-to-wheel ./project --host musllinux_1_2_armv7l": "setuptools_c-*-musllinux_1_2_armv7l.whl",
    "crossbuild run --host board.json -- sh -c './configure && make'": "made-by-aarch64-linux-gnu",
}


@pytest.fixture
def desk(tmp_path: Path, debian_arm64: HostRoot) -> Path:
    """A directory with the files that the commands name, except for the board's."""
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "sysroot").symlink_to(debian_arm64.root)
    (desk / "image").mkdir()
    (desk / "requirements.txt").write_text("jinja2\n")
    for name in ("app", "project"):
        copy_project("setuptools-c", desk / name)
    (desk / "configure").write_text('#!/bin/sh\necho "all:\n\ttouch made-by-$($CC -dumpmachine)" >Makefile\n')
    (desk / "configure").chmod(0o755)
    return desk


@pytest.fixture
def run_line(
    bed: Bed, crossbuild: Crossbuild, debian_arm64: HostRoot, desk: Path, tmp_path: Path
) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """A function that runs a line in ``desk``, where ssh reaches the board."""
    own, board = tmp_path / "own", tmp_path / "board"
    own.mkdir()
    board.mkdir()
    (own / "crossbuild").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m crossbuild "$@"\n')
    (own / "crossbuild").chmod(0o755)
    before = (own, fake_ssh(board, debian_arm64), *crossbuild.programs)
    after = build_python(bed, debian_arm64.version).executable.parent
    environ = {name: value for name, value in bed.environ.items() if name != "CROSSBUILD_HOST"}
    environ |= {"CROSSBUILD_CACHE_DIR": str(crossbuild.cache_dir), "TMPDIR": str(crossbuild.temporary)}
    environ["PATH"] = os.pathsep.join(map(str, (*before, bed.environ.get("PATH", os.defpath), after)))

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", line],
            cwd=desk,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_every_command_is_run() -> None:
    assert LINES.keys() == LARGE.keys() | QUICK.keys()
    assert QUICK_START
    assert QUICK_START[1] in LINES


@pytest.mark.parametrize("command", alone(LINES, quick=QUICK.keys() & LINES.keys()))
def test_a_command_of_the_readme(
    command: str,
    run_line: Callable[[str], subprocess.CompletedProcess[str]],
    desk: Path,
    debian_arm64: HostRoot,
) -> None:
    if "--host board.json" in command:
        captured(debian_arm64, desk)
    done = run_line(LINES[command])
    assert done.returncode == 0, done.stderr
    product = {**LARGE, **QUICK}[command]
    assert list(desk.glob(product)), (done.stdout, list(desk.iterdir()))
