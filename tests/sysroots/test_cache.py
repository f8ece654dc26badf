"""What ``crossbuild cache`` says of sysroots, and does to them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.cli.app import main
from crossbuild.sysroot.model import MANIFEST

if TYPE_CHECKING:
    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross


def cache(machine: Machine, *words: str) -> Any:
    assert main(["cache", *words, "--json"]) == 0
    return json.loads(machine.capsys.readouterr().out)


def test_sysroots_of_the_cache_are_cleared_and_your_own_stay(machine: Machine) -> None:
    own, shared = machine.made("libdemo-dev", "-o", machine.home / "root"), machine.made()
    info = cache(machine, "info")
    assert {"sysroot", "apt"} <= {one["kind"] for one in info["kinds"]}
    assert [one["path"] for one in info["elsewhere"]] == [str(own)]
    cleared = cache(machine, "clear")
    assert {"sysroot", "apt"} == {one["kind"] for one in cleared["removed"]}
    assert (machine.entries(), machine.listed()) == ([], [])
    assert (own / MANIFEST).is_file()
    assert machine.made() == shared


def test_the_limit_holds_after_a_sysroot_was_made(machine: Machine) -> None:
    """That, and the one that it was made from, are in use."""
    machine.made()
    second = machine.made("libdemo-dev")
    third = machine.made("libother-dev", "--cache-max-size", "1k")
    assert machine.entries() == sorted([second, third])
