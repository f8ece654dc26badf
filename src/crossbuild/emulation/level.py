"""How much of a build is emulated, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.emulation.emulator import Emulator


def _nothing_higher(_: str) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Emulation:
    """What of a build can run although it is for the host: nothing, unless there is an emulator."""

    emulator: Emulator | None = None
    """What runs the programs that the build makes for the host."""
    obstacle: str = ""
    """Why the kernel cannot start the emulator by itself, so that only tools that are told of it can."""
    why: str = ""
    """The reason for it, for reports."""
    higher: Callable[[str], Emulation | None] = _nothing_higher
    """Returns what a build gets that needs more, for the reason that it is given; None if it has to do with this."""

    @property
    def level(self) -> str:
        """``none`` or ``programs``."""
        return "programs" if self.emulator else "none"

    @property
    def facts(self) -> dict[str, str]:
        """What reports say of it; nothing if there is no emulator."""
        return {"level": self.level, "by": self.emulator.source, "why": self.why} if self.emulator else {}

    @property
    def before(self) -> tuple[str, ...]:
        """The beginning of the command that runs each hook."""
        from crossbuild.emulation.namespace import in_namespace

        return () if self.emulator is None or self.obstacle else in_namespace(self.emulator)


NO_EMULATION = Emulation()
