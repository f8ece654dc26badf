from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(root=tmp_path / "cache")
