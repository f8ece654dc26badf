"""Scripts of a wheel start on the host, or it is said that they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import AuditError
from tests.audited import audited
from tests.unit.wheel_samples import make_host, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

NAME = "probe-1.0.data/scripts/probe"


def wheel(directory: Path, script: bytes) -> Path:
    return make_wheel(directory, {NAME: script, "probe/__init__.py": b""}, tag="py3-none-any", pure=True)


def test_a_carriage_return_is_part_of_the_interpreters_name(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="its first line ends with a carriage return"):
        audited(wheel(tmp_path, b"#!/bin/sh\r\necho\r\n"), make_host(libc="glibc 2.36"))


@pytest.mark.parametrize("line", [b"#!python\r\n", b"#!python\n", b"#!/usr/bin/env python3\n", b"#!/bin/sh\n"])
def test_what_starts_passes(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "root").mkdir()
    host = make_host(libc="glibc 2.36", sysroot=tmp_path / "root")
    assert audited(wheel(tmp_path, line + b"echo\n"), host).warnings == ()


def test_an_interpreter_that_the_host_does_not_have_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "root/usr/bin").mkdir(parents=True)
    script = wheel(tmp_path, b"#!/opt/tool/bin/python3.9 -s\nprint()\n")
    (warning,) = audited(script, make_host(libc="glibc 2.36", sysroot=tmp_path / "root")).warnings
    missing = f"its first line names /opt/tool/bin/python3.9, which is not in {tmp_path / 'root'}."
    assert warning == f"{NAME}: {missing} [missing-interpreter]"
    assert audited(script, make_host(libc="glibc 2.36")).warnings == (), "nobody knows what such a host has"
