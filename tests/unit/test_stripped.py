"""What loaders do not read goes from ELF files of all machines, and what they read stays where it is."""

from __future__ import annotations

import io

import pytest
from elftools.elf.elffile import ELFFile

from crossbuild.platforms.elf import read_elf
from crossbuild.platforms.elf_image import ElfImage
from crossbuild.platforms.stripped import stripped
from tests.unit.wheel_samples import make_elf

MACHINES = ["x86_64", "aarch64", "armv7l", "i686", "riscv64", "ppc64le", "s390x", "loongarch64"]
SECRET = b"/home/me/thing.c" * 100


@pytest.mark.parametrize("machine", MACHINES)
def test_debugging_data_goes_and_nothing_else(machine: str) -> None:
    before = make_elf(
        machine,
        needed=("libx.so.1", "libc.so.6"),
        soname="liba.so",
        runpath="$ORIGIN",
        versions={("libc.so.6", "GLIBC_2.17"): ["malloc"]},
        defines=("PyInit_a",),
        debug_information=SECRET,
    )
    after = stripped(before)
    assert SECRET not in after
    assert len(after) < len(before) - len(SECRET)
    assert read_elf("a.so", after) == read_elf("a.so", before)
    end = max(one.offset + one.size for one in ElfImage.from_content(before).loads)
    # The header says where the sections are.
    assert after[64:end] == before[64:end]
    names = [section.name for section in ELFFile(io.BytesIO(after)).iter_sections()]
    kept = [section.name for section in ELFFile(io.BytesIO(before)).iter_sections()]
    assert names == [name for name in kept if not name.startswith(".debug")]
    assert stripped(after) == after


def test_what_says_something_of_the_whole_file_stays() -> None:
    before = make_elf("armv7l", vfp_args=1, cpu_arch=10, debug_information=SECRET)
    after = read_elf("a.so", stripped(before))
    assert (after.float_abi, after.arm_version) == ("hard", 7)


@pytest.mark.parametrize(
    "content",
    [
        make_elf(),
        make_elf(sections_stripped=True),
        make_elf(kind="ET_REL", debug_information=SECRET),
        make_elf(debug_information=SECRET) + b"an archive that the program reads from its own end",
    ],
    ids=["nothing to strip", "no sections", "object file", "data behind the end"],
)
def test_other_files_stay_as_they_are(content: bytes) -> None:
    assert stripped(content) == content


def test_damage_is_an_error() -> None:
    whole = make_elf(debug_information=SECRET)
    with pytest.raises(ValueError, match="damaged"):
        stripped(whole[:-10])
