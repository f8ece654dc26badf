"""Ways to compile the sample projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import BuiltWheels
    from tests.testbed.hosts import HostRoot

SYNTHESISED = "manylinux_2_28_aarch64"
"""A host that no Python describes."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A host and what compiles for it."""

    host: HostRoot | str
    platform: str
    """What the tags of its wheels say."""
    version: tuple[int, int]
    options: tuple[str, ...]
    compilers: Path | None = None

    @property
    def python(self) -> str:
        """What tags say of its Python: ``cp311``."""
        return "cp{}{}".format(*self.version)

    @property
    def suffix(self) -> str:
        """The suffix of its extension modules."""
        return ".cpython-{}{}-aarch64-linux-gnu.so".format(*self.version)

    def sample(self, built_wheels: BuiltWheels, name: str) -> Path:
        """Return the wheel of the sample project ``name``."""
        return built_wheels.sample(name, *self.options, host=self.host, compilers=self.compilers)
