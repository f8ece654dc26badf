"""What one job has of its own, beside the others of its call: who hears of it, and how its project is built."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crossbuild.emulation.level import NO_EMULATION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.emulation.level import Emulation
    from crossbuild.native.jobserver import Jobserver
    from crossbuild.reporting import Reporter


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """One package's turn to be fetched or built, beside others."""

    reporter: Reporter
    jobserver: Jobserver | None = None
    """What its compilers share with those of other packages, if there are others."""
    # In order, not as a set: an error about a circle shows who required whom.
    building: tuple[str, ...] = ()
    """The host requirements that are being built, the outermost first: their normalised names."""
    config_settings: Mapping[str, str | list[str]] = field(default_factory=dict)
    """What the user said about the project: the options, and its line in a file. It overrides a configuration."""
    is_again: bool = False
    """Whether it is the second build of a project, under other circumstances than the first."""
    clock: Mapping[str, str] = field(default_factory=dict)
    """The variables that let what it starts see another time than this machine's."""
    emulation: Emulation = NO_EMULATION
    """What of its build can run although it is for the host."""
    host_requires: tuple[str, ...] = ()
    """Likewise the build requirements that the user added."""
    pins: Path | None = None
    """A requirements file with all build requirements of the project and their hashes, if its wheel is built again as
    it was: no others are installed, and the wheel is not taken from the cache."""
