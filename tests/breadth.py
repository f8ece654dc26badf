"""Cases of a test: those that prove its promise, for every run, and the breadth beyond them, for the matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from _pytest.mark import ParameterSet


def cases(every: Iterable[tuple[str, ...]], *, quick: Collection[tuple[str, ...]]) -> list[ParameterSet]:
    """Return ``every`` case as a parameter; those that are not ``quick`` run in the matrix alone."""
    listed = list(every)
    unknown = set(quick) - set(listed)
    assert not unknown, f"{unknown} would never be run"
    return [pytest.param(*case, marks=() if case in quick else pytest.mark.matrix) for case in listed]


def alone(every: Iterable[str], *, quick: Collection[str]) -> list[ParameterSet]:
    """Return what :func:`cases` does, for tests with one parameter."""
    return cases([(one,) for one in every], quick=[(one,) for one in quick])
