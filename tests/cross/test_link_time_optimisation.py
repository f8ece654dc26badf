"""Archives of what GNU's compiler leaves to be optimised when it links."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.platform import Platform
from crossbuild.system.cache import Cache
from crossbuild.toolchain.compilers import prepare_compilers
from crossbuild.toolchain.find import find_toolchain
from crossbuild.toolchain.model import ToolchainRequest
from tests.no_zig import NO_ZIG

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.cross


def test_archives_have_the_symbols_of_what_is_in_them(gnu_aarch64: Path, tmp_path: Path) -> None:
    cache = Cache(root=tmp_path / "cache")
    toolchain = find_toolchain(
        Platform.from_tag("linux_aarch64"),
        request=ToolchainRequest(choice="gnu"),
        recorded_cc="",
        sysroot=None,
        cache=cache,
        environ={"PATH": f"{gnu_aarch64}:/usr/bin:/bin"},
        zig_source=NO_ZIG,
    )
    compilers = prepare_compilers(toolchain, cache)
    (tmp_path / "part.c").write_text("int part(void) { return 1; }\n")
    (tmp_path / "whole.c").write_text("int part(void); int whole(void) { return part(); }\n")
    commands: list[list[str | Path]] = [
        [compilers.cc, "-flto", "-fPIC", "-c", "part.c", "whole.c"],
        [compilers.ar, "rcs", "libpart.a", "part.o"],
        [compilers.ranlib, "libpart.a"],
        # Only so does the linker complain of a symbol that nothing has.
        [compilers.cc, "-flto", "-shared", "-Wl,-z,defs", "whole.o", "libpart.a", "-o", "whole.so"],
    ]
    for command in commands:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
