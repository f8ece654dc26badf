"""The document of the reference is the one that is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.json_reference import differences, documented, members, terms

if TYPE_CHECKING:
    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross


def test_the_members_of_a_sysroot_are_those_of_the_reference(machine: Machine) -> None:
    machine.made("libdemo-dev")
    printed = machine.run("list", "--json").json
    said = documented("sysroot")
    for document in (said, printed):
        packages = document["sysroots"][0].pop("packages")
        assert all(isinstance(version, str) for version in packages.values())
    assert not list(differences(said, printed))
    assert members(printed) == members(said)
    assert terms("sysroot") == members(said) - {"name", "directory"} | {"packages"}
