"""Temporary directories: what a killed process leaves is removed by the next, what is kept or in use is not."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from crossbuild.scratch import keep, own_temporary_files, temporary_directory

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HOLD = """
from crossbuild.scratch import own_temporary_files, temporary_directory
with own_temporary_files(), temporary_directory() as directory:
    print(directory, flush=True)
    input()
"""


def test_left_by_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "crossbuild-0123456789ab").mkdir(0o700)
    with temporary_directory() as kept:
        keep(kept)
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(
        command, env={"TMPDIR": str(tmp_path)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline()
        with own_temporary_files():
            pass
        assert len([*tmp_path.iterdir()]) == 4, "two are in use"
        process.kill()
    with own_temporary_files():
        pass
    assert {*tmp_path.iterdir()} == {kept, tmp_path / "crossbuild-0123456789ab"}
