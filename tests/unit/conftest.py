from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from crossbuild.system.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(root=tmp_path / "cache")


@pytest.fixture
def unprivileged() -> list[str]:
    """What starts a program for which permissions of files hold, as they do not for root."""
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"] if os.geteuid() == 0 else []
