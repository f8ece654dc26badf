"""What is read from the sections of ELF files, which may be missing or wrong."""

from __future__ import annotations

import struct

import pytest

from crossbuild.platforms.elf import read_elf
from crossbuild.platforms.elf_sections import loaded_data
from tests.unit.wheel_samples import make_elf

ARCHITECTURES = ["aarch64", "armv7l", "s390x", "i686"]
CONSTANT, DEBUG = b"constant that is loaded", b"information for debuggers"


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_code_and_constants_are_loaded_and_debug_information_is_not(name: str) -> None:
    (data,) = loaded_data(make_elf(name, constants=CONSTANT, debug_information=DEBUG))
    assert data == CONSTANT


def test_without_sections_it_is_all_that_is_loaded() -> None:
    (data,) = loaded_data(make_elf(constants=CONSTANT, sections_stripped=True))
    assert CONSTANT in data[:]


def test_no_byte_is_there_twice() -> None:
    """Ten thousand sections that each cover the whole file would be read for hours."""
    content = bytearray(make_elf(constants=CONSTANT))
    (start,) = struct.unpack_from("<Q", content, 40)
    size = len(content)
    header = struct.pack("<IIQQQQIIQQ", 0, 1, 2, 0, 0, size, 0, 0, 1, 0)
    content[start:] = header * 10_000
    struct.pack_into("<H", content, 60, 10_000)
    assert sum(len(data) for data in loaded_data(bytes(content))) == size


@pytest.mark.parametrize(
    ("place", "form", "value", "said"),
    [
        (40, "<Q", 1 << 62, "section headers are cut off"),
        (40, "<Q", 0xFFFF_FFFF_FFFF_FFFF, "section headers are cut off"),
        (58, "<H", 8, "another size than they must"),
        (60, "<H", 60_000, "section headers are cut off"),
    ],
)
def test_headers_that_lead_out_of_the_file_are_damage(place: int, form: str, value: int, said: str) -> None:
    content = bytearray(make_elf())
    struct.pack_into(form, content, place, value)
    with pytest.raises(ValueError, match=said):
        list(loaded_data(bytes(content)))


def test_more_sections_than_any_file_has_are_damage() -> None:
    """Their number is in the first header, if it is too large for the field."""
    content = bytearray(make_elf())
    (start,) = struct.unpack_from("<Q", content, 40)
    struct.pack_into("<H", content, 60, 0)
    struct.pack_into("<Q", content, start + 32, 1 << 40)
    with pytest.raises(ValueError, match=f"says that it has {1 << 40} sections"):
        list(loaded_data(bytes(content)))


def attributes(*values: int) -> bytes:
    """Return the content of the section, of attributes for the file."""
    scope = bytes((1,)) + struct.pack("<I", 5 + len(values)) + bytes(values)
    return b"A" + struct.pack("<I", 4 + len(b"aeabi\0" + scope)) + b"aeabi\0" + scope


def with_attributes(section: bytes, *, kind: str = "ET_REL") -> bytes:
    """Return an object file for 32-bit Arm with ``section`` in place of its own attributes."""
    content = make_elf("armv7l", kind=kind, flags=0x05000000, vfp_args=1, cpu_arch=10, constants=bytes(64))
    own = attributes(6, 10, 28, 1)
    assert own in content
    assert len(section) == len(own)
    return content.replace(own, section)


def test_attributes_that_are_texts_are_passed_over() -> None:
    """Tag_CPU_name (5), Tag_compatibility (32), and any odd one after that."""
    content = make_elf("armv7l", kind="ET_REL", flags=0x05000000, vfp_args=1, cpu_arch=10)
    own, texts = attributes(6, 10, 28, 1), attributes(5, 0x37, 0, 32, 1, 0x61, 0, 67, 0x32, 0, 6, 10, 28, 1)
    at = content.index(own)
    # The section headers are behind it, and say where it is and how large.
    longer = bytearray(content + texts)
    place = content.index(struct.pack("<II", at, len(own)))
    struct.pack_into("<II", longer, place, len(content), len(texts))
    elf = read_elf("x.o", bytes(longer))
    assert (elf.float_abi, elf.arm_version) == ("hard", 7)


@pytest.mark.parametrize(
    "values", [(6, 10, 28, 0x80), (6, 10, 5, 0x41)], ids=["a number without end", "a text without end"]
)
def test_damaged_attributes_matter_to_objects_only(values: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="attributes are cut off"):
        read_elf("x.o", with_attributes(attributes(*values)))
    assert read_elf("x.so", with_attributes(attributes(*values), kind="ET_DYN")).arm_version == 0
