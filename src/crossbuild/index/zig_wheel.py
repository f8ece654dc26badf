"""zig, which is on PyPI as the project ``ziglang``: from the indexes of all other distributions, and never built."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.tags import sys_tags
from packaging.version import Version

from crossbuild.errors import SourceError
from crossbuild.index.files import choose_wheel
from crossbuild.system.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.index.index import Index
    from crossbuild.reporting import Reporter

_PROJECT = "ziglang"


@dataclass(frozen=True, kw_only=True)
class ZigWheels:
    """The wheels of zig on ``index``."""

    index: Index
    reporter: Reporter
    """What hears how much has come."""

    def download(self, version: str, into: Path) -> Path:
        """Return the wheel of ``version`` for this machine, downloaded into the directory ``into``, its hash verified.

        Raises SourceError if there is none, and NetworkError.
        """
        # It is unpacked at once, so that keeping it in the cache would only take space.
        index = replace(self.index, cache=Cache(root=into))
        wheel = choose_wheel(index.list_all(_PROJECT), Version(version), tuple(sys_tags()))
        if wheel is None:
            raise SourceError(
                f"There is no wheel of {_PROJECT} {version} for this machine.",
                why=f"Looked at {index.settings.places}.",
            )
        return index.fetch(_PROJECT, wheel, reporter=self.reporter).path
