"""Hosts that cannot be read, on the command line: one error, its exit code, no traceback, and nothing of them run."""

from __future__ import annotations

import json
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


def refused(options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what is said of a host that cannot be used, after a look at how it is said."""
    where = ["-w", str(tmp_path / "wheels"), "--cache-dir", str(tmp_path / "cache")]
    assert main(["wheel", "anything", *options, *where]) == HostError.exit_code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("error: ") == 1
    assert "Traceback" not in told.err
    assert "bug in crossbuild" not in told.err
    return told.err


@pytest.mark.parametrize("spoil", [hostile, hostile_bytecode, script, pipe, circle, huge, deep, escape])
def test_a_malformed_host_is_one_error(
    spoil: Callable[[SamplePython, Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = tmp_path / "ran"
    host = spoil(SamplePython(root=tmp_path / "root").install(), ran)
    refused(["--host", str(host)], tmp_path, capsys)
    assert not ran.exists()


def host_file(directory: Path, **changes: object) -> Path:
    """Write a host file; ``changes`` are values, those in its parts with ``__`` in their names."""
    document: dict[str, dict[str, object]] = {
        "python": {"implementation": "cpython", "version": "3.11.4", "abi_flags": ""},
        "platform": {"machine": "aarch64", "libc": "glibc", "libc_version": "2.36"},
        "build_time_vars": dict(SamplePython(root=directory).recorded()),
    }
    whole: dict[str, object] = {"crossbuild-host": 1, **document}
    for name, value in changes.items():
        part, _, key = name.partition("__")
        whole[part] = {**document[part], key: value} if key else value
    file = directory / "board.json"
    file.write_text(json.dumps(whole))
    return file


NO_FILE = [".cpython-311\ud800.so", ".cpython-311\0.so", "./../x.so", "nonsense", ".cpython-39-aarch64-linux-gnu.so"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        *(({"build_time_vars__EXT_SUFFIX": suffix}, "EXT_SUFFIX") for suffix in NO_FILE),
        ({"build_time_vars__MULTIARCH": "aarch64-linux-gnu/../../x"}, "MULTIARCH"),
        ({"build_time_vars__SIZEOF_INT": 10**400}, "SIZEOF_INT"),
        ({"headers": {"Python.h": "", "\ud800.h": ""}}, "headers"),
        ({"headers": {"Python.h": "", "a.h": "", "a.h/b.h": ""}}, "a.h/b.h"),
        ({"platform__libc_version": "2.999999999999999"}, "libc_version"),
        ({"platform__tag_family": "musllinux"}, "tag_family"),
        ({"platform_tags": ["manylinux_2_99999999"]}, "glibc"),
        ({"platform_tags": ["../x"]}, "platform tag"),
        ({"crossbuild-host": True}, "format"),
    ],
)
def test_a_malformed_host_file_is_one_error(
    changes: dict[str, object], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refused(["--host", str(host_file(tmp_path, **changes))], tmp_path, capsys)


def test_headers_of_another_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = SamplePython(root=tmp_path / "other", minor=9).install().include
    told = refused(["--host", str(host_file(tmp_path)), "--headers", str(other)], tmp_path, capsys)
    assert "those of Python 3.9, but the host is Python 3.11" in " ".join(told.split())


@pytest.mark.parametrize(
    "changes", [{"abi": {"flags": ["\0"]}}, {"platform": "linux-\ud800"}, {"base_prefix": "\0"}, {"language": 1 << 99}]
)
def test_malformed_build_details_are_one_error(
    changes: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "build-details.json"
    file.write_text(json.dumps({"implementation": {"name": "cpython"}, "language": {"version": "3.11"}, **changes}))
    assert "does not say which" in " ".join(refused(["--host", str(file)], tmp_path, capsys).split())
