"""Temporary directories: what a killed process leaves is removed by the next, what is kept or in use is not."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.diagnosis.disk import check_space
from crossbuild.system.scratch import keep, own_temporary_files, temporary_directory, with_temporary_files

if TYPE_CHECKING:
    import pytest

HOLD = """
from crossbuild.system.scratch import own_temporary_files, temporary_directory
with own_temporary_files(), temporary_directory() as directory:
    print(directory, flush=True)
    input()
"""
RUN = """
import os
from crossbuild.environments.running import run_command
from crossbuild.system.scratch import own_temporary_files, temporary_directory
with own_temporary_files(), temporary_directory(inherited=True) as directory:
    run_command(["sh", "-c", f"touch {directory}/runs; read line"], os.environ)
"""
BUILD = """
from crossbuild.system.programs import run_program
from crossbuild.system.scratch import own_temporary_files
with own_temporary_files():
    run_program(["sh", "-c", "mkdir -p $TMPDIR/deep; while touch $TMPDIR/deep/$((number += 1)); do :; done"])
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


def test_parts_that_a_build_made_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with temporary_directory() as directory:
        (directory / "a/b").mkdir(parents=True)
        (directory / "a/b/file").touch()
        (directory / "a/b").chmod(0o500)
        (directory / "a").chmod(0o500)
    assert not [*tmp_path.iterdir()]


def test_links_in_what_is_removed_are_left_alone(tmp_path: Path, unprivileged: list[str]) -> None:
    (tmp_path / "outside").mkdir(mode=0o500)
    (tmp_path / "directory/a").mkdir(parents=True)
    (tmp_path / "directory/a/link").symlink_to(tmp_path / "outside")
    (tmp_path / "directory/link").symlink_to(tmp_path / "outside")
    (tmp_path / "directory/a").chmod(0o500)
    script = "import sys, pathlib, crossbuild.system.scratch as s; s.remove_tree(pathlib.Path(sys.argv[1]))"
    command = [*unprivileged, sys.executable, "-c", script, str(tmp_path / "directory")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == ["outside"]
    assert (tmp_path / "outside").stat().st_mode & 0o777 == 0o500


def test_programs_leave_their_temporary_files_with_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with own_temporary_files():
        for environ in ({}, {"TMPDIR": str(tmp_path)}):
            assert Path(with_temporary_files(environ)["TMPDIR"]).parent == tmp_path
        elsewhere = {"TMPDIR": str(tmp_path / "elsewhere")}
        assert with_temporary_files(elsewhere) == elsewhere
    assert with_temporary_files({}) == {}


def test_an_environment_stays_while_a_command_runs_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever made it was killed, and somebody else sweeps."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", RUN], env={"TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]}, stdin=subprocess.PIPE
    ) as process:
        while not [*tmp_path.glob("*/runs")]:
            time.sleep(0.01)
        process.kill()
        process.wait()
        with own_temporary_files():
            pass
        assert len([*tmp_path.glob("*/runs")]) == 1
    until = time.monotonic() + 60
    while [*tmp_path.iterdir()]:
        assert time.monotonic() < until
        with own_temporary_files():
            pass


def test_where_builds_are_is_where_tmpdir_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "link"))
    with own_temporary_files():
        (cache, builds) = check_space(tmp_path / "cache", {"TMPDIR": str(tmp_path / "link")})
    assert (cache.subject, builds.subject) == ("space for the cache", "space for builds")
    assert builds.detail.endswith(f"({tmp_path})")


def test_left_by_a_kill_while_a_program_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may write for a moment yet, and the next command comes at once."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    environ = {"TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]}
    with subprocess.Popen([sys.executable, "-c", BUILD], env=environ) as process:
        while not [*tmp_path.glob("*/deep/1")]:
            time.sleep(0.01)
        process.kill()
    with own_temporary_files():
        assert not [*tmp_path.glob("*/deep")]
    assert not [*tmp_path.iterdir()]
