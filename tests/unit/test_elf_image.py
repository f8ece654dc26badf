"""What the loader sees of an ELF file counts, and no file takes long or much memory."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from crossbuild.platforms.elf import defined_versions, read_elf
from crossbuild.platforms.elf_image import DT_HASH, DT_STRSZ, DT_VERNEED, ElfImage
from tests.unit.wheel_samples import make_elf

ARCHITECTURES = ["aarch64", "armv7l", "s390x", "i686"]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_library_without_sections_says_the_same(name: str) -> None:
    def content(*, stripped: bool) -> bytes:
        return make_elf(
            name,
            needed=["libc.so.6"],
            soname="libx.so.1",
            runpath="$ORIGIN",
            versions={("libc.so.6", "GLIBC_2.34"): ["puts"]},
            offers={"X_1": ["one"]},
            defines=["PyInit_x"],
            weak=["maybe"],
            sections_stripped=stripped,
        )

    whole, stripped = content(stripped=False), content(stripped=True)
    assert whole != stripped
    read = read_elf("x.so", stripped)
    assert read.version_needs[0].version == "GLIBC_2.34"
    assert read.modules == {"x"}
    # On Arm, the architecture is in a section, which is there for linkers only.
    assert read == read_elf("x.so", whole)
    assert defined_versions(stripped) == {"one": {"X_1"}}


def test_sections_under_other_names_hide_nothing() -> None:
    content = make_elf(versions={("libc.so.6", "GLIBC_2.34"): ["puts"]})
    renamed = content.replace(b".gnu.version_r\0", b".gnu.version_x\0")
    assert renamed != content
    assert [need.version for need in read_elf("x.so", renamed).version_needs] == ["GLIBC_2.34"]


def test_the_symbols_of_real_libraries_are_all_found() -> None:
    """By the hash tables that this machine's linker makes, in files that were not made for these tests."""
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if ".so" in line}
    assert mapped
    for library in sorted(mapped)[:8]:
        content = Path(library).read_bytes()
        section = ELFFile(io.BytesIO(content)).get_section_by_name(".dynsym")
        assert isinstance(section, SymbolTableSection)
        names = [symbol.name for symbol in ElfImage.from_content(content).symbols]
        assert names == [symbol.name for symbol in section.iter_symbols()]


def test_what_is_hidden_is_not_exported() -> None:
    elf = read_elf("x.so", make_elf(defines=["open"], hidden=["PyInit_x"]))
    assert elf.exported == {"open"}
    assert elf.modules == set()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_stack_and_text_are_as_the_file_asks(name: str) -> None:
    plain, risky = make_elf(name), make_elf(name, executable_stack=True, text_relocations=True)
    assert not read_elf("x.so", plain).executable_stack
    assert not read_elf("x.so", plain).text_relocations
    assert read_elf("x.so", risky).executable_stack
    assert read_elf("x.so", risky).text_relocations


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_the_level_that_a_library_needs_of_the_cpu_is_read(level: int) -> None:
    """As pyelftools reads it, so that the sample is what linkers make."""
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import NoteSection

    content = make_elf("x86_64", x86_level=level)
    section = ELFFile(io.BytesIO(content)).get_section_by_name(".note.gnu.property")
    assert isinstance(section, NoteSection)
    (note,) = section.iter_notes()
    needed = {one["pr_type"]: one["pr_data"] for one in note["n_desc"]}["GNU_PROPERTY_X86_ISA_1_NEEDED"]
    assert needed.bit_length() == read_elf("x.so", content).x86_level == level
    assert read_elf("x.so", make_elf("x86_64")).x86_level == 0


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(4, 2**32 - 1, id="a property that is too large"),
        pytest.param(4, 0, id="a property without a value"),
        pytest.param(-12, 2**32 - 1, id="a property before it that is too large"),
        pytest.param(-24, 1, id="another kind of note"),
        pytest.param(-28, 0, id="an empty note"),
        pytest.param(-28, 24, id="a note that is cut off"),
    ],
)
def test_damaged_properties_need_nothing(place: int, value: int) -> None:
    content = bytearray(make_elf("x86_64", x86_level=3))
    struct.pack_into("<I", content, content.index(struct.pack("<II", 0xC0008002, 4)) + place, value)
    assert read_elf("x.so", bytes(content)).x86_level == 0


