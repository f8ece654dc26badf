"""``--env``: the four ways to change a variable, as crossenv's help describes them."""

from __future__ import annotations

import pytest

from crossbuild.errors import UsageError
from crossbuild.options.environment_changes import EnvironmentChange, changed


def after(environ: dict[str, str], *texts: str) -> dict[str, str]:
    return changed(environ, map(EnvironmentChange.from_text, texts))


@pytest.mark.parametrize(
    ("text", "unset", "present"),
    [
        ("A=b", "b", "b"),
        ("A?=b", "b", "a"),
        ("A+=b", "b", "ab"),
        ("A:=b", "b", "a:b"),
        ("A=", "", ""),
        ("  A=b", "b", "b"),
        ("A= b", " b", " b"),
        ("A==b", "=b", "=b"),
        ("A=b\nc", "b\nc", "b\nc"),
    ],
)
def test_one_change(text: str, unset: str, present: str) -> None:
    assert after({}, text) == {"A": unset}
    assert after({"A": "a", "B": "other"}, text) == {"A": present, "B": "other"}


def test_an_empty_variable_is_set() -> None:
    assert after({"A": ""}, "A?=b") == {"A": ""}


def test_changes_are_made_in_their_order() -> None:
    assert after({"PATH": "/bin"}, "PATH:=/x", "FLAGS=-a", "FLAGS+= -b", "PATH:=/y", "FLAGS?=-c") == {
        "PATH": "/bin:/x:/y",
        "FLAGS": "-a -b",
    }


@pytest.mark.parametrize("text", ["A", "", "=b", "A-B=c", "1A=b", "A -= b", "A =b", "A!=b", "A\x00=b"])
def test_what_changes_nothing(text: str) -> None:
    with pytest.raises(UsageError, match="NAME:=VALUE"):
        EnvironmentChange.from_text(text)
