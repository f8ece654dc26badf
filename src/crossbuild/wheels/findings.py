"""What is found wrong with a wheel, collected so that all of it is said at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.errors import AuditError
from crossbuild.wheels.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from crossbuild.wheels.rules import Rule, Severity

_SHOWN = 4
"""How many symbols a finding names."""


@dataclass(frozen=True, kw_only=True)
class WheelFinding:
    """One reason to refuse a wheel, or to warn of it."""

    id: str
    """Of its rule."""
    file: str
    """The file in the wheel, or the wheel's own name."""
    text: str
    """What is wrong with it: a clause that follows the file's name."""
    fix: str = ""
    """What to do about it, in sentences; empty if nothing is known but what the rule says."""
    library: str = ""
    """The library that the host may not have, if that is all that is wrong."""
    tolerable: bool = False
    """Whether published wheels have it and work, so that they are used all the same."""
    of_build: bool = False
    """Whether it is a fault of the build only: no wheel that somebody else built is refused for it."""
    spared: bool = False
    """Whether the wheel was not refused for it: it was tolerated, or the user waived it."""

    @property
    def rule(self) -> Rule:
        """What is behind it."""
        return RULES[self.id]

    @property
    def severity(self) -> Severity:
        """An error refuses the wheel."""
        return "warning" if self.spared else self.rule.severity

    @property
    def message(self) -> str:
        """What is wrong, and what to do where that is known of this one, in sentences."""
        return f"{self.file}: {self.text}." + (f" {self.fix}" if self.fix else "")

    @property
    def warning(self) -> str:
        """The line that a warning shows, with the ID in the end."""
        return f"{self.message} [{self.id}]"

    def __str__(self) -> str:
        """Return the line that an error shows, with the ID in the end."""
        return f"{self.file}: {self.text} [{self.id}]"


def listed(names: Collection[str], why: Callable[[str], str] = lambda _: "") -> str:
    """Return some of ``names``, and how many more there are; those with the same reason ``why`` stand before it."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names)[:_SHOWN]:
        groups.setdefault(why(name), []).append(name)
    parts = (f"{', '.join(group)}{f', {reason}' if reason else ''}" for reason, group in groups.items())
    more = f", and {len(names) - _SHOWN} more symbols" if len(names) > _SHOWN else ""
    return "; ".join(parts) + more


class RefusedWheelError(AuditError):
    """The wheel was refused. ``findings``: the errors that it was refused for, and the warnings."""

    def __init__(self, what: str, *, why: str, fix: str, findings: Sequence[WheelFinding]) -> None:
        super().__init__(what, why=why, fix=fix)
        self.findings = tuple(findings)
