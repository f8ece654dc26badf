"""What a user says about a host beyond its name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class HostRequest:
    """What is known better than the host's own files say; every part may be left open."""

    abi_flags: str | None = None
    """``t``, ``d`` or both: of several Pythons the one that is meant, or that of a host which is only a tag."""
    sysconfigdata: Path | None = None
    """The file with the host's build variables, where it has several or none."""
    headers: Path | None = None
    """The directory with the host's ``Python.h`` and ``pyconfig.h``."""
    machine: str | None = None
    """What ``uname -m`` says on the host, where its files leave that open: ``armv6l``."""
    platform_tags: tuple[str, ...] = ()
    """The platform tags whose wheels the host takes, all of them: ``manylinux_2_28_aarch64``."""
    config_vars: Mapping[str, str] = field(default_factory=dict)
    """Build variables to hold instead of the host's own."""

    def over(self, other: Self) -> Self:
        """Return this request, and what it leaves open as ``other`` has it; variables are merged by name."""
        said = {name: value for name, value in vars(self).items() if value not in (None, ())}
        return replace(other, **{**said, "config_vars": {**other.config_vars, **self.config_vars}})
