"""The projects that backends' own authors test with, built for this machine and across: the wheels hold the same."""

from __future__ import annotations

import re
import sys
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

from crossbuild.sources.archives import unpack_sdist
from tests.testbed import tools
from tests.testbed.bed import BedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from tests.host.building import Builder
    from tests.testbed.bed import Bed
    from tests.testbed.rust import Rust

pytestmark = [pytest.mark.host, pytest.mark.matrix]

_OF_A_PLATFORM = re.compile(r"cpython-\d+t?-\w+-linux-\w+|linux_\w+")


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What does not depend on a wheel's platform."""

    names: tuple[str, ...]
    metadata: bytes
    pure: str

    @classmethod
    def from_wheel(cls, wheel: Path) -> Contents:
        with zipfile.ZipFile(wheel) as archive:
            members = [name for name in archive.namelist() if not name.endswith("/")]
            (metadata,) = (name for name in members if name.endswith(".dist-info/METADATA"))
            (about,) = (name for name in members if name.endswith(".dist-info/WHEEL"))
            return cls(
                names=tuple(sorted({_OF_A_PLATFORM.sub("PLATFORM", name) for name in members})),
                metadata=archive.read(metadata),
                pure=Parser().parsestr(archive.read(about).decode())["Root-Is-Purelib"],
            )

    def difference(self, other: Contents) -> str:
        """Return what ``other`` has differently; nothing if it has the same."""
        if self.names != other.names:
            here, there = ({*one.names} - {*two.names} for one, two in ((self, other), (other, self)))
            return f"natively alone: {sorted(here)}, across alone: {sorted(there)}"
        if self.metadata != other.metadata:
            return f"METADATA:\n{self.metadata.decode()}\nand across:\n{other.metadata.decode()}"
        return "" if self.pure == other.pure else f"Root-Is-Purelib: {self.pure}, across: {other.pure}"


@pytest.mark.parametrize("way", ["arm64-gnu"])
@pytest.mark.parametrize("backend", ["meson-python", "scikit-build-core", "setuptools-rust"])
def test_what_builds_here_builds_across_with_the_same_contents(
    backend: str,
    builder: Builder,
    bed: Bed,
    rust: Rust,
    build_python: Callable[[tuple[int, int]], BuildPython],
    tmp_path: Path,
) -> None:
    """Each build has the whole sdist for itself: some of the projects reach out of their directories."""
    pip: list[str | Path] = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", f"--no-binary={backend}"]
    bed.run([*pip, "-d", tmp_path, backend])
    (sdist,) = tmp_path.glob("*.tar.gz")
    builder = builder.with_rust(rust)
    python = build_python(builder.host.version).executable
    path = ":".join(map(str, (rust.programs, *tools.native_compilers(bed), bed.environ["PATH"])))
    same: list[str] = []
    other: dict[str, str] = {}
    for name in samples(unpack_sdist(sdist, tmp_path / "names")):
        project, place = (unpack_sdist(sdist, tmp_path / name / kind) / name for kind in ("native", "across"))
        here, across = tmp_path / name / "here", tmp_path / name / "there"
        uv: list[str | Path] = [find_uv_bin(), "build", "--wheel", "--no-config", "--python", python, "-o", here]
        try:
            bed.run([*uv, project], environ={**bed.environ, "PATH": path})
        except BedError:
            continue
        done = builder(place, "--no-deps", "--auto-sysroot", into=across, release=builder.release)
        differs = compared(here, across) if done.returncode == 0 else done.stderr[-2000:]
        other |= {name: differs} if differs else {}
        same += [] if differs else [name]
    assert same, "None was built."
    assert other == {}, f"{len(same)} are the same: {same}"


def samples(sdist: Path) -> list[str]:
    """Return the projects within an unpacked sdist, as paths below it."""
    files = (file for name in ("pyproject.toml", "setup.py") for file in sdist.rglob(name))
    return sorted({str(file.parent.relative_to(sdist)) for file in files if file.parent != sdist})


def compared(here: Path, across: Path) -> str:
    """Return in what the wheels in two directories differ."""
    (native,), (cross,) = (directory.glob("*.whl") for directory in (here, across))
    return Contents.from_wheel(native).difference(Contents.from_wheel(cross))
