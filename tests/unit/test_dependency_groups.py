"""Dependency groups of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import UsageError
from crossbuild.requirements.groups import group_requirements

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """
[dependency-groups]
Test_Tools = ["pytest>8", {include-group = "base"}]
base = ["click; sys_platform == 'linux'"]
round = [{include-group = "round"}]
broken = ["no requirement"]
lacking = [{include-group = "absent"}]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_group_with_those_that_it_includes(project: Path) -> None:
    expected = ("pytest>8", 'click; sys_platform == "linux"')
    assert group_requirements("test-tools") == expected
    assert group_requirements(f"{project}/pyproject.toml:Test.Tools") == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bse", ["pyproject.toml has no dependency group 'bse'", "Did you mean base?"]),
        ("empty/pyproject.toml:base", ["empty/pyproject.toml has no dependency group", "no [dependency-groups]"]),
        ("absent/pyproject.toml:base", ["absent/pyproject.toml could not be read"]),
        ("setup.cfg:base", ["setup.cfg is no pyproject.toml"]),
        ("round", ["'round' of pyproject.toml cannot be read", "round"]),
        ("broken", ["'broken' of pyproject.toml cannot be read", "no requirement"]),
        ("lacking", ["'lacking' of pyproject.toml cannot be read", "absent"]),
    ],
)
def test_no_such_group(project: Path, text: str, words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        group_requirements(text)
    assert not [word for word in words if word not in str(caught.value)], str(caught.value)
