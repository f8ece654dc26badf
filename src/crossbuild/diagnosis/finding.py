"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self, TypeVar

from crossbuild.errors import CrossbuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

State = Literal["ok", "warning", "problem", "absent"]
"""``warning``: builds may fail for it. ``problem``: all do. ``absent``: only some builds want it, or not tried."""
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was looked at, and how it is."""

    subject: str
    """``build Python``"""
    state: State
    detail: str
    """What is there, or what is wrong with it; may be several lines."""
    remedy: str = ""
    """What to do, and where possible the line to type."""
    exit_code: int = 0
    """Of a problem: that of the class of errors which a build would end with."""

    @classmethod
    def from_error(cls, subject: str, error: CrossbuildError) -> Self:
        """Return the problem that ``error`` is."""
        detail = "\n".join(filter(None, (error.what, error.why)))
        return cls(subject=subject, state="problem", detail=detail, remedy=error.fix, exit_code=error.exit_code)

    @classmethod
    def not_tried(cls, subject: str, reason: str) -> Self:
        """Return that ``subject`` could not be looked at."""
        return cls(subject=subject, state="absent", detail=f"not tried: {reason}")


def attempt(subject: str, work: Callable[[], tuple[_T, str]]) -> tuple[Finding, _T | None]:
    """Return what ``work`` returns, whose second part says what is there; the problem and None if it raises."""
    try:
        result, detail = work()
    except CrossbuildError as error:
        return Finding.from_error(subject, error), None
    return Finding(subject=subject, state="ok", detail=detail), result


def exit_code_of(findings: Iterable[Finding]) -> int:
    """Return the exit code of the first problem, 0 if there is none."""
    return next((finding.exit_code for finding in findings if finding.state == "problem"), 0)
