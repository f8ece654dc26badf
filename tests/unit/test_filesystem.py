"""Files that crossbuild writes for itself and for others."""

from __future__ import annotations

import os
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from crossbuild.system.filesystem import sha256_of, write_script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def private_files() -> Iterator[None]:
    """Let new files be readable for their owner alone."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("private_files")
def test_a_script_runs_for_every_user_without_a_path(tmp_path: Path) -> None:
    script = write_script(tmp_path / "says", 'echo "$1"\n')
    assert stat.S_IMODE(script.stat().st_mode) == 0o755
    assert subprocess.run([script, "hello"], env={}, capture_output=True, text=True, check=True).stdout == "hello\n"


def test_a_script_may_name_a_path_that_is_not_utf_8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    script = write_script(tmp_path / "says", f"echo {name}\n")
    assert subprocess.run([script], capture_output=True, check=True).stdout == b"caf\xe9\n"


def test_the_hash_is_that_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(tmp_path / "file") == known
