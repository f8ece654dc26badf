"""The targets of one call, each made once, and by stages: described, then planned, then ready."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.session.described_target import DescribedTarget
    from crossbuild.session.stages import Stages
    from crossbuild.session.target import PlannedTarget, Target

_T = TypeVar("_T")


class Targets:
    """What was made of each stage, by the packages that the sysroot has in addition.

    Whoever asks first has it made and hears of it. Builds in other threads wait for it.
    """

    def __init__(self) -> None:
        # Reentrant, since making one stage asks for the one before. Builds that need the same target wait here instead
        # of making it twice.
        self._lock = threading.RLock()
        self._described: dict[frozenset[str], DescribedTarget] = {}
        self._planned: dict[frozenset[str], PlannedTarget] = {}
        self._ready: dict[frozenset[str], Target] = {}

    def described(self, stages: Stages) -> DescribedTarget:
        """Return the host as its files tell it."""
        return self._once(self._described, stages, stages.describe)

    def planned(self, stages: Stages) -> PlannedTarget:
        """Return what is known of the host before anything is compiled."""
        return self._once(self._planned, stages, lambda: stages.plan(self.described(stages)))

    def ready(self, stages: Stages) -> Target:
        """Return the host, ready to be built for."""
        return self._once(self._ready, stages, lambda: stages.prepare(self.planned(stages)))

    def _once(self, made: dict[frozenset[str], _T], stages: Stages, make: Callable[[], _T]) -> _T:
        with self._lock:
            # The packages are key enough: all sessions of a call have the same options as far as they describe the
            # host.
            if stages.packages not in made:
                made[stages.packages] = make()
            return made[stages.packages]
