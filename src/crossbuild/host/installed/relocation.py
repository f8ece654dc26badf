"""Where a host's recorded paths are on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.host.reading.files import follow

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Relocation:
    """A prefix as it was recorded and as it is."""

    prefix: Path
    """On this machine."""
    recorded: Path
    """On the host: ``/usr``."""
    sysroot: Path | None
    """What the host's ``/`` is on this machine; None if that is ``/`` too, or if nothing tells."""

    @classmethod
    def from_prefix(
        cls, prefix: Path, variables: Mapping[str, str | int], sysroot: Path | None, *, outer: Path
    ) -> Relocation:
        """Compare ``prefix`` with the one in ``variables``: ``ROOT/usr`` against ``/usr`` makes ``ROOT`` the sysroot.

        Where links led from ``outer`` to ``prefix``, either may be the one that was recorded. A ``sysroot`` that is
        given is believed. A prefix that was moved elsewhere has none.
        """
        recorded = Path(str(variables.get("prefix") or prefix))
        depth = len(recorded.parts) - 1
        # Every directory ends with the parts of /, so a prefix of / tells nothing.
        for here in (prefix, outer) if recorded.is_absolute() and depth else ():
            if sysroot is None and here.parts[-depth:] == recorded.parts[1:] and here != recorded:
                sysroot = here.parents[depth - 1]
        return cls(prefix=prefix, recorded=recorded, sysroot=sysroot)

    @property
    def root(self) -> Path | None:
        """The directory that the host's ``/`` is, this machine's ``/`` included; None if nothing tells."""
        if self.sysroot is None and self.prefix == self.recorded:
            return Path("/")
        return self.sysroot

    def find(self, recorded: str | int | None) -> Path | None:
        """Return where the host's directory ``recorded`` is on this machine; None if it is not there."""
        path = Path(os.path.normpath(str(recorded or "")))
        if not path.is_absolute():
            return None
        # Below the prefix first: one that was moved is not where the host's root would have it.
        places = [self.prefix / path.relative_to(self.recorded)] if path.is_relative_to(self.recorded) else []
        if self.root:
            places.append(self.root / path.relative_to("/"))
        real = (follow(place, root=self.sysroot) for place in places)
        return next((place for place in real if place.is_dir()), None)
