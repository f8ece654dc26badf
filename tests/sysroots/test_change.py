"""Adding to sysroots, removing from them, and removing them: what others use stays as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.sysroots.machine import MANIFEST, NOBLE, tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sysroots.machine import Ended, Machine

pytestmark = pytest.mark.cross

HEADER = "usr/include/demo.h"
OTHER = "usr/include/other.h"


def test_a_shared_one_is_made_once(machine: Machine) -> None:
    first = machine.made()
    asked = list(machine.server.asked)
    assert machine.made() == first
    assert machine.server.asked == asked


def test_adding_disturbs_nobody(machine: Machine) -> None:
    base = machine.made()
    before = tree(base)
    layer = machine.added("libdemo-dev")
    assert (layer / HEADER).is_file()
    assert tree(base) == before
    assert (layer / "usr/bin/python3.12").samefile(base / "usr/bin/python3.12"), "what is the same is there once"
    assert not (layer / "var/lib/dpkg/status").samefile(base / "var/lib/dpkg/status")
    assert [one["directory"] for one in machine.listed()] == [str(layer)], "it is the shared one from now on"


def test_only_what_is_new_is_downloaded(machine: Machine) -> None:
    machine.made()
    machine.server.asked.clear()
    machine.added("libdemo-dev")
    assert sorted(machine.server.downloads()) == [
        "demo-data_1.0-1_all.deb",
        "libdemo-dev_1.0-1_arm64.deb",
        "libdemo1_1.0-1_arm64.deb",
    ]


def test_what_was_added_stays(machine: Machine) -> None:
    machine.made("libdemo-dev")
    root = machine.added("libother-dev")
    assert (root / HEADER).is_file()
    assert (root / OTHER).is_file()
    assert machine.made() == root


def test_it_does_not_matter_when_something_was_added(machine: Machine) -> None:
    machine.made()
    in_steps = machine.added("libdemo-dev")
    at_once = machine.made("libdemo-dev", "-o", machine.home / "root")
    assert tree(in_steps).keys() == tree(at_once).keys()
    different = {name for name, content in tree(in_steps).items() if content != tree(at_once)[name]}
    assert different <= {"var/lib/dpkg/status"}, "which has the order"


def test_what_is_there_is_not_added_again(machine: Machine) -> None:
    root = machine.made("libdemo-dev")
    machine.server.asked.clear()
    assert machine.added("libdemo-dev") == root
    assert machine.server.downloads() == []


def test_adding_after_the_archive_has_moved_on(machine: Machine) -> None:
    """The new library wants a newer libdemo1 than the sysroot has: it gets that one, and the old root keeps its own."""
    old = machine.made("libother-dev")
    repository = machine.repository
    library = replace(
        repository.package("libdemo1"), version="1.1-1", files={"/usr/lib/aarch64-linux-gnu/libdemo.so.1": "1.1"}
    )
    repository.upgrade(library)
    repository.upgrade(replace(repository.package("libdemo-dev"), version="1.1-1", depends="libdemo1 (= 1.1-1)"))
    before = tree(old)
    new = machine.added("libdemo-dev")
    assert (new / "usr/lib/aarch64-linux-gnu/libdemo.so.1").read_text() == "1.1"
    assert tree(old) == before
    status = (new / "var/lib/dpkg/status").read_text()
    assert status.count("Package: libdemo1\n") == 1
    assert "Version: 1.1-1\n" in status


def test_files_of_an_older_version_are_gone(machine: Machine) -> None:
    machine.made("libother-dev")
    machine.repository.upgrade(
        replace(machine.repository.package("libother-dev"), version="2.0-1", files={"/usr/include/other2.h": ""})
    )
    root = machine.added("libdemo-dev")
    assert (root / "usr/include/other2.h").exists() != (root / OTHER).exists(), "both versions at once are neither"


class TestInADirectory:
    """With -o."""

    @pytest.fixture
    def root(self, machine: Machine) -> Path:
        return machine.made("libother-dev", "-o", machine.home / "root")

    def test_adding(self, machine: Machine, root: Path) -> None:
        ended = machine.run("add", root, "libdemo-dev")
        assert ended.code == 0, ended.err
        assert (root / HEADER).is_file()
        assert (root / OTHER).is_file()
        assert {path.name for path in root.parent.iterdir() if "root" in path.name} == {"root"}, "nothing is left over"

    def test_its_own_sources_are_remembered_from_everywhere(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A keyring that was named from one directory is found from another."""
        monkeypatch.chdir(machine.repository.keyring.parent)
        keyring = machine.repository.keyring.name
        created = machine.run(
            "create", NOBLE, "--mirror", machine.server.url, "--keyring", keyring, "-o", machine.home / "root"
        )
        assert created.code == 0, created.err
        monkeypatch.chdir(machine.home)
        ended = machine.run("add", "./root", "libdemo-dev")
        assert ended.code == 0, ended.err
        assert (machine.home / "root" / HEADER).is_file()

    def test_it_can_be_moved(self, machine: Machine, root: Path) -> None:
        moved = root.rename(machine.home / "moved")
        assert machine.run("add", moved, "libdemo-dev").code == 0
        assert (moved / HEADER).is_file()
        assert (moved / "usr/share/demo-dev/table").is_file()

    def test_it_is_not_listed_and_the_cache_is_not_its(self, machine: Machine, root: Path) -> None:
        assert machine.listed() == []
        assert machine.run("remove", root).code == 0
        assert not root.exists()

    def test_by_a_link(self, machine: Machine, root: Path) -> None:
        link = machine.home / "link"
        link.symlink_to(root)
        assert machine.run("add", link, "libdemo-dev").code == 0
        assert link.is_symlink()
        assert (root / HEADER).is_file()
        ended = machine.run("remove", link)
        assert ended.code == 0, ended.err
        assert not root.exists()

    def test_what_failed_has_changed_nothing(self, machine: Machine, root: Path) -> None:
        before = tree(root)
        assert machine.run("add", root, "libnot-there-dev").code == 11
        assert tree(root) == before
        assert {path.name for path in root.parent.iterdir() if "root" in path.name} == {"root"}


