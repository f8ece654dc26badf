"""The line that a set of packages ends with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.terminal.live import duration
from crossbuild.wheels.distribution import How

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a command did with several packages."""

    noun: str
    """What they are: ``wheel``."""
    outcomes: Counter[str]
    """How many came to be here in which way: see :class:`How`."""
    failed: int = 0
    staying: int = 0
    """How many the host had already."""
    seconds: float
    where: Path
    facts: tuple[str, ...] = ()
    """What else is to be said, a clause each."""

    def __str__(self) -> str:
        """Return ``5 wheels: 3 built, 2 downloaded, in 48 s → wheelhouse/``."""
        count = self.outcomes.total() + self.staying + self.failed
        noun = f"{'package' if self.failed else self.noun}{'' if count == 1 else 's'}"
        told = f"{count} {noun}: {', '.join(self._parts()) or 'nothing to do'}, in {duration(self.seconds)}"
        return "; ".join((f"{told} → {shown_directory(self.where)}", *self.facts))

    def _parts(self) -> Iterator[str]:
        yield from (f"{self.outcomes[how]} {how}" for how in How if self.outcomes[how])
        if self.staying:
            yield f"{self.staying} already installed"
        if self.failed:
            yield f"{self.failed} failed"


def shown_directory(directory: Path) -> str:
    """Return ``directory`` with a slash at its end: relative to the current one if it is in that."""
    here = Path(os.path.relpath(directory))
    return f"{directory.absolute() if '..' in here.parts else here}".rstrip("/") + "/"
