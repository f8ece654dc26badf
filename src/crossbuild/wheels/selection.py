"""Which findings the user wants to hear of."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Self

from crossbuild.errors import UsageError
from crossbuild.wheels.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crossbuild.options.build_options import BuildOptions
    from crossbuild.wheels.findings import WheelFinding
    from crossbuild.wheels.rules import Rule

_ALWAYS = "malformed-wheel"
"""What cannot be read cannot be checked either."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The findings that count for a wheel, by their IDs."""

    select: frozenset[str] = frozenset()
    """Only these; empty for all."""
    ignore: frozenset[str] = frozenset()
    """None of these."""
    elsewhere: tuple[str, ...] = ()
    """Libraries, and patterns for them, that something other than the wheel provides."""

    @classmethod
    def for_project(cls, project: str, options: BuildOptions, *, select: Iterable[str] = ()) -> Self:
        """Return what ``options`` say of wheels of ``project``, with the configuration in them."""
        own = options.configuration.of(project).ignore
        ignore = frozenset((*options.ignore, *own))
        return cls(select=frozenset(select), ignore=ignore, elsewhere=options.repair.exclude)

    def without(self, ids: Iterable[str]) -> Self:
        """Return the selection that ignores ``ids``, too."""
        return replace(self, ignore=self.ignore.union(ids))

    def has_elsewhere(self, finding: WheelFinding) -> bool:
        """Return whether ``finding`` is only about a library that something else provides."""
        return bool(finding.library) and any(fnmatchcase(finding.library, pattern) for pattern in self.elsewhere)

    def takes(self, finding: WheelFinding) -> bool:
        """Return whether ``finding`` counts."""
        is_selected = not self.select or finding.id in self.select
        return finding.id == _ALWAYS or (is_selected and finding.id not in self.ignore)


ALL = Selection()
"""Every finding counts."""


def find_rule(id_: str) -> Rule:
    """Return the rule of that ID. Raises UsageError, naming those that are near."""
    if id_ in RULES:
        return RULES[id_]
    near = difflib.get_close_matches(id_, RULES, n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`crossbuild explain` lists all."
    raise UsageError(f"There is no finding {id_}.", fix=hint)


def check_ignored(ids: Iterable[str]) -> None:
    """Raise UsageError if one of ``ids`` is of no finding, or of one that cannot be ignored."""
    for id_ in ids:
        if find_rule(id_).id == _ALWAYS:
            raise UsageError(f"{id_} cannot be ignored.", why="What is in such a wheel is not known.")


def check_selections(options: BuildOptions) -> None:
    """Raise UsageError if ``options``, or the configuration in them, ignore what cannot be ignored."""
    check_ignored(options.ignore)
    for name, settings in options.configuration.packages.items():
        try:
            check_ignored(settings.ignore)
        except UsageError as error:
            raise UsageError(f"ignore of [packages.{name}]: {error.what}", why=error.why, fix=error.fix) from None
