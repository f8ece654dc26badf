"""What one job has of its own, beside the others of its call: who hears of it, and what it shares with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossbuild.native.jobserver import Jobserver
    from crossbuild.reporting import Reporter


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """One package's turn to be fetched or built, beside others."""

    reporter: Reporter
    jobserver: Jobserver | None = None
    """What its compilers share with those of other packages, if there are others."""
    building: tuple[str, ...] = ()
    """The host requirements that are being built, the outermost first: their normalised names."""
