"""Copies of large files take no more space than the originals, and are whole."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from crossbuild.sources.copying import copy_file

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


@pytest.mark.parametrize("refusal", [None, errno.EXDEV, errno.EIO])
def test_parts_and_holes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: int | None) -> None:
    original, copy = tmp_path / "original", tmp_path / "copy"
    with original.open("wb") as file:
        file.write(os.urandom(MIB + 5))
        file.seek(40 * MIB)
        file.write(b"middle")
        file.truncate(80 * MIB)
    original.chmod(0o640)
    os.utime(original, (1_000_000_000, 1_000_000_000))
    if refusal:

        def refuse(*_: int) -> int:
            raise OSError(refusal, os.strerror(refusal))

        monkeypatch.setattr(os, "copy_file_range", refuse)
    if refusal == errno.EIO:
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            copy_file(original, copy)
        return
    copy_file(original, copy)
    assert copy.read_bytes() == original.read_bytes()
    assert copy.stat().st_blocks <= original.stat().st_blocks + 16
    assert (copy.stat().st_mode, copy.stat().st_mtime_ns) == (original.stat().st_mode, original.stat().st_mtime_ns)
    with copy.open("r+b") as changed:
        changed.write(b"changed")
    assert not original.read_bytes().startswith(b"changed")


@pytest.mark.parametrize("content", [b"", b"small"])
def test_small_and_empty_files(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "original").write_bytes(content)
    copy_file(tmp_path / "original", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content
    with pytest.raises(FileExistsError):
        copy_file(tmp_path / "original", tmp_path / "copy")
