"""The good files that the damaged ones are made of, each with where its structure is."""

from __future__ import annotations

import re
import struct
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.platforms.elf_image import PT_LOAD, ElfImage
from tests.unit.wheel_samples import make_archive, make_elf, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LARGEST = 1 << 20
"""Bytes. Cases of larger files would take too long."""
_PART = 96
"""Bytes of each table that count as structure."""
_ZIP_HEADER = re.compile(rb"PK(?:\x01\x02|\x03\x04|\x05\x06)")
_ARCHITECTURES = ("aarch64", "armv7l", "s390x", "i686")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A good file."""

    name: str
    content: bytes
    structure: tuple[range, ...]


@dataclass(frozen=True, kw_only=True)
class Samples:
    """All of them, by what reads them."""

    elf_files: tuple[Sample, ...]
    archives: tuple[Sample, ...]
    wheels: tuple[Sample, ...]

    @classmethod
    def from_wheels(cls, wheels: Iterable[Path]) -> Samples:
        """Take ``wheels`` and the ELF files in them, as far as they are small; and samples that are made to order."""
        with tempfile.TemporaryDirectory(prefix="fuzz-") as directory:
            files = [*_made(Path(directory)), *wheels]
            taken = [sample_wheel(file.name, file.read_bytes()) for file in files if file.stat().st_size < _LARGEST]
        libraries = [content for wheel in taken for content in _elf_files(wheel.content)]
        elf_files = [sample_elf(content) for content in (*_elf_samples(), *libraries)]
        objects = [one.content for one in elf_files[: len(_ARCHITECTURES)]]
        archive = make_archive({"a.o": objects[0], "a_rather_long_name_of.o": b"text", "odd.o": objects[1][:999]})
        return cls(elf_files=tuple(elf_files), archives=(_archive(archive),), wheels=tuple(taken))


def sample_elf(content: bytes) -> Sample:
    """Return an ELF file: its structure is its headers, and the beginnings of the tables that they lead to."""
    image = ElfImage.from_content(content)
    at, form = (32, "QQ") if image.bits == 64 else (28, "II")
    tables = struct.unpack_from(image.order + form, content, at)
    places = [*tables, *(segment.offset for segment in image.segments if segment.kind != PT_LOAD)]
    places += [value for _, value in image.dynamic]
    found = [range(64), *(range(place, place + _PART) for place in places if place < len(content))]
    return Sample(name="probe.so", content=content, structure=tuple(found))


def sample_wheel(name: str, content: bytes) -> Sample:
    """Return a wheel: its structure is the headers of its members, and its directory."""
    headers = (
        range(found.start(), found.start() + 64) for found in re.finditer(rb"PK(?:\x01\x02|\x03\x04|\x05\x06)", content)
    )
    return Sample(name=name, content=content, structure=tuple(headers))


def _archive(content: bytes) -> Sample:
    headers = (range(max(found.start() - 58, 0), found.end()) for found in re.finditer(rb"`\n", content))
    return Sample(name="libprobe.a", content=content, structure=tuple(headers))


def _elf_files(wheel: bytes) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        file.write(wheel)
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                if info.file_size < _LARGEST and (content := archive.read(info)).startswith(b"\x7fELF"):
                    yield content


def _elf_samples() -> Iterator[bytes]:
    for architecture in _ARCHITECTURES:
        yield make_elf(
            architecture,
            needed=["libc.so.6", "libprobe.so.1"],
            soname="libx.so.1",
            runpath="$ORIGIN/../probe.libs:/opt/lib",
            versions={("libc.so.6", "GLIBC_2.17"): ["puts", "printf"], ("libm.so.6", "GLIBC_2.29"): ["pow"]},
            offers={"X_1": ["one"], "X_2": ["two"]},
            defines=["PyInit_probe"],
            weak=["maybe"],
            vfp_args=1 if architecture == "armv7l" else None,
            cpu_arch=10 if architecture == "armv7l" else None,
            constants=b"/home/somebody/project/src/file.c\0",
        )


def _made(directory: Path) -> Iterator[Path]:
    """Make a wheel with all that wheels can have."""
    library, extension = next(_elf_samples()), make_elf(needed=["libx.so.1"], rpath="$ORIGIN", defines=["PyInit_fast"])
    files = {
        "probe/__init__.py": b"x = 1\n",
        "probe/fast.cpython-311-aarch64-linux-gnu.so": extension,
        "probe/libx.so.1": library,
        "probe/libprobe.a": make_archive({"a.o": library}),
        "probe/data.gz": b"\x1f\x8b\x08\0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0",
        "probe-1.0.data/scripts/probe": b"#!python\nimport probe\n",
        "probe-1.0.dist-info/entry_points.txt": b"[console_scripts]\nprobe = probe:main\n",
    }
    headers = ("Requires-Python: >=3.8", "Classifier: Private :: Do Not Upload")
    yield make_wheel(directory, files, headers=headers, requires=["numpy>=1.2; python_version<'4'"])
