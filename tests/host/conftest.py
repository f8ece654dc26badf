from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

from crossbuild.system.cache import digest
from tests.host.building import Builder
from tests.reports import WAYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed


@pytest.fixture(scope="session")
def installed(bed: Bed, build_python: Callable[[tuple[int, int]], BuildPython]) -> Callable[..., Path]:
    """A function that installs wheels of the index for a Python version, and returns where.

    They are for this machine, or for the platform that uv calls so: ``aarch64-manylinux_2_28``.
    """

    def install(*requirements: str, version: tuple[int, int] = (3, 11), platform: str = "") -> Path:
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
            command += ["--python-platform", platform] if platform else []
            bed.run([*command, "--target", scratch, *requirements])

        return bed.cache.entry("installed", digest(requirements, version, *filter(None, [platform])), make)

    return install


@pytest.fixture
def builder(way: str, request: pytest.FixtureRequest, crossbuild: Crossbuild) -> Builder:
    """What builds in the way that a test's parameter names."""
    host, release, compilers = WAYS[way]
    return Builder(
        crossbuild=crossbuild,
        host=request.getfixturevalue(host),
        release=release,
        compilers=request.getfixturevalue(compilers) if compilers else None,
    )
