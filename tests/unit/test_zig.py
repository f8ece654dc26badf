"""What zig is told of the machine that it compiles for."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossbuild.platforms.platform import ARCHITECTURES, Platform
from crossbuild.system.cache import Cache
from crossbuild.toolchain.zig import ZIG_VERSION, zig_toolchain
from tests.no_zig import NO_ZIG


def flags(directory: Path, tag: str) -> tuple[str, ...]:
    cache = Cache(root=directory)
    cache.entry("zig-compiler", ZIG_VERSION, _write_program)
    toolchain = zig_toolchain(Platform.from_tag(tag), sysroot=None, cache=cache, environ={}, source=NO_ZIG)
    assert toolchain.cc[2:] == toolchain.cxx[2:]
    return toolchain.cc[2:]


def _write_program(directory: Path) -> None:
    """Write what stands for zig: it makes no file, and says what it was called with."""
    program = directory / "ziglang/zig"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$*" >>calls\n')
    program.chmod(0o755)


@pytest.mark.parametrize("tag", ["linux_armv5tel", "musllinux_1_2_armv5tel"])
def test_a_cpu_without_atomic_instructions_gets_them_from_a_library(tmp_path: Path, tag: str) -> None:
    *_, directory, name = flags(tmp_path, tag)
    archive = f"lib{name.removeprefix('-l')}.a"
    compiled, archived = Path(directory.removeprefix("-L"), "calls").read_text().splitlines()
    assert {"-mcpu=arm926ej_s", "-g0"} <= set(compiled.split())
    assert archive in archived


@pytest.mark.parametrize("family", ["linux", "musllinux_1_2"])
@pytest.mark.parametrize(
    ("machine", "cpu"),
    [
        ("armv5tel", "arm926ej_s"),
        ("armv6l", "arm1176jzf_s"),
        ("armv7l", "generic+v7a+vfp3d16-neon-d32"),
        ("i686", "i686"),
        ("s390x", "z196"),
    ],
)
def test_code_is_for_the_oldest_cpu_that_the_name_of_the_machine_promises(
    tmp_path: Path, family: str, machine: str, cpu: str
) -> None:
    assert f"-mcpu={cpu}" in flags(tmp_path, f"{family}_{machine}")


@pytest.mark.parametrize("machine", sorted(ARCHITECTURES.keys() - {"armv5tel", "armv6l", "armv7l", "i686", "s390x"}))
def test_where_zigs_own_choice_is_old_enough_it_stays(tmp_path: Path, machine: str) -> None:
    assert not [flag for flag in flags(tmp_path, f"linux_{machine}") if flag.startswith("-m")]


@pytest.mark.parametrize(
    ("tag", "target"),
    [
        ("linux_armv5tel", "arm-linux-gnueabi"),
        ("musllinux_1_2_armv5tel", "arm-linux-musleabi"),
        ("manylinux_2_31_armv7l", "arm-linux-gnueabihf.2.31"),
        ("manylinux_2_17_i686", "x86-linux-gnu.2.17"),
    ],
)
def test_the_target_names_abi_and_floor(tmp_path: Path, tag: str, target: str) -> None:
    found = flags(tmp_path, tag)
    assert found[found.index("-target") + 1] == target
