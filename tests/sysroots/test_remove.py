"""Removing packages from sysroots, and sysroots."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sysroots.machine import NOBLE

if TYPE_CHECKING:
    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross

HEADER = "usr/include/demo.h"


def test_removing_a_package(machine: Machine) -> None:
    machine.made("libdemo-dev", "libother-dev")
    ended = machine.run("remove", NOBLE, "libdemo-dev", *machine.sources, "--json")
    assert ended.code == 0, ended.err
    root = Path(ended.json["sysroots"][0]["directory"])
    assert not (root / HEADER).exists()
    assert not (root / "usr/share/demo").exists(), "only libdemo-dev needed demo-data"
    assert (root / "usr/lib/aarch64-linux-gnu/libdemo.so.1").is_file(), "libother-dev needs libdemo1"


def test_removing_a_package_that_was_asked_for_with_its_version(machine: Machine) -> None:
    machine.made("libdemo-dev=1.0-1")
    ended = machine.run("remove", NOBLE, "libdemo-dev", *machine.sources, "--json")
    assert ended.code == 0, ended.err
    assert ended.json["sysroots"][0]["requested"] == []


@pytest.mark.parametrize("package", ["libc6-dev", "libdemo1", "libnot-there-dev"])
def test_what_was_not_asked_for_cannot_be_removed(machine: Machine, package: str) -> None:
    root = machine.made("libdemo-dev")
    ended = machine.run("remove", NOBLE, package, *machine.sources)
    assert ended.code == 11
    assert package in ended.err
    assert "libdemo-dev" in ended.err
    assert machine.made() == root


def test_removing_a_sysroot(machine: Machine) -> None:
    machine.made()
    machine.made("libdemo-dev")
    assert machine.run("remove", NOBLE, *machine.sources).code == 0
    assert machine.entries() == []
    assert machine.listed() == []
    assert (machine.made("libdemo-dev") / HEADER).is_file()


def test_removing_can_be_taken_up_again(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it ended, the same command removes what is left, and nothing of it passes for a sysroot before."""
    machine.made()
    machine.added("libdemo-dev")
    machine.added("libother-dev")
    times = 0
    while remove_interrupted(machine, monkeypatch, after=times):
        times += 1
        assert {str(entry) for entry in machine.entries()} >= {str(one["directory"]) for one in machine.listed()}
    assert times > 1
    assert machine.entries() == []
    assert not list((machine.cache / "sysroot").rglob("stdio.h")), "no space is lost"
    assert machine.run("remove", NOBLE, *machine.sources).code == 11, "it is gone for good"


def remove_interrupted(machine: Machine, monkeypatch: pytest.MonkeyPatch, *, after: int) -> bool:
    """Remove, with an interrupt at the tree of the cache that follows ``after`` others; return whether it came."""
    left = after
    real = shutil.rmtree

    def rmtree(tree: Path, *, ignore_errors: bool = False) -> None:
        nonlocal left
        left -= tree.is_relative_to(machine.cache)  # others are temporary
        if left < 0:
            raise KeyboardInterrupt
        real(tree, ignore_errors=ignore_errors)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", rmtree)
        ended = machine.run("remove", NOBLE, *machine.sources)
    assert ended.code in {0, 130}, ended.err
    return ended.code == 130


def test_removing_leaves_others(machine: Machine) -> None:
    armhf = machine.made(name="ubuntu:noble:armhf")
    machine.made()
    other = machine.run("create", NOBLE, "--mirror", f"{machine.server.url}/.", "--keyring", machine.repository.keyring)
    assert other.code == 0, other.err
    assert machine.run("remove", NOBLE, *machine.sources).code == 0
    left = machine.entries()
    assert armhf in left
    assert len(left) == 2, "that of the other mirror is left too"
