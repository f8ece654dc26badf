"""Files of which only what is looked at is read say the same as those in memory."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.content import StoredContent, part_of, pieces, stream_of
from crossbuild.platforms.elf import defined_versions, read_elf
from crossbuild.platforms.static_library import archive_members
from crossbuild.wheels.paths import PathSearch
from tests.unit.wheel_samples import make_archive, make_elf, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crossbuild.platforms.content import Content

LIBRARY = make_elf(offers={"X_1": ["one"]}, versions={("libc.so.6", "GLIBC_2.34"): ["puts"]}, constants=b"/home/me/x")


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Callable[[bytes], Content]]:
    """A function that returns content which is in a file, behind something else."""
    with (tmp_path / "file").open("w+b") as file:

        def store(content: bytes) -> Content:
            file.write(b"before" + content + b"after")
            file.flush()
            return part_of(StoredContent.from_file(file), len(b"before"), len(content))

        yield store


def test_slices_are_those_of_bytes(stored: Callable[[bytes], Content]) -> None:
    content = stored(b"0123456789")
    assert len(content) == 10
    assert [content[:3], content[7:], content[8:20], content[20:30], content[5:2]] == [b"012", b"789", b"89", b"", b""]


@pytest.mark.parametrize(("start", "size"), [(0, 4), (8, 100), (100, 1), (3, 0)])
def test_parts_are_those_of_bytes(start: int, size: int, stored: Callable[[bytes], Content]) -> None:
    whole = b"0123456789"
    assert part_of(stored(whole), start, size)[:] == part_of(whole, start, size)


def test_pieces_overlap(stored: Callable[[bytes], Content]) -> None:
    content = bytes(9 << 20)
    assert [len(piece) for piece in pieces(stored(content), overlap=100)] == [8 << 20, (1 << 20) + 100]
    assert list(pieces(b"", overlap=100)) == []


def test_an_elf_file_says_the_same(stored: Callable[[bytes], Content]) -> None:
    content = stored(LIBRARY)
    assert read_elf("x.so", content) == read_elf("x.so", LIBRARY)
    assert defined_versions(content) == {"one": {"X_1"}}


def test_a_static_library_holds_the_same(stored: Callable[[bytes], Content]) -> None:
    members = {"a.o": LIBRARY, "b.txt": b"text"}
    assert {name: member[:] for name, member in archive_members(stored(make_archive(members)))} == members


# The names are given: gzip notes the time, and each of pytest's workers must collect the same names.
@pytest.mark.parametrize(
    "packed",
    [LIBRARY, make_archive({"a.o": LIBRARY}), gzip.compress(b"= /home/me/x")],
    ids=["library", "static library", "gzip"],
)
def test_the_same_paths_are_found(packed: bytes, stored: Callable[[bytes], Content]) -> None:
    search = PathSearch.from_paths([Path("/home/me")])
    assert search.in_file(stored(packed)) == search.in_file(packed) == {"/home/me": "/home/me/x"}


def test_a_zip_archive_is_read_as_a_file(tmp_path: Path, stored: Callable[[bytes], Content]) -> None:
    wheel = make_wheel(tmp_path, {"probe.py": b"path = '/home/me/x'"})
    with zipfile.ZipFile(stream_of(stored(wheel.read_bytes()))) as archive:
        assert archive.read("probe.py") == b"path = '/home/me/x'"
