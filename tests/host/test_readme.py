"""The commands with which the README begins, as they are printed there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

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
COMMANDS = re.search(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
QUICK_START = re.search(r"&& \.venv/bin/(crossbuild .*)$", README, re.MULTILINE)
assert COMMANDS
assert QUICK_START

# What each leaves, as a pattern of paths; and whether a large package is compiled for it.
PRODUCTS = {
    "crossbuild wheel numpy --host manylinux_2_28_aarch64": ("numpy-*-manylinux_2_28_aarch64.whl", True),
    "crossbuild wheel lxml --host debian:bookworm:arm64 --auto-sysroot": ("lxml-*-linux_aarch64.whl", True),
    "crossbuild wheel numpy --host sysroot/usr/bin/python3.11": ("numpy-*-linux_aarch64.whl", True),
    "crossbuild host capture --ssh pi@board -o board.json": ("board.json", False),
    "crossbuild wheel numpy --host board.json": ("numpy-*-linux_aarch64.whl", True),
    "crossbuild wheel -r requirements.txt --host debian:bookworm:armhf": ("markupsafe-*_armv7l.whl", False),
    "crossbuild install ./app --host debian:bookworm:arm64 --root image": ("image/**/setuptools_c*.dist-info", False),
    "crossbuild sdist-to-wheel ./project --host musllinux_1_2_armv7l": (
        "setuptools_c-*-musllinux_1_2_armv7l.whl",
        False,
    ),
    "crossbuild run --host board.json -- sh -c './configure && make'": ("made-by-aarch64-linux-gnu", False),
}
WORDS = [line.partition("#")[0].strip() for line in COMMANDS[1].splitlines()]


@pytest.fixture
def supplied(bed: Bed, crossbuild: Crossbuild, debian_arm64: HostRoot, tmp_path: Path) -> Callable[[str], None]:
    """A function that runs a command line where there is what the README names: a root, a board, projects."""
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "sysroot").symlink_to(debian_arm64.root)
    (desk / "image").mkdir()
    (desk / "requirements.txt").write_text("jinja2\n")
    for name in ("app", "project"):
        copy_project("setuptools-c", desk / name)
    (desk / "configure").write_text('#!/bin/sh\necho "all:\n\ttouch made-by-$($CC -dumpmachine)" >Makefile\n')
    (desk / "configure").chmod(0o755)
    own, board = tmp_path / "own", tmp_path / "board"
    own.mkdir()
    board.mkdir()
    (own / "crossbuild").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m crossbuild "$@"\n')
    (own / "crossbuild").chmod(0o755)
    path = (own, fake_ssh(board, debian_arm64), *crossbuild.programs)
    pythons = (build_python(bed, version).executable.parent for version in [debian_arm64.version])
    environ = {name: value for name, value in bed.environ.items() if not name.startswith("CROSSBUILD_H")}
    environ |= {"CROSSBUILD_CACHE_DIR": str(crossbuild.cache_dir), "TMPDIR": str(crossbuild.temporary)}
    environ["PATH"] = os.pathsep.join(map(str, (*path, bed.environ.get("PATH", os.defpath), *pythons)))

    def run(line: str) -> None:
        if "--host board.json" in line:
            captured(debian_arm64, desk)
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=desk,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        pattern, _ = PRODUCTS[line.partition("#")[0].strip()]
        assert list(desk.glob(pattern)), (done.stdout, list(desk.iterdir()))

    return run


def test_each_command_is_known() -> None:
    """One that is new in the README is to be tested."""
    assert list(PRODUCTS) == WORDS
    assert QUICK_START
    assert QUICK_START[1] in PRODUCTS


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(line, marks=[pytest.mark.matrix] if PRODUCTS[words][1] else [], id=words)
        for words, line in zip(WORDS, COMMANDS[1].splitlines(), strict=True)
        if words in PRODUCTS
    ],
)
def test_a_command_of_the_readme(line: str, supplied: Callable[[str], None]) -> None:
    supplied(line)
