"""What is read from ELF files and static libraries."""

from __future__ import annotations

import pytest

from crossbuild.platforms.elf import VersionNeed, defined_versions, read_elf
from crossbuild.platforms.platform import ARCHITECTURES
from crossbuild.platforms.static_library import archive_members
from tests.unit.wheel_samples import SOFT_FLOAT, make_archive, make_elf


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_is_recognised_by_its_header(name: str) -> None:
    elf = read_elf("x.so", make_elf(name))
    known = ARCHITECTURES[name]
    assert (elf.machine, elf.bits, elf.little_endian) == (known.elf_machine, known.bits, known.little_endian)


@pytest.mark.parametrize("name", ["aarch64", "armv7l", "s390x"])
def test_what_a_shared_object_says_of_itself(name: str) -> None:
    content = make_elf(
        name,
        needed=["libc.so.6", "libm.so.6"],
        soname="libprobe.so.1",
        rpath="/opt/a:$ORIGIN/b",
        versions={("libc.so.6", "GLIBC_2.17"): ["puts", "printf"], ("libm.so.6", "GLIBC_2.29"): ["pow"]},
        undefined=["PyErr_Clear"],
        defines=["PyInit_probe", "helper"],
    )
    elf = read_elf("probe/libprobe.so", content)
    assert elf.base_name == "libprobe.so"
    assert (elf.kind, elf.soname, elf.needed) == ("ET_DYN", "libprobe.so.1", ("libc.so.6", "libm.so.6"))
    assert elf.search_paths == ("/opt/a", "$ORIGIN/b")
    assert elf.version_needs == (
        VersionNeed(library="libc.so.6", version="GLIBC_2.17", symbols=("printf", "puts")),
        VersionNeed(library="libm.so.6", version="GLIBC_2.29", symbols=("pow",)),
    )
    assert elf.undefined == {"puts", "printf", "pow", "PyErr_Clear"}
    assert elf.modules == {"probe"}


@pytest.mark.parametrize("name", ["aarch64", "armv7l", "s390x"])
def test_the_versions_that_a_library_defines(name: str) -> None:
    offers = {"libx.so.1": [], "X_1": ["old", "both"], "X_2": ["both", "new"]}
    content = make_elf(name, offers=offers, defines=["plain"], versions={("libc.so.6", "GLIBC_2.17"): ["puts"]})
    assert read_elf("libx.so.1", content).version_definitions == {"libx.so.1", "X_1", "X_2"}
    assert defined_versions(content) == {"old": {"X_1"}, "both": {"X_1", "X_2"}, "new": {"X_2"}}


def test_weak_symbols_are_undefined_and_told_apart() -> None:
    elf = read_elf("x.so", make_elf(undefined=["needed"], weak=["welcome"]))
    assert elf.undefined == {"needed", "welcome"}
    assert elf.weak == {"welcome"}


def test_the_interpreter_of_an_executable_is_read() -> None:
    elf = read_elf("bin/probe", make_elf(kind="ET_EXEC", interpreter="/lib/ld-linux-aarch64.so.1"))
    assert (elf.kind, elf.interpreter) == ("ET_EXEC", "/lib/ld-linux-aarch64.so.1")


@pytest.mark.parametrize(
    ("kind", "flags", "vfp_args", "expected"),
    [
        ("ET_DYN", 0x05000400, None, "hard"),
        ("ET_DYN", SOFT_FLOAT, None, "soft"),
        ("ET_REL", 0x05000000, 1, "hard"),
        ("ET_REL", 0x05000000, 0, "soft"),
        ("ET_REL", 0x05000000, 3, ""),
        ("ET_REL", 0x05000000, None, ""),
    ],
)
def test_the_float_abi_of_arm_is_in_the_flags_or_in_the_attributes(
    kind: str, flags: int, vfp_args: int | None, expected: str
) -> None:
    assert read_elf("x", make_elf("armv7l", kind=kind, flags=flags, vfp_args=vfp_args)).float_abi == expected


@pytest.mark.parametrize(
    ("machine", "flags", "expected"),
    [
        *(("riscv64", flags, abi) for flags, abi in ((0x1, "soft"), (0x3, "single"), (0x5, "hard"), (0x7, "quad"))),
        *(("loongarch64", flags, abi) for flags, abi in ((0x41, "soft"), (0x42, "single"), (0x43, "hard"))),
    ],
)
def test_the_float_abi_of_other_machines_is_in_the_flags(machine: str, flags: int, expected: str) -> None:
    assert read_elf("x", make_elf(machine, flags=flags)).float_abi == expected


def test_the_same_flags_mean_nothing_on_another_machine() -> None:
    assert read_elf("x", make_elf("s390x", flags=0x400)).float_abi == ""


@pytest.mark.parametrize("size", [8, 40, 300])
def test_a_file_that_is_cut_off_is_damaged(size: int) -> None:
    with pytest.raises(ValueError):
        read_elf("x.so", make_elf()[:size])


def test_the_members_of_a_static_library_are_found() -> None:
    members = {"odd.o": b"abc", "even.o": b"abcd"}
    assert dict(archive_members(make_archive(members))) == members


def test_long_names_of_gnu_and_bsd_static_libraries_are_resolved() -> None:
    def header(name: str, size: int) -> bytes:
        return f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{size:<10}`\n".encode()

    table = b"first_rather_long.o/\nsecond_even_longer.o/\n\n"
    gnu = b"!<arch>\n" + header("//", len(table)) + table + header("/21", 2) + b"ab"
    bsd = b"!<arch>\n" + header("#1/20", 22) + b"a_rather_long_name.o" + b"ab"
    assert dict(archive_members(gnu)) == {"second_even_longer.o": b"ab"}
    assert dict(archive_members(bsd)) == {"a_rather_long_name.o": b"ab"}


@pytest.mark.parametrize("size", ["-60", "+4", "4_0", "", "x"])
def test_a_size_that_is_no_number_is_damage(size: str) -> None:
    """With -60, the next member would be this one again, without end."""
    content = make_archive({"probe.o": b"abcd"}).replace(b"4         `", f"{size:<10}`".encode())
    with pytest.raises(ValueError, match="header is damaged"):
        list(archive_members(content))


@pytest.mark.parametrize("size", [20, 69])
def test_a_static_library_that_is_cut_off_is_damaged(size: int) -> None:
    with pytest.raises(ValueError):
        list(archive_members(make_archive({"probe.o": b"abcdef"})[:size]))
