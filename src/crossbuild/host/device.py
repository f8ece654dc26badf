"""What a machine told of itself when it was asked, beyond its Python's own files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Device:
    """A running host, as ``crossbuild host capture`` found it."""

    markers: Mapping[str, str] = field(default_factory=dict)
    """Its marker environment (PEP 508)."""
    tags: tuple[str, ...] = ()
    """The wheel tags that it takes (PEP 425), the best first."""
    libraries: tuple[str, ...] = ()
    """The sonames of its shared libraries."""
    distributions: Mapping[str, str] = field(default_factory=dict)
    """The versions of what is installed for its Python, by normalised name."""
    cpu_features: tuple[str, ...] = ()
    """What the kernel says the CPU can do: ``neon``."""
