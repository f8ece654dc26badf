"""Wheels for machines that no real host stands for all along: ARMv6, and LoongArch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import ToolchainError
from crossbuild.platforms.elf import read_elf
from crossbuild.platforms.platform import Platform
from crossbuild.toolchain.zig import zig_toolchain
from tests.commands import copy_project
from tests.host.test_samples import facts_on
from tests.testbed.hosts import release_host
from tests.testbed.machines import MACHINES
from tests.testbed.tools import emulator, zig_source

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import BuiltWheels, Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

PROGRAM = """\
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
int main(int count, char **) {
    try {
        std::stoi(std::string(count, 'x'));
    } catch (const std::exception &) {
        std::printf("%.3f", std::sqrt(count * 2.0));
    }
}
"""

HOP = """\
#include <stdio.h>
#include <string.h>

enum { away = 65536, frame = 128 };

__attribute__((noinline)) static int move(char *to, const char *from) {
    memcpy(to, from, frame);
    return to == from;
}
__attribute__((noinline)) static void wipe(char *place) { memset(place, 0, frame); }

/* Goes on in a copy of its stack frame, as code does that switches stacks. */
__attribute__((noinline)) static unsigned hop(unsigned written) {
    unsigned kept, read;
    char *stack;
    __asm__ volatile("str %1, %0" : "=m"(kept) : "r"(written));
    __asm__ volatile("mov %0, sp" : "=r"(stack));
    if (move(stack - away, stack))
        return 1;
    __asm__ volatile("sub sp, sp, %0\\n\\tsub fp, fp, %0" : : "r"(away));
    wipe(stack);
    __asm__ volatile("ldr %0, %1" : "=r"(read) : "m"(kept));
    move(stack, stack - away);
    __asm__ volatile("add sp, sp, %0\\n\\tadd fp, fp, %0" : : "r"(away));
    return read;
}

int main(void) {
    printf("%u\\n", hop(42));
    return 0;
}
"""


@pytest.mark.matrix
def test_a_wheel_for_armv6_runs(built_wheels: BuiltWheels, debian_armhf: HostRoot, tmp_path: Path) -> None:
    """On ARMv7, which runs ARMv6 code too: no distribution in reach has a Python for less, with hard floats."""
    wheel = built_wheels.sample("setuptools-c", "--python", "3.11", host="linux_armv6l")
    assert wheel.name == "setuptools_c-1.0-cp311-cp311-linux_armv6l.whl"
    (extension,) = built_wheels.unpacked(wheel, tmp_path / "wheel").glob("*.so")
    elf = read_elf(extension.name, extension.read_bytes())
    assert (elf.arm_version, elf.float_abi) == (6, "hard")
    assert facts_on(debian_armhf, wheel, tmp_path)["PY_VERSION"].startswith("3.11.")


@pytest.mark.matrix
def test_the_libraries_that_zig_links_for_armv6_are_armv6(bed: Bed, tmp_path: Path) -> None:
    """A program with all of the C and C++ library in it, on the CPU of the first Raspberry Pi."""
    platform = Platform.from_tag("musllinux_1_2_armv6l")
    toolchain = zig_toolchain(platform, sysroot=None, cache=bed.cache, environ=bed.environ, source=zig_source(bed))
    (tmp_path / "program.cpp").write_text(PROGRAM)
    command = [word for word in toolchain.cxx if word != "-dynamic"]
    bed.run([*command, "-O2", "-static", "program.cpp", "-o", "program"], cwd=tmp_path)
    pi = MACHINES["armv6l"]
    assert bed.run([emulator(bed, pi.name), *pi.qemu_options, tmp_path / "program"]) == "1.414"


def test_assembly_finds_its_operands_on_another_stack(bed: Bed, debian_armhf: HostRoot, tmp_path: Path) -> None:
    """As assembly of greenlets and coroutines expects."""
    platform = Platform.from_tag("manylinux_2_31_armv7l")
    toolchain = zig_toolchain(platform, sysroot=None, cache=bed.cache, environ=bed.environ, source=zig_source(bed))
    (tmp_path / "hop.c").write_text(HOP)
    bed.run([*toolchain.cc, "-O2", "-fno-omit-frame-pointer", "hop.c", "-o", "hop"], cwd=tmp_path)
    assert bed.run([emulator(bed, "armv7l"), "-L", debian_armhf.root, tmp_path / "hop"]) == "42\n"


def test_debians_compiler_for_32_bit_arm_is_refused_for_armv6(
    crossbuild: Crossbuild, gnu_armhf: Path, tmp_path: Path
) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    command = ("wheel", project, "--toolchain", "gnu", "-w", tmp_path / "wheels", "--python", "3.11")
    done = crossbuild(*command, host="linux_armv6l", compilers=gnu_armhf)
    assert done.returncode == ToolchainError.exit_code, done.stderr
    said = " ".join(done.stderr.split())
    assert re.search(r"arm-linux-gnueabihf-gcc.* does not compile for armv6l", said)
    assert "a test object is ARMv7" in said
    assert "Use --toolchain zig" in said


@pytest.mark.matrix
def test_a_wheel_for_loongarch_runs(built_wheels: BuiltWheels, bed: Bed, tmp_path: Path) -> None:
    """On Debian's, whose Python is newer than any build Python there may be: so by the stable ABI."""
    wheel = built_wheels.sample("setuptools-abi3", "--python", "3.11", host="manylinux_2_36_loongarch64")
    assert wheel.name.endswith("-abi3-manylinux_2_36_loongarch64.whl")
    host = release_host(bed, "debian:forky:loong64")
    assert facts_on(host, wheel, tmp_path)["PY_VERSION"].startswith("3.11.")
