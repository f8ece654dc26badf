"""Numbers for people."""

from __future__ import annotations


def size_text(count: float) -> str:
    """Return a number of bytes for people: ``7.2 MB``, of 1000 kB."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count / 1e3:.1f} kB"
