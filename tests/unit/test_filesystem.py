"""Files that crossbuild writes for itself and for others."""

from __future__ import annotations

import os
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from crossbuild.system.filesystem import sha256_of, write_script, write_text

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


def test_a_file_is_as_it_was_if_it_cannot_be_written_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_text(file, "new\udce9")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_killed_process_was_writing_is_removed(tmp_path: Path) -> None:
    with subprocess.Popen(["/bin/sh", "-c", ":"]) as dead:
        pass
    (tmp_path / f".file.{dead.pid}.tmp").write_text("half")
    write_text(tmp_path / "file", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def at_once(path: str, flags: int) -> int:
    """Open a pipe for reading, though nobody has opened it for writing yet."""
    return os.open(path, flags | os.O_NONBLOCK)


def test_who_reads_from_a_pipe_gets_the_text(tmp_path: Path) -> None:
    """Another file in its place would be read by nobody."""
    os.mkfifo(tmp_path / "pipe")
    with open(tmp_path / "pipe", "rb", opener=at_once) as reader:
        write_text(tmp_path / "pipe", "all of it")
        assert reader.read() == b"all of it"
