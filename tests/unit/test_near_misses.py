"""Names that are nearly those of hosts: the error says what to type instead."""

from __future__ import annotations

import pytest

from crossbuild.errors import HostError, SysrootError, UsageError
from crossbuild.host.describe import describe_host
from crossbuild.host.host_request import python_from_text
from crossbuild.host.reading.machine import with_machine
from crossbuild.platforms.debian import DEBIAN_ARCHITECTURES, SUITES
from crossbuild.platforms.near_misses import near_architecture, near_host, near_suite
from crossbuild.platforms.platform import ARCHITECTURES, Platform, is_platform_tag
from crossbuild.sysroot.names import SysrootName


def fix(text: str) -> str:
    """Return the hint for ``text`` as a host."""
    with pytest.raises(HostError) as raised:
        describe_host(text)
    return raised.value.fix


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("aarch46", "manylinux_2_28_aarch64 (glibc 2.28 or newer)"),
        ("aarch64", "musllinux_1_2_aarch64 (musl 1.2 or newer)"),
        ("arm64", "debian:bookworm:arm64"),
        ("AMD64", "manylinux_2_28_x86_64"),
        ("armv6", "--host linux_armv6l (no promise of a glibc version)"),
        ("armv8l", "manylinux_2_28_armv7l"),
        ("riscv", "debian:trixie:riscv64"),
        ("loong64", "manylinux_2_36_loongarch64"),
        ("linux/arm64", "manylinux_2_28_aarch64"),
        ("linux/arm/v7", "manylinux_2_28_armv7l"),
        ("linux_arm64", "--host linux_aarch64 (no promise of a glibc version)."),
        ("manylinux_aarch64", "--host manylinux_2_28_aarch64 (glibc 2.28 or newer)."),
        ("manylinux-2-31-aarch64", "--host manylinux_2_31_aarch64"),
        ("manylinux_2_31_aarch46", "--host manylinux_2_31_aarch64"),
        ("manylinx_2_31_aarch64", "--host manylinux_2_31_aarch64"),
        ("manylinux2014_arm64", "--host manylinux_2_17_aarch64"),
        ("manylinux_2_31", "manylinux_2_31_aarch64 (glibc 2.31 or newer, or another machine instead of aarch64)"),
        ("musllinux_armv7", "--host musllinux_1_2_armv7l (musl 1.2 or newer)."),
        ("aarch64-unknown-linux-musl", "--host musllinux_1_2_aarch64 (musl 1.2 or newer)."),
        ("arm-linux-gnueabi", "debian:bookworm:armel"),
        ("cp312-manylinux_aarch64", "manylinux_2_28_aarch64 (glibc 2.28 or newer) with --python 3.12."),
        ("alpine-aarch64", "--host musllinux_1_2_aarch64"),
        ("bookwrom", "--host debian:bookworm:arm64, or another architecture"),
        ("debian:bookwrom", "--host debian:bookworm:arm64, or another architecture"),
        ("debian:13", "--host debian:trixie:arm64"),
        ("raspbian:bookworm", "crossbuild host capture"),
    ],
)
def test_what_was_meant_is_named(text: str, meant: str) -> None:
    assert meant in fix(text)


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("macosx_11_0_arm64", "macOS"),
        ("aarch64-apple-darwin", "macOS"),
        ("win_amd64", "Windows"),
        ("x86_64-pc-windows-msvc", "Windows"),
        ("ios_13_0_arm64_iphoneos", "iOS"),
        ("android_21_arm64_v8a", "Android"),
        ("aarch64-linux-android", "Android"),
        ("freebsd_13_amd64", "BSD"),
        ("pyodide_2025_0_wasm32", "WebAssembly"),
    ],
)
def test_other_systems_are_named_as_such(text: str, system: str) -> None:
    with pytest.raises(HostError, match="Linux hosts only") as raised:
        describe_host(text)
    assert system in raised.value.fix


@pytest.mark.parametrize("text", ["xyz", "my-board", "python3.11", "any", "mips"])
def test_what_is_near_nothing_is_told_the_forms_of_a_host(text: str) -> None:
    assert fix(text).startswith("A host is an executable")


def test_a_huge_name_is_refused_at_once() -> None:
    assert fix("a-" * 50_000).startswith("A host is an executable")


def test_a_missing_path_stays_one() -> None:
    with pytest.raises(HostError, match="There is no roots/arm64/python3 on this machine"):
        describe_host("roots/arm64/python3")


def test_a_tag_for_an_unknown_machine_names_the_known_ones() -> None:
    assert fix("manylinux_2_28_mips").startswith("Known architectures: aarch64")


def test_what_is_offered_is_a_host() -> None:
    for text in (*ARCHITECTURES, *DEBIAN_ARCHITECTURES.values(), *(f"{name}-linux-musl" for name in ARCHITECTURES)):
        error = near_host(text)
        assert error, text
        offered = error.fix.removeprefix("Use --host ").removesuffix(".")
        for name in (part.split(" (")[0] for part in offered.replace(" or debian", ", debian").split("), ")):
            for one in name.split(") or "):
                assert is_platform_tag(one) or str(SysrootName.from_text(one)) == one


def test_the_machine_of_an_option_is_recognised_by_its_other_names() -> None:
    with pytest.raises(HostError) as raised:
        with_machine(Platform.from_tag("linux_aarch64"), "arm64", name="a host")
    assert raised.value.fix.startswith("Did you mean aarch64?")


@pytest.mark.parametrize(
    "text", ["debian:bookwrom:arm46", "debain:bookworm:arm64", "bookworm:arm64", "debian:12:arm64"]
)
def test_a_sysroot_that_is_nearly_one(text: str) -> None:
    with pytest.raises(SysrootError) as raised:
        SysrootName.from_text(text)
    assert raised.value.fix.startswith("Did you mean debian:bookworm:arm64?")


@pytest.mark.parametrize("text", ["fedora:40:aarch64", "alpine:3.20:aarch64"])
def test_a_release_of_another_distribution(text: str) -> None:
    with pytest.raises(SysrootError, match="cannot fetch") as raised:
        SysrootName.from_text(text)
    assert "manylinux_2_28_aarch64 (Alpine: musllinux_1_2_aarch64)" in raised.value.fix


def test_suites_with_a_typo() -> None:
    assert near_suite("debian", "bookwrom") == "bookworm"
    assert near_suite("ubuntu", "nobel") == "noble"
    assert all(near_suite(distribution, suite) is None for distribution, suites in SUITES.items() for suite in suites)
    assert near_suite("debian", "zurg") is None


def test_every_architecture_is_known_by_its_own_names() -> None:
    for name, architecture in ARCHITECTURES.items():
        assert near_architecture(name) == name
        assert near_architecture(f"{architecture.multiarch_cpu}-linux-gnu{architecture.eabi}") in (
            {"armv6l", "armv7l"} if architecture.eabi == "eabihf" else {name}
        )


@pytest.mark.parametrize("text", ["cp312", "python3.12", "py3.12", "3.12.4", "3.12.*", ">=3.12"])
def test_a_python_that_is_nearly_a_version(text: str) -> None:
    with pytest.raises(UsageError, match=r"did you mean 3\.12\?"):
        python_from_text(text)
