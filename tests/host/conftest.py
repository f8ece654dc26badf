from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

from crossbuild.cache import digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.build_python import BuildPython
    from tests.testbed.bed import Bed


@pytest.fixture(scope="session")
def installed(bed: Bed, build_python: Callable[[tuple[int, int]], BuildPython]) -> Callable[..., Path]:
    """A function that installs wheels of the index for this machine and a Python version, and returns where."""

    def install(*requirements: str, version: tuple[int, int] = (3, 11)) -> Path:
        python = build_python(version).executable

        def make(scratch: Path) -> None:
            command: list[str | Path] = [
                find_uv_bin(),
                "pip",
                "install",
                "--quiet",
                "--only-binary=:all:",
                "--python",
                python,
            ]
            bed.run([*command, "--target", scratch, *requirements])

        return bed.cache.entry("installed", digest(requirements, version), make)

    return install
