"""The first build of all, with nothing in the cache but zig itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands import PROJECTS
from tests.cross.ways import SYNTHESISED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild

pytestmark = pytest.mark.cross


@pytest.mark.matrix
def test_a_first_package_in_c_waits_for_no_c_plus_plus_library(
    crossbuild: Crossbuild, zig: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    (cache / "zig-compiler").mkdir(parents=True)
    version = zig.parent.parent
    (cache / "zig-compiler" / version.name).symlink_to(version)
    environ = {"CROSSBUILD_CACHE_DIR": str(cache)}
    project = PROJECTS / "setuptools-c"
    done = crossbuild(
        "wheel", project, "--toolchain", "zig", "-w", tmp_path / "wheels", host=SYNTHESISED, environ=environ
    )
    assert done.returncode == 0, done.stderr
    kept = sorted(file.name for file in (cache / "zig").glob("o/*/*"))
    assert [name for name in kept if name.startswith(("libc++", "libunwind"))] == []
    assert kept, "this is where zig keeps what it compiles"
    assert "zig first compiles parts of its C library" in done.stderr
    assert "C++" not in done.stderr


@pytest.mark.matrix
def test_a_newer_glibc_takes_the_c_plus_plus_library_that_is_there(
    crossbuild: Crossbuild, zig: Path, tmp_path: Path
) -> None:
    """What is in a cache that has nothing else is what zig had to compile."""
    project = PROJECTS / "setuptools-cxx"

    def build(tag: str, environ: dict[str, str]) -> str:
        done = crossbuild("wheel", project, "--toolchain", "zig", "-w", tmp_path / tag, host=tag, environ=environ)
        assert done.returncode == 0, done.stderr
        return done.stderr

    build("manylinux_2_28_aarch64", {})
    known = zig.parents[2]
    (library,) = (known.parent / "zig").glob("c++-aarch64-linux-gnu*")
    cache = tmp_path / "cache"
    (cache / "zig" / library.name).parent.mkdir(parents=True)
    (cache / "zig" / library.name).symlink_to(library)
    (cache / known.name).symlink_to(known)
    assert "C++" not in build("manylinux_2_34_aarch64", {"CROSSBUILD_CACHE_DIR": str(cache)})
    kept = sorted(file.name for file in (cache / "zig").glob("o/*/*"))
    assert [name for name in kept if name.startswith(("libc++", "libunwind"))] == []
    assert kept, "this is where zig keeps what it compiles"
