"""How much of a build is emulated, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.emulation.emulator import Loader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.emulation.emulator import Emulator


LEVELS = ("none", "programs", "python")
"""What of a build is emulated, the least first."""


def _nothing_higher(_: str, __: str) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Emulation:
    """What of a build can run although it is for the host: nothing, unless there is an emulator."""

    emulator: Emulator | None = None
    """What runs the programs that the build makes for the host; None if nothing does, or they run as they are."""
    python: Path | None = None
    """The host's Python, if the hooks run in it."""
    obstacle: str = ""
    """Why the kernel cannot start the emulator by itself, so that only tools that are told of it can."""
    why: str = ""
    """The reason for it, for reports."""
    higher: Callable[[str, str], Emulation | None] = _nothing_higher
    """Returns what a build gets that needs a higher level, and why; None if it has to do with this one."""

    @property
    def level(self) -> str:
        """The one of ``LEVELS``."""
        if self.python:
            return "python"
        return "programs" if self.emulator else "none"

    def raised(self, level: str, why: str) -> Emulation | None:
        """Return what a build gets that needs ``level``; None if that is no higher than this one, or cannot be."""
        return self.higher(level, why) if LEVELS.index(level) > LEVELS.index(self.level) else None

    @property
    def by(self) -> str:
        """What runs the host's programs, for messages."""
        return self.emulator.source if self.emulator else "this machine's kernel"

    @property
    def facts(self) -> dict[str, str]:
        """What reports say of it; nothing if nothing is emulated."""
        return {} if self.level == "none" else {"level": self.level, "by": self.by, "why": self.why}

    @property
    def before(self) -> tuple[str, ...]:
        """The beginning of the command that runs each hook."""
        from crossbuild.emulation.namespace import in_namespace

        return () if self.emulator is None or self.obstacle else in_namespace(self.emulator)

    @property
    def before_python(self) -> tuple[str, ...]:
        """The beginning of the command that starts the host's Python; nothing if the kernel does it."""
        # A loader is told of the libraries of the Python's root, while the kernel's may be this machine's.
        needs = self.obstacle or isinstance(self.emulator, Loader)
        return self.emulator.command if self.emulator and needs else ()


NO_EMULATION = Emulation()
