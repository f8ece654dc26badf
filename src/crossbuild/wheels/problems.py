"""What can be wrong with a wheel, collected so that all of it is said at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["tags", "machine", "libc", "floor", "library", "name", "missing"]
"""The kinds of problems that :mod:`.explanations` knows the usual fix of."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One reason to refuse a wheel."""

    file: str
    """The file in the wheel, or the wheel's own name."""
    text: str
    """What is wrong with it: a clause that follows the file's name."""
    kind: Kind | None = None
    """None if there is no usual fix."""
    fix: str = ""
    """What to do about it, in sentences, instead of the usual fix of its kind."""
    tolerable: bool = False
    """Whether published wheels have it and work: it is a fault of a build only."""

    def __str__(self) -> str:
        """Return the line that an error shows."""
        return f"{self.file}: {self.text}"
