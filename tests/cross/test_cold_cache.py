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
