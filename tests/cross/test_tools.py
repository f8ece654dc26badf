"""The tools of a toolchain, as builds call them, and what is in the files that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.elf import read_elf
from tests.cross.ways import SYNTHESISED
from tests.inside import run_inside

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.cross

DIVIDE = "__int128 divide(__int128 a, __int128 b) { return a / b; }\n"
"""Code that needs the compiler's own library."""
SCRIPT = """
printf '#include <stdio.h>\\n' | cpp >/dev/null
! printf '#include <no-such.h>\\n' | cpp >/dev/null 2>&1
cpp -P names.in names.out
$CPP -dM /dev/null | grep -q __aarch64__
printf '.globl answer\\nanswer: ret\\n' | as -o answer.o
$LD -r answer.o -o relocatable.o
c99 -O2 -fPIC -shared divide.c answer.o -o plain.so
c99 -O2 -g -fPIC -shared divide.c -o debugging.so
strip -o stripped.so plain.so
echo "$CC"
"""


@pytest.mark.parametrize("kind", ["zig", "gnu"])
def test_builds_call_the_tools_of_the_host(
    kind: str, crossbuild: Crossbuild, debian_arm64: HostRoot, gnu_aarch64: Path, tmp_path: Path
) -> None:
    (tmp_path / "divide.c").write_text(DIVIDE)
    (tmp_path / "names.in").write_text("one __aarch64__ two\n")
    host, compilers = (SYNTHESISED, None) if kind == "zig" else (debian_arm64, gnu_aarch64)
    own = {"CPP": "/usr/bin/cpp", "LD": "/usr/bin/ld"}
    printed = run_inside(crossbuild, SCRIPT, host=host, cwd=tmp_path, compilers=compilers, environ=own)
    assert printed == "aarch64-linux-gnu-gcc\n"
    assert (tmp_path / "names.out").read_text().split() == ["one", "1", "two"]
    for name in ("answer.o", "relocatable.o", "plain.so", "stripped.so"):
        content = (tmp_path / name).read_bytes()
        assert read_elf(name, content, symbols=False).machine == "EM_AARCH64"
        assert b".debug_" not in content
    debugging = (tmp_path / "debugging.so").read_bytes()
    assert b".debug_info" in debugging
    assert b"divide.c" in debugging
    assert b"zig_backend" not in debugging
