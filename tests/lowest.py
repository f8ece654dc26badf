"""In tox's environment ``lowest``, each dependency has the version that ``pyproject.toml`` declares as its lowest.

If another dependency requires a higher version, the declared one is untested: declare the installed one instead.
"""

from __future__ import annotations

from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.unit.test_dependencies import PROJECT, group


@pytest.mark.parametrize("text", sorted({*PROJECT["dependencies"], *group("test")}))
def test_the_lowest_version_is_installed(text: str) -> None:
    requirement = Requirement(text)
    [bound] = requirement.specifier
    assert Version(version(requirement.name)) == Version(bound.version)