def test_only_what_is_loaded_can_be_loaded() -> None:
    assert read_elf("x.so", make_elf()).is_loadable
    assert not read_elf("x.o", make_elf(kind="ET_REL")).is_loadable


def changed_entry(content: bytes, tag: int, value: int) -> bytes:
    """Return the 64-bit ``content`` with another value for an entry of its dynamic section."""
    (old,) = (found for entry, found in ElfImage.from_content(content).dynamic if entry == tag)
    return content.replace(struct.pack("<QQ", tag, old), struct.pack("<QQ", tag, value))


NEEDS = {("libc.so.6", f"GLIBC_2.{minor}"): [f"function{minor}"] for minor in (17, 28, 34)}


def test_a_wrong_number_of_versions_hides_none() -> None:
    """The loader goes by the distance to the next one."""
    content = make_elf(versions=NEEDS)
    (place,) = (value for tag, value in ElfImage.from_content(content).dynamic if tag == DT_VERNEED)
    fewer = content[:place] + struct.pack("<HH", 1, 1) + content[place + 4 :]
    assert len(read_elf("x.so", fewer).version_needs) == len(NEEDS)


def test_versions_that_lead_through_one_another_come_to_an_end() -> None:
    """Each of a thousand libraries leads to the same thousand versions and more."""
    count = 1000
    libraries = [struct.pack("<HHIII", 1, 1, 0, 16 * (count - number), 16) for number in range(count)]
    versions = [struct.pack("<IHHII", 0, 0, 2, 0, 16)] * count
    table = b"".join((*libraries, *versions)) + bytes(16)
    content = make_elf(versions=NEEDS, constants=table, defines=["x" * 10_000])
    with pytest.raises(ValueError, match="more symbol versions than there can be"):
        read_elf("x.so", changed_entry(content, DT_VERNEED, content.index(table)))


@pytest.mark.parametrize(
    ("tag", "value", "said"),
    [
        (5, 1 << 40, "nothing is loaded to 0x10000000000"),
        (DT_STRSZ, 1 << 20, "cut off"),
        (DT_STRSZ, 1 << 40, "names have 1099511627776 bytes"),
        (6, 1 << 40, "nothing is loaded"),
        (4, 1 << 62, "nothing is loaded"),
        (DT_VERNEED, 1 << 33, "nothing is loaded"),
    ],
)
def test_what_leads_out_of_the_file_is_damage(tag: int, value: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_elf("x.so", changed_entry(make_elf(versions=NEEDS), tag, value))


def test_more_symbols_than_any_library_has_are_damage() -> None:
    content = bytearray(make_elf())
    struct.pack_into("<I", content, (ElfImage.from_content(bytes(content)).value(DT_HASH) or 0) + 4, 1 << 21)
    with pytest.raises(ValueError, match="it says that it has 2097152 symbols"):
        read_elf("x.so", bytes(content))


def test_more_program_headers_than_any_file_has_are_damage() -> None:
    content = make_elf()
    with pytest.raises(ValueError, match="65000 program headers"):
        read_elf("x.so", content[:56] + struct.pack("<H", 65000) + content[58:])


@pytest.mark.parametrize("length", [0, 4, 10, 63, 100, 150])
def test_what_is_cut_off_is_damage(length: int) -> None:
    with pytest.raises(ValueError, match=r"cut off|no ELF file|nothing is loaded"):
        read_elf("x.so", make_elf()[:length])


def test_names_that_share_all_of_the_table_of_strings_come_to_an_end() -> None:
    """A megabyte of names, each of which goes to the end of the table, would be a terabyte."""
    content = bytearray(make_elf(defines=["x" * 20_000], undefined=[str(number) for number in range(5000)]))
    start, size = ElfImage.from_content(bytes(content)).value(6) or 0, 24
    for number in range(5000):
        struct.pack_into("<I", content, start + number * size, 30_000)
    with pytest.raises(ValueError, match="overlap too much"):
        read_elf("x.so", bytes(content))