def test_what_is_listed_can_be_named(machine: Machine) -> None:
    """Once it is there, its sources need not be named again, as long as there is only one of that name."""
    root = machine.made()
    (facts,) = machine.run("list", "--json").json["sysroots"]
    ended = machine.run("info", facts["name"], "--json")
    assert ended.code == 0, ended.err
    assert ended.json["sysroots"] == [facts]
    assert machine.run("add", facts["name"], "libdemo-dev").code == 0
    assert machine.made() != root


def test_what_was_made_is_what_builds_use(machine: Machine) -> None:
    root = machine.made("libdemo-dev")
    assert machine.provided(own_sources=True) == root


def test_it_is_said_where_they_are_from(machine: Machine) -> None:
    machine.made()
    (facts,) = machine.listed()
    assert (facts["mirror"], facts["snapshot"]) == (machine.server.url, None)
    for command in (("list",), ("info", NOBLE)):
        assert machine.server.url in machine.run(*command).out


class TestACacheBelowALink:
    @pytest.fixture(autouse=True)
    def link(self, machine: Machine) -> None:
        far = machine.home / "far/away/from/here"
        far.mkdir(parents=True)
        machine.cache.symlink_to(far)

    def test_adding_disturbs_nobody(self, machine: Machine) -> None:
        base = machine.made()
        before = tree(base)
        layer = machine.added("libdemo-dev")
        assert tree(base) == before
        assert (layer / HEADER).is_file()
        assert machine.made().samefile(layer)
        assert machine.made("libdemo-dev").samefile(layer)
        assert len(machine.entries()) == 2

    def test_what_is_the_same_is_there_once(self, machine: Machine) -> None:
        base = machine.made()
        layer = machine.provided("libdemo-dev")
        assert (layer / "usr/include/stdio.h").samefile(base / "usr/include/stdio.h")

    def test_removing(self, machine: Machine) -> None:
        machine.made()
        machine.added("libdemo-dev")
        assert machine.run("remove", NOBLE, *machine.sources).code == 0
        assert machine.entries() == []
        assert machine.listed() == []


class TestWhereThereIsNone:
    @pytest.mark.parametrize("command", [("info",), ("remove",), ("add", "libdemo-dev")])
    def test_in_the_cache(self, machine: Machine, command: tuple[str, ...]) -> None:
        ended = machine.run(command[0], NOBLE, *command[1:])
        self.judge(ended, NOBLE)
        assert f"crossbuild sysroot create {NOBLE}" in ended.hint

    @pytest.mark.parametrize("command", [("info",), ("remove",), ("add", "libdemo-dev")])
    def test_in_a_directory(self, machine: Machine, command: tuple[str, ...]) -> None:
        own = machine.home / "own"
        own.mkdir()
        (own / "thesis.txt").write_text("years of work")
        self.judge(machine.run(command[0], own, *command[1:]), str(own))
        assert (own / "thesis.txt").is_file()

    def judge(self, ended: Ended, name: str) -> None:
        assert ended.code == 11
        assert name in ended.err
        assert ended.hint


def test_an_entry_without_manifest_is_none(machine: Machine) -> None:
    root = machine.made()
    (root / MANIFEST).unlink()
    assert machine.listed() == []
    assert machine.run("info", NOBLE, *machine.sources).code == 11


def test_a_directory_of_a_users_own_is_a_copy(machine: Machine) -> None:
    """It shares no file with the cache: users write into theirs."""
    shared = machine.made()
    own = machine.made("-o", machine.home / "root")
    assert not (own / "usr/include/stdio.h").samefile(shared / "usr/include/stdio.h")
