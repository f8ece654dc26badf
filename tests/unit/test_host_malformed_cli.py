"""Hosts that cannot be read, on the command line: one error, its exit code, no traceback, and nothing of them run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from crossbuild.__main__ import main
from crossbuild.errors import HostError
from tests.unit.host_samples import SamplePython

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def hostile(sample: SamplePython, ran: Path) -> Path:
    sample.sysconfigdata.write_text(f"open({str(ran)!r}, 'w')\nbuild_time_vars = {{}}\n")
    return sample.home


def hostile_bytecode(sample: SamplePython, _ran: Path) -> Path:
    source = sample.sysconfigdata
    source.with_suffix(".pyc").write_bytes(b"\xa7\r\r\n" + bytes(12) + b"c" + bytes(20) + b"s\xff\xff\xff\x7f")
    source.unlink()
    return sample.home


def script(sample: SamplePython, ran: Path) -> Path:
    sample.executable.write_text(f"#!/bin/sh\ntouch {ran}\n")
    return sample.executable


def pipe(sample: SamplePython, _ran: Path) -> Path:
    sample.sysconfigdata.unlink()
    os.mkfifo(sample.sysconfigdata)
    return sample.executable


def circle(sample: SamplePython, _ran: Path) -> Path:
    sample.executable.unlink()
    sample.executable.symlink_to(sample.executable.name)
    return sample.executable


def huge(sample: SamplePython, _ran: Path) -> Path:
    os.truncate(sample.include / "patchlevel.h", 1 << 40)
    return sample.home


def deep(sample: SamplePython, _ran: Path) -> Path:
    sample.sysconfigdata.write_text(f"build_time_vars = {{'a': {'-' * 100000}1}}\n")
    return sample.home


def escape(sample: SamplePython, ran: Path) -> Path:
    (sample.home / "pybuilddir.txt").write_text(f"../../../../../../..{ran.parent}")
    return sample.home


@pytest.mark.parametrize("spoil", [hostile, hostile_bytecode, script, pipe, circle, huge, deep, escape])
def test_a_malformed_host_is_one_error(
    spoil: Callable[[SamplePython, Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran, cache = tmp_path / "ran", ["--cache-dir", str(tmp_path / "cache")]
    host = spoil(SamplePython(root=tmp_path / "root").install(), ran)
    assert (
        main(["wheel", "anything", "--host", str(host), "-w", str(tmp_path / "wheels"), *cache]) == HostError.exit_code
    )
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("error: ") == 1
    assert "Traceback" not in told.err
    assert "bug in crossbuild" not in told.err
    assert not ran.exists()
