"""``[tool.crossbuild]``: read where it is, and refused where it says what nobody understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.configuration import Configuration
from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

TABLE = '[packages.LXML]\nsysroot-packages = ["libxml2-dev"]\n'


def test_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "crossbuild.toml").write_text(TABLE)
    (tmp_path / "pyproject.toml").write_text("[tool.crossbuild.packages.lxml]\nsysroot-packages = []\n")
    assert Configuration.from_directory(tmp_path).of("lxml").sysroot_packages == ("libxml2-dev",)


def test_in_the_projects(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE.replace("[", "[tool.crossbuild.", 1))
    assert Configuration.from_directory(tmp_path).of("LXML").sysroot_packages == ("libxml2-dev",)


def test_nowhere(tmp_path: Path) -> None:
    assert Configuration.from_directory(tmp_path).of("lxml").sysroot_packages == ()


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("[packags.lxml]", "Did you mean packages?"),
        ("[packages.lxml]\nsysroot-package = []", "Did you mean sysroot-packages?"),
        ("[packages.lxml]\nsysroot-packages = 'libxml2-dev'", "not a list"),
        ("packages = 1", "not a table"),
        ("[packages", "cannot be read"),
    ],
)
def test_what_cannot_be_meant(text: str, fact: str, tmp_path: Path) -> None:
    (tmp_path / "crossbuild.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        Configuration.from_directory(tmp_path)
    assert fact in str(caught.value)
    assert "crossbuild.toml" in str(caught.value)
