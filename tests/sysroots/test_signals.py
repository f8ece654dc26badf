"""Signals at any moment while a sysroot is made: no process and no part of a sysroot is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.breadth import alone
from tests.moments import Scene, run_moments
from tests.sysroots.machine import NOBLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross

SEEDS = [str(seed) for seed in range(11, 16)]


@pytest.fixture
def scene(machine: Machine, tmp_path: Path) -> Scene:
    (tmp_path / "tmp").mkdir()
    # Below the cache, so that all of it goes before each moment; the other machine's files stay.
    return Scene(
        arguments=["sysroot", "create", NOBLE, "libdemo-dev", *machine.sources, "-o", str(machine.cache / "made/root")],
        environ={**machine.environ, "TMPDIR": str(tmp_path / "tmp")},
        cwd=str(tmp_path),
        fresh=str(machine.cache),
        places=[str(machine.cache)],
    )


@pytest.mark.parametrize("seed", alone(SEEDS, quick=SEEDS[:1]))
def test_create(scene: Scene, seed: str) -> None:
    run_moments(scene, seed=seed, count=4 if seed in SEEDS[:1] else 16)
