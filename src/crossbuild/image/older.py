"""The unfinished change that an older crossbuild left in a root.

It kept no copies of the files that it removed or replaced, and another file may keep it from going on. So everything
that it touches is removed, and the packages can be installed again.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Self

from crossbuild.image.renames import confine, of_kind

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class OlderPlan:
    """A change that has begun. Paths are relative to the root."""

    paths: tuple[str, ...]
    """What it writes and removes."""
    kept: frozenset[str]
    """The directories that stay, even if empty."""

    @classmethod
    def from_facts(cls, facts: Any) -> Self:
        """Read the plan. Raises KeyError or TypeError for anything else."""
        removals, kept = (of_kind(facts[name], list) for name in ("removals", "kept"))
        return cls(paths=(*removals, *of_kind(facts["writes"], dict)), kept=frozenset(kept))

    @property
    def packages(self) -> list[str]:
        """The packages whose files it writes or removes."""
        parts = {part for path in self.paths for part in PurePosixPath(path).parts if part.endswith(".dist-info")}
        return sorted({part.partition("-")[0] for part in parts})

    def undo(self, root: Path) -> None:
        """Remove all that the change touches. Raises OSError, and ValueError for files outside of ``root``."""
        confine(root, self.paths)
        for path in self.paths:
            if os.path.lexists(root / path):
                (root / path).unlink()
        parents = {parent for path in self.paths for parent in PurePosixPath(path).parents if parent.name}
        # The innermost first: a directory sorts before what is in it.
        for parent in sorted(parents, reverse=True):
            if str(parent) not in self.kept:
                with suppress(OSError):
                    (root / parent).rmdir()
