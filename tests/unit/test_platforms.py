from __future__ import annotations

import pytest

from crossbuild.errors import HostError
from crossbuild.platforms.platform import ARCHITECTURES, Platform


@pytest.mark.parametrize(
    ("tag", "wheel_tag", "gnu_type", "multiarch"),
    [
        ("manylinux_2_28_aarch64", "manylinux_2_28_aarch64", "aarch64-linux-gnu", "aarch64-linux-gnu"),
        ("manylinux2014_i686", "manylinux_2_17_i686", "i686-linux-gnu", "i386-linux-gnu"),
        ("musllinux_1_2_armv7l", "musllinux_1_2_armv7l", "arm-linux-musleabihf", "arm-linux-musleabihf"),
        ("linux_riscv64", "linux_riscv64", "riscv64-linux-gnu", "riscv64-linux-gnu"),
        ("manylinux_2_31_ppc64le", "manylinux_2_31_ppc64le", "powerpc64le-linux-gnu", "powerpc64le-linux-gnu"),
        ("linux_armv6l", "linux_armv6l", "arm-linux-gnueabihf", "arm-linux-gnueabihf"),
        ("manylinux_2_36_loongarch64", "manylinux_2_36_loongarch64", "loongarch64-linux-gnu", "loongarch64-linux-gnu"),
    ],
)
def test_a_tag_gives_every_tools_name_of_its_platform(tag: str, wheel_tag: str, gnu_type: str, multiarch: str) -> None:
    platform = Platform.from_tag(tag)
    assert (platform.wheel_tag, platform.gnu_type, platform.multiarch) == (wheel_tag, gnu_type, multiarch)


def test_linux_tags_promise_no_floor() -> None:
    assert Platform.from_tag("linux_s390x").libc_version is None
    assert Platform.from_tag("linux_s390x").architecture.endian == "big"


NO_LIBC = [
    "manylinux_2_99999999_aarch64",
    "manylinux_3_1_aarch64",
    "manylinux_\u0662_28_aarch64",
    "musllinux_2_1_armv7l",
]


@pytest.mark.parametrize(
    "tag", ["", "win_amd64", "manylinux_aarch64", "linux_2_28_aarch64", "manylinux_2_28_vax", *NO_LIBC]
)
def test_other_tags_are_refused_with_an_example(tag: str) -> None:
    with pytest.raises(HostError) as caught:
        Platform.from_tag(tag)
    assert caught.value.fix


def test_soft_float_arm_is_known_by_its_abi() -> None:
    platform = Platform.from_tag("linux_armv5tel")
    assert (platform.gnu_type, platform.multiarch) == ("arm-linux-gnueabi", "arm-linux-gnueabi")
    assert Platform.from_tag("musllinux_1_2_armv5tel").gnu_type == "arm-linux-musleabi"


@pytest.mark.parametrize("machine", ["armv5tel", "armv6l"])
def test_a_tag_that_no_installer_takes_is_refused_with_one_that_they_take(machine: str) -> None:
    with pytest.raises(HostError, match=f"no manylinux tag for {machine}") as caught:
        Platform.from_tag(f"manylinux_2_36_{machine}")
    assert f"linux_{machine}" in caught.value.fix


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_has_a_platform_for_both_libcs(name: str) -> None:
    assert Platform.from_tag(f"linux_{name}").libc == "glibc"
    assert Platform.from_tag(f"musllinux_1_2_{name}").libc == "musl"


@pytest.mark.parametrize(
    ("tag", "first", "last", "within"),
    [
        ("manylinux_2_28_aarch64", "manylinux_2_28_aarch64", "linux_aarch64", "manylinux2014_aarch64"),
        ("manylinux_2_12_x86_64", "manylinux_2_12_x86_64", "linux_x86_64", "manylinux1_x86_64"),
        ("musllinux_1_2_armv7l", "musllinux_1_2_armv7l", "linux_armv7l", "musllinux_1_0_armv7l"),
        ("linux_riscv64", "manylinux_2_27_riscv64", "linux_riscv64", "manylinux2014_riscv64"),
        ("linux_loongarch64", "manylinux_2_36_loongarch64", "linux_loongarch64", "manylinux_2_17_loongarch64"),
        ("linux_armv5tel", "linux_armv5tel", "linux_armv5tel", "linux_armv5tel"),
        ("linux_armv6l", "linux_armv6l", "linux_armv6l", "linux_armv6l"),
        ("musllinux_1_2_armv6l", "musllinux_1_2_armv6l", "linux_armv6l", "musllinux_1_0_armv6l"),
        ("manylinux_2_36_loongarch64", "manylinux_2_36_loongarch64", "linux_loongarch64", "manylinux_2_36_loongarch64"),
    ],
)
def test_which_wheels_run_there(tag: str, first: str, last: str, within: str) -> None:
    tags = Platform.from_tag(tag).installable_tags
    assert (tags[0], tags[-1]) == (first, last)
    assert within in tags
    assert len(set(tags)) == len(tags)
