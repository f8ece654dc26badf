"""What the loader refuses of ELF files that can be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossbuild.platforms.elf_image import PT_LOAD, ElfImage, Segment
from crossbuild.platforms.elf_refusal import loader_refusal
from tests.unit.wheel_samples import make_elf

PAGE = 0x1000
IMAGE = ElfImage.from_content(make_elf())


def segment(address: int, offset: int, *, alignment: int = PAGE) -> Segment:
    return Segment(PT_LOAD, 0, offset, address, PAGE, PAGE, alignment)


def refusal(*segments: Segment) -> str:
    return loader_refusal(replace(IMAGE, segments=segments))


def test_what_linkers_make_is_loaded() -> None:
    assert loader_refusal(IMAGE) == ""
    assert refusal(segment(0, 0), segment(0x11000, 0x1000, alignment=0x10000), segment(0x20005, 5, alignment=1)) == ""


def test_an_address_fits_its_place_in_the_file() -> None:
    assert refusal(segment(0x1001, 0x1000)) == "has a segment whose address does not fit its place in the file"


def test_segments_are_in_order() -> None:
    assert refusal(segment(PAGE, 0), segment(0, PAGE)) == "has segments that are out of order"


@pytest.mark.parametrize(("flags", "taken"), [(0, True), (1, False), (2, True)])
def test_power_has_two_abis(flags: int, *, taken: bool) -> None:
    content = make_elf("ppc64le", flags=flags)
    assert (loader_refusal(ElfImage.from_content(content)) == "") == taken


@pytest.mark.parametrize(("architecture", "taken"), [("armv7l", True), ("aarch64", False)])
def test_arm_has_a_system_of_its_own(architecture: str, *, taken: bool) -> None:
    content = bytearray(make_elf(architecture))
    content[7] = 97
    assert (loader_refusal(ElfImage.from_content(bytes(content))) == "") == taken
