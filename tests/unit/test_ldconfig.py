"""``ldconfig -p`` on the cross PATH, run: the libraries of the sysroot, and of no other place."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from crossbuild.native.ldconfig import write_ldconfig
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from pathlib import Path


def answer(directory: Path, tag: str, sysroot: Path | None, option: str = "-p") -> str:
    write_ldconfig(directory, make_host(tag, sysroot=sysroot))
    return subprocess.run([directory / "ldconfig", option], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("tag", "multiarch", "flags"),
    [
        ("linux_aarch64", "aarch64-linux-gnu", "libc6,AArch64"),
        ("manylinux_2_28_x86_64", "x86_64-linux-gnu", "libc6,x86-64"),
        ("linux_i686", "i386-linux-gnu", "libc6"),
        ("linux_armv6l", "arm-linux-gnueabihf", "libc6,hard-float"),
        ("linux_loongarch64", "loongarch64-linux-gnu", "libc6,double-float"),
    ],
)
def test_libraries_are_printed_as_glibc_does(tmp_path: Path, tag: str, multiarch: str, flags: str) -> None:
    libraries = tmp_path / "it's a root/usr/lib" / multiarch
    libraries.mkdir(parents=True)
    (libraries / "libone.so.1").touch()
    (libraries / "libone.a").touch()
    (tmp_path / "it's a root/lib").symlink_to("usr/lib")
    for option in ("-p", "--print-cache"):
        head, *lines = answer(tmp_path, tag, tmp_path / "it's a root", option).splitlines()
        assert re.match(r"1 libs found in cache", head)
        assert lines == [f"\tlibone.so.1 ({flags}) => {libraries}/libone.so.1"]


@pytest.mark.parametrize("tag", ["linux_aarch64", "musllinux_1_2_aarch64"])
def test_no_library_of_the_build_machine_is_printed(tmp_path: Path, tag: str) -> None:
    assert "=>" not in answer(tmp_path, tag, None)


def test_nothing_else_is_done(tmp_path: Path) -> None:
    assert answer(tmp_path, "linux_aarch64", None, "-n") == ""
