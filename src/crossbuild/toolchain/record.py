"""What the compilers of one build were asked, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One run of a compiler or binary tool."""

    tool: str
    """``cc``, ``cxx``, ``ar``, ``fc`` …"""
    cwd: Path
    arguments: tuple[str, ...]
    status: int
    """The exit status."""

    @property
    def output(self) -> str | None:
        """What ``-o`` named, if anything."""
        for option, value in zip(self.arguments, self.arguments[1:], strict=False):
            if option == "-o":
                return value
        return None
