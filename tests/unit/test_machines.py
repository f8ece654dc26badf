"""Machines that share their names: ARMv6 and ARMv7 with hard floats; and the ABIs of LoongArch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import AuditError, HostError, ToolchainError
from crossbuild.host.describe import describe_host
from crossbuild.host.host_request import HostRequest
from crossbuild.platforms.elf import read_elf
from crossbuild.platforms.platform import Platform
from crossbuild.sysroot.names import SysrootName
from crossbuild.toolchain.find import find_toolchain
from crossbuild.toolchain.model import Toolchain, ToolchainRequest
from crossbuild.toolchain.proof import prove
from crossbuild.toolchain.zig import ZIG_VERSION, zig_toolchain
from tests.audited import audited
from tests.no_zig import NO_ZIG
from tests.unit.host_samples import SamplePython
from tests.unit.wheel_samples import HARD_FLOAT, make_archive, make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from crossbuild.system.cache import Cache

V6, V6K, V6T2, V7, V8 = 6, 9, 8, 10, 14
"""Values of ``Tag_CPU_arch``."""


@pytest.mark.parametrize(
    ("attribute", "version"), [(4, 5), (V6, 6), (7, 6), (V6K, 6), (V6T2, 7), (V7, 7), (V8, 7), (None, 0)]
)
def test_which_arm_code_is_for_is_in_its_attributes(attribute: int | None, version: int) -> None:
    assert read_elf("x.so", make_elf("armv7l", cpu_arch=attribute, vfp_args=1)).arm_version == version


def arm_python(directory: Path, attribute: int | None) -> SamplePython:
    loader = "/lib/ld-linux-armhf.so.3"
    sample = SamplePython(
        root=directory / "root",
        architecture="armv7l",
        multiarch="arm-linux-gnueabihf",
        interpreter=loader,
        flags=HARD_FLOAT,
        variables={"HOST_GNU_TYPE": "armv8l-unknown-linux-gnueabihf"},
    ).install()
    sample.executable.write_bytes(make_elf("armv7l", kind="ET_EXEC", interpreter=loader, cpu_arch=attribute))
    return sample


@pytest.mark.parametrize(
    ("attribute", "machine"), [(V6, "armv6l"), (V6K, "armv6l"), (V7, "armv7l"), (V8, "armv7l"), (None, "armv7l")]
)
def test_a_host_python_says_which_arm_it_was_compiled_for(tmp_path: Path, attribute: int | None, machine: str) -> None:
    host = describe_host(str(arm_python(tmp_path, attribute).executable))
    assert host.platform.wheel_tag == f"linux_{machine}"


def test_a_host_of_newer_code_may_be_called_an_older_machine(tmp_path: Path) -> None:
    """Whoever says so knows what else runs there; a soft-float name it cannot have."""
    sample = arm_python(tmp_path, None)
    host = describe_host(str(sample.executable), request=HostRequest(machine="armv6l"))
    assert host.platform.wheel_tag == "linux_armv6l"
    with pytest.raises(HostError, match="cannot be a armv5tel"):
        describe_host(str(sample.executable), request=HostRequest(machine="armv5tel"))


def test_a_prefix_without_binaries_is_for_the_newer_machine(tmp_path: Path) -> None:
    sample = arm_python(tmp_path, V6)
    sample.executable.unlink()
    assert describe_host(str(sample.home)).platform.wheel_tag == "linux_armv7l"


def arm_wheel(directory: Path, attribute: int | None, machine: str) -> Path:
    files = {
        "probe/_fast.so": make_elf(machine, defines=["PyInit__fast"], cpu_arch=V6),
        "probe/tool": make_elf(machine, cpu_arch=attribute),
    }
    return make_wheel(directory, files, tag=f"cp311-cp311-linux_{machine}")


@pytest.mark.parametrize("attribute", [V6T2, V7, V8])
def test_newer_arm_code_is_refused_for_an_older_machine(tmp_path: Path, attribute: int) -> None:
    with pytest.raises(AuditError) as caught:
        audited(arm_wheel(tmp_path, attribute, "armv6l"), make_host("linux_armv6l"))
    error = caught.value
    assert error.why.strip() == "probe/tool: holds ARMv7 code, but the host is armv6l, which is ARMv6 [newer-cpu]"
    assert "--toolchain zig" in error.fix
    assert "Debian" in error.fix


def test_newer_arm_code_is_refused_in_a_static_library(tmp_path: Path) -> None:
    members = {"a.o": make_elf("armv6l", kind="ET_REL", cpu_arch=V7)}
    wheel = make_wheel(tmp_path, {"probe/libx.a": make_archive(members)}, tag="cp311-cp311-linux_armv6l")
    with pytest.raises(AuditError, match=r"libx\.a\(a\.o\): holds ARMv7 code"):
        audited(wheel, make_host("linux_armv6l"))


@pytest.mark.parametrize("attribute", [V6, V6K, None])
@pytest.mark.parametrize("machine", ["armv6l", "armv7l"])
def test_older_arm_code_passes(tmp_path: Path, machine: str, attribute: int | None) -> None:
    assert not audited(arm_wheel(tmp_path, attribute, machine), make_host(f"linux_{machine}")).warnings


def test_code_of_an_arm_with_other_floats_is_named_by_its_machine(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"probe/tool": make_elf("armv6l", cpu_arch=V6)}, tag="cp311-cp311-linux_aarch64")
    with pytest.raises(AuditError, match="is armv6l code"):
        audited(wheel, make_host("linux_aarch64"))


@pytest.mark.parametrize(("flags", "floats"), [(0x41, "soft"), (0x42, "single")])
def test_other_floats_than_a_loongarch_distributions_are_refused(tmp_path: Path, flags: int, floats: str) -> None:
    elf = make_elf("loongarch64", flags=flags)
    assert read_elf("x", elf).architecture is None
    wheel = make_wheel(tmp_path, {"probe/tool": elf}, tag="cp311-cp311-linux_loongarch64")
    with pytest.raises(AuditError, match=f"uses the {floats}-float ABI, but the host's is hard-float"):
        audited(wheel, make_host("manylinux_2_36_loongarch64"))


@pytest.mark.parametrize("tag", ["manylinux_2_36_loongarch64", "musllinux_1_2_loongarch64", "musllinux_1_2_armv6l"])
def test_promised_tags_of_newer_machines_are_given(tmp_path: Path, tag: str) -> None:
    host = make_host(tag)
    machine = host.platform.architecture.name
    libc = "libc.so" if tag.startswith("musl") else "libc.so.6"
    wheel = make_wheel(tmp_path, {"probe/x": make_elf(machine, needed=[libc])}, tag=f"cp311-cp311-linux_{machine}")
    assert audited(wheel, host).platform_tags == (tag,)


def toolchain(directory: Path, tag: str, attribute: int) -> Toolchain:
    """Return compilers that make a file for the Arm that ``attribute`` stands for, whatever they are given."""
    made = directory / "made.so"
    made.write_bytes(make_elf("armv6l", cpu_arch=attribute))
    program = directory / "arm-linux-gnueabihf-gcc"
    program.write_text(f'#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\ncp {made} "$2"\n')
    program.chmod(0o755)
    tool = (str(program),)
    platform = Platform.from_tag(tag)
    return Toolchain(
        kind="gnu", platform=platform, version="1", cc=tool, cxx=tool, ar=tool, ranlib=tool, strip=tool
    )  # fmt: skip


def test_a_compiler_for_a_newer_arm_is_refused(tmp_path: Path) -> None:
    made = toolchain(tmp_path, "linux_armv6l", V7)
    cc = Path(made.cc[0])
    with pytest.raises(ToolchainError, match="does not compile for armv6l") as caught:
        prove(made, cc=cc, cxx=cc, fc=None)
    assert "a test object is ARMv7" in caught.value.why
    assert "--toolchain zig" in caught.value.fix


@pytest.mark.parametrize(("tag", "attribute"), [("linux_armv6l", V6), ("linux_armv7l", V6), ("linux_armv7l", V7)])
def test_a_compiler_for_that_arm_or_an_older_one_is_taken(tmp_path: Path, tag: str, attribute: int) -> None:
    made = toolchain(tmp_path, tag, attribute)
    cc = Path(made.cc[0])
    prove(made, cc=cc, cxx=cc, fc=None)


def find(directory: Path, cache: Cache, tag: str, choice: str = "auto") -> Toolchain:
    """Find the toolchain on a machine that has Debian's compilers for 32-bit Arm."""
    for tool in ("gcc", "g++", "ar", "ranlib", "strip", "nm", "ld"):
        program = directory / f"arm-linux-gnueabihf-{tool}"
        program.write_text(f"#!/bin/sh\necho {tool}\n")
        program.chmod(0o755)
    cache.entry("zig-compiler", ZIG_VERSION, lambda _: None)
    return find_toolchain(
        Platform.from_tag(tag),
        request=ToolchainRequest(choice=choice),
        recorded_cc="arm-linux-gnueabihf-gcc",
        sysroot=None,
        cache=cache,
        environ={"PATH": f"{directory}:/usr/bin:/bin"},
        zig_source=NO_ZIG,
    )


