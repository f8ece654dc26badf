"""Parts of a log that a CI service shows folded.

GitHub: "Workflow commands for GitHub Actions". GitLab: "Custom collapsible sections" of its documentation of job logs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_COMMAND = re.compile(r"^(\s*)(?=::|##\[)", re.MULTILINE)
"""Before what GitHub's runner would take for a command."""


class Groups(Protocol):
    """How a service's log marks the parts that it folds."""

    def opening(self, title: str, time: float) -> str:
        """Return the line that begins a part, at ``time`` in seconds since 1970."""

    def closing(self, time: float) -> str:
        """Return the line that ends the part that was begun last."""

    def harmless(self, text: str) -> str:
        """Return ``text`` so that the service takes nothing in it for a command."""


@dataclass(frozen=True, kw_only=True)
class GitHubGroups:
    """``::group::``; they have no parts of their own."""

    def opening(self, title: str, time: float) -> str:
        return f"::group::{title}"

    def closing(self, time: float) -> str:
        return "::endgroup::"

    def harmless(self, text: str) -> str:
        return _COMMAND.sub(r"\1| ", text)


@dataclass(kw_only=True)
class GitLabSections:
    """``section_start``; each needs a name of its own, and the times that GitLab shows beside it."""

    _number: int = 0
    _name: str = ""

    def opening(self, title: str, time: float) -> str:
        self._number += 1
        # With the time, because a job may run several commands.
        self._name = f"crossbuild_{time:.0f}_{self._number}"
        return f"{self._mark('start', time)}[collapsed=true]\r\x1b[0K{title}"

    def closing(self, time: float) -> str:
        return f"{self._mark('end', time)}\r\x1b[0K"

    def harmless(self, text: str) -> str:
        return text

    def _mark(self, kind: str, time: float) -> str:
        return f"\x1b[0Ksection_{kind}:{time:.0f}:{self._name}"


def groups_of(environ: Mapping[str, str]) -> Groups | None:
    """Return how the log of the CI service whose job this is folds its parts; None if it is not one that does."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return GitHubGroups()
    return GitLabSections() if environ.get("GITLAB_CI") == "true" else None


@dataclass(kw_only=True)
class Folding:
    """One part at a time, which begins with its first line, so that none is empty."""

    groups: Groups
    write: Callable[[str], None]
    clock: Callable[[], float]
    _title: str = ""
    _since: float | None = None
    _is_open: bool = False

    def begin(self, title: str, *, since: float | None = None) -> None:
        """Let the lines that come be in a part called ``title``, until :meth:`end`.

        ``since``: when it began, if that is not when its first line comes.
        """
        self.interrupt()
        self._title, self._since = title, since

    def inside(self) -> None:
        """Open the part that was begun, if one was: a line in it comes."""
        if self._title and not self._is_open:
            self.write(self.groups.opening(self._title, self._since or self.clock()))
            self._is_open = True

    def interrupt(self) -> None:
        """Close the part for a line that is to be seen."""
        if self._is_open:
            self.write(self.groups.closing(self.clock()))
            self._is_open = False

    def end(self) -> None:
        """End the part."""
        self.interrupt()
        self._title = ""

    @classmethod
    def from_environ(
        cls, environ: Mapping[str, str], *, write: Callable[[str], None], clock: Callable[[], float]
    ) -> Self | None:
        """Return that of the CI service that ``environ`` is of, if it is one."""
        groups = groups_of(environ)
        return cls(groups=groups, write=write, clock=clock) if groups else None
