"""Changes that a user makes to the environment of builds, in crossenv's notation."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self, get_args

from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Operator = Literal["=", "?=", "+=", ":="]
"""Set; set unless it is set; append; append after a colon, as to ``PATH``."""

_CHANGE = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)(?P<operator>[?+:]?=)(?P<value>.*)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class EnvironmentChange:
    """What is to become of one variable."""

    name: str
    operator: Operator
    value: str

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read ``NAME=VALUE``, ``NAME?=VALUE``, ``NAME+=VALUE`` or ``NAME:=VALUE``. Raises UsageError."""
        found = _CHANGE.fullmatch(text)
        if not found:
            raise UsageError(
                f"{text!r} changes no variable.", fix="Say NAME=VALUE, NAME?=VALUE, NAME+=VALUE or NAME:=VALUE."
            )
        # Looked up among the literals, so that type checkers know that it is one of them.
        (operator,) = (one for one in get_args(Operator) if one == found["operator"])
        return cls(name=found["name"], operator=operator, value=found["value"])

    def made_to(self, present: str | None) -> str:
        """Return what the variable is afterwards; ``present`` is what it is before, None if it is not set."""
        if present is None or self.operator == "=":
            return self.value
        # Not as in make, whose ``+=`` adds a blank, and whose ``:=`` replaces.
        return {"?=": present, "+=": present + self.value, ":=": f"{present}{os.pathsep}{self.value}"}[self.operator]


def changed(environ: Mapping[str, str], changes: Iterable[EnvironmentChange]) -> dict[str, str]:
    """Return ``environ`` after ``changes``, one after another."""
    variables = dict(environ)
    for change in changes:
        variables[change.name] = change.made_to(variables.get(change.name))
    return variables
