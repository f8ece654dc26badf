"""The targets of one call, each made once, and by stages: described, then planned, then ready.

Nobody makes a stage by himself: what asks first gets it made, and others, in other threads, wait for it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.session.described_target import DescribedTarget
    from crossbuild.session.target import PlannedTarget, Target

_T = TypeVar("_T")
Packages = frozenset[str]
"""What a target's sysroot has in addition: names of the distribution's packages."""


class Targets:
    """What was made of each stage, by the packages that were added to the sysroot."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._described: dict[Packages, DescribedTarget] = {}
        self._planned: dict[Packages, PlannedTarget] = {}
        self._ready: dict[Packages, Target] = {}

    def described(self, packages: Packages, describe: Callable[[], DescribedTarget]) -> DescribedTarget:
        """Return the host as its files tell it; the first time by ``describe``."""
        return self._once(self._described, packages, describe)

    def planned(self, packages: Packages, plan: Callable[[], PlannedTarget]) -> PlannedTarget:
        """Return what is known before anything is compiled; the first time by ``plan``."""
        return self._once(self._planned, packages, plan)

    def ready(self, packages: Packages, prepare: Callable[[], Target]) -> Target:
        """Return what can be built for; the first time by ``prepare``."""
        return self._once(self._ready, packages, prepare)

    def _once(self, made: dict[Packages, _T], packages: Packages, make: Callable[[], _T]) -> _T:
        with self._lock:
            if packages not in made:
                made[packages] = make()
            return made[packages]
