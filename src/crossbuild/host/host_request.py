"""What a user says about a host beyond its name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.host.model import Variables


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


def python_from_text(text: str) -> tuple[tuple[int, int], str | None]:
    """Return the version in ``3.13`` or ``3.13t``, and its ABI flags, None if it has none. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,3})(t?d?)", text, re.ASCII)
    if not found:
        raise UsageError(f"{text!r} is not X.Y, such as 3.12, or 3.13t for a free-threaded Python.")
    return (int(found[1]), int(found[2])), found[3] or None


def with_config_vars(variables: Variables, config_vars: Mapping[str, str]) -> dict[str, str | int]:
    """Return build variables with the user's instead of their own; a number takes the place of a number."""
    number = {name for name, value in config_vars.items() if isinstance(variables.get(name), int) and _is_int(value)}
    return {**variables, **{name: int(value) if name in number else value for name, value in config_vars.items()}}


def _is_int(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,19}", text, re.ASCII) is not None