@pytest.mark.parametrize(
    ("tag", "choice", "kind"),
    [("linux_armv7l", "auto", "gnu"), ("linux_armv6l", "auto", "zig"), ("linux_armv6l", "gnu", "gnu")],
)
def test_a_compiler_whose_name_leaves_the_cpu_open_has_to_be_asked_for(
    tmp_path: Path, cache: Cache, tag: str, choice: str, kind: str
) -> None:
    assert find(tmp_path, cache, tag, choice).kind == kind


@pytest.mark.parametrize(
    ("tag", "lowest"),
    [
        ("manylinux_2_35_loongarch64", "manylinux_2_36_loongarch64"),
        ("manylinux_2_26_riscv64", "manylinux_2_27_riscv64"),
        ("manylinux_2_17_ppc64le", "manylinux_2_19_ppc64le"),
        ("manylinux_2_16_s390x", "manylinux_2_17_s390x"),
        ("musllinux_1_1_armv6l", "musllinux_1_2_armv6l"),
    ],
)
def test_a_floor_that_zig_cannot_reach_is_refused_with_the_lowest_it_can(cache: Cache, tag: str, lowest: str) -> None:
    with pytest.raises(ToolchainError, match="zig cannot compile for") as caught:
        zig_toolchain(Platform.from_tag(tag), sysroot=None, cache=cache, environ={}, source=NO_ZIG)
    assert f"--host {lowest}," in caught.value.fix


def test_sysroots_of_a_machine_that_debian_has_had_lately() -> None:
    name = SysrootName.oldest_for(Platform.from_tag("manylinux_2_36_loongarch64"))
    assert (str(name), name.multiarch) == ("debian:forky:loong64", "loongarch64-linux-gnu")
    assert SysrootName.from_text("debian:forky:loongarch64") == name


def test_debians_armhf_is_not_armv6l() -> None:
    assert SysrootName.from_text("debian:bookworm:armhf").architecture.name == "armv7l"
