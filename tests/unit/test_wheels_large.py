"""Wheels that unpack to gigabytes are read in little memory."""

from __future__ import annotations

import subprocess
import sys
import warnings
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.unit.wheel_samples import SUFFIX, make_elf, make_wheel
from tests.wrong_wheels.changes import rewritten

if TYPE_CHECKING:
    from pathlib import Path

NAME = f"probe/fast{SUFFIX}"
ABOUT = "probe-1.0.dist-info"
SIZE = 1 << 27
MOST = 100 << 20
"""Bytes of memory."""
READ = """
import sys
from pathlib import Path
from crossbuild.errors import AuditError
from crossbuild.wheels.paths import PathSearch
from crossbuild.wheels.wheel_contents import read_wheel
try:
    contents = read_wheel(Path(sys.argv[1]), PathSearch.from_paths([Path("/home/me/project")]))
    print(len(contents.elf_files), len(contents.archive_objects), *contents.problems)
except AuditError as error:
    print(error)
# Not what getrusage() says: that counts the process which started this one, too.
print(int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024)
"""


def zeros_after(start: bytes, directory: Path, *names: str) -> Path:
    """Return a wheel with files that begin with ``start`` and go on with zeros."""
    wheel = directory / "probe-1.0-cp311-cp311-linux_aarch64.whl"
    (directory / "small").mkdir()
    with (
        zipfile.ZipFile(make_wheel(directory / "small", {}), "r") as small,
        zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # of names that are there twice
        for name in names:
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(start)
                for _ in range(SIZE >> 20):
                    member.write(bytes(1 << 20))
        for name in set(small.namelist()).difference(names):
            archive.writestr(name, small.read(name))
    return wheel


def read_in_little_memory(wheel: Path) -> str:
    """Read ``wheel`` in another process, and return what it found."""
    assert wheel.stat().st_size < 4 << 20
    done = subprocess.run([sys.executable, "-c", READ, wheel], capture_output=True, text=True, check=True)
    said, _, memory = done.stdout.strip().rpartition("\n")
    assert int(memory) < MOST
    return said


def library_with(content: bytes, size: int) -> bytes:
    """Return the beginning of a static library, whose one member has ``size`` bytes and begins with ``content``."""
    return f"!<arch>\n{'large.o/':<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{size:<10}`\n".encode() + content


ELF = make_elf(defines=["PyInit_fast"])
OBJECT = make_elf(kind="ET_REL")


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (ELF, "1 0"),
        (b"!<arch>\n", "a member's header is damaged"),
        (library_with(OBJECT, len(OBJECT) + SIZE), "0 1"),
        (library_with(b"text", 4 + SIZE), "0 0"),
        (b"\x1f\x8b", "0 0"),
        (b"text", "0 0"),
    ],
    ids=["ELF", "ar", "object", "other member", "gzip", "text"],
)
def test_much_of_nothing_needs_little_memory(tmp_path: Path, start: bytes, found: str) -> None:
    assert found in read_in_little_memory(zeros_after(start, tmp_path, NAME))


@pytest.mark.parametrize("name", ["METADATA", "WHEEL", "RECORD", "entry_points.txt"])
def test_texts_of_much_nothing_are_refused(tmp_path: Path, name: str) -> None:
    said = read_in_little_memory(zeros_after(b"Name: probe\n", tmp_path, f"{ABOUT}/{name}"))
    assert f"its {name} has {SIZE + 12} bytes, more than any wheel needs" in said


def test_large_files_that_are_there_twice_are_compared_in_little_memory(tmp_path: Path) -> None:
    assert "more than once" not in read_in_little_memory(zeros_after(b"", tmp_path, "probe/a", "probe/a"))


def test_a_record_of_millions_of_lines_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {})
    rewritten(wheel, {f"{ABOUT}/RECORD": b"a,,\n" * 4_000_000})
    assert "its RECORD has 4000000 lines, and the wheel 3 files" in read_in_little_memory(wheel)
