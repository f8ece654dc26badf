"""For tests in which nothing may be downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.errors import NetworkError

if TYPE_CHECKING:
    from pathlib import Path


class NoZig:
    """A source of zig that has none."""

    def download(self, version: str, into: Path) -> Path:
        raise NetworkError(f"zig {version} is not for {into}.")


NO_ZIG = NoZig()
