"""The same packages again, after the archive has moved on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.sysroots.machine import MANIFEST, NOBLE, tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross

HEADER = "usr/include/other.h"
OLD = "#define OTHER 1\n"
ADDED = "usr/include/demo.h"


@pytest.fixture
def lock(machine: Machine) -> Path:
    """A lock file of a sysroot with libother-dev, written before the archive got a newer one beside the old."""
    lock = machine.home / "sysroot.lock"
    machine.made("libother-dev", "--lock", lock, "-o", machine.home / "first")
    newer = replace(machine.repository.package("libother-dev"), version="2.0-1", files={f"/{HEADER}": "newer"})
    machine.repository.suites["noble"].append(newer)
    machine.repository.publish()
    return lock


def test_it_says_all_versions(machine: Machine, lock: Path) -> None:
    text = lock.read_text()
    for fact in (NOBLE, "libother-dev", "libc6", "2.39-1"):
        assert fact in text


def content(root: Path) -> dict[str, str | bytes | None]:
    """Return what is in ``root`` but for the manifest, which says that versions are locked."""
    return {name: content for name, content in tree(root).items() if name != MANIFEST}


def test_the_same_again(machine: Machine, lock: Path) -> None:
    before = lock.read_text()
    again = machine.made("libother-dev", "--lock", lock, "-o", machine.home / "again")
    assert content(again) == content(machine.home / "first")
    assert lock.read_text() == before
    without = machine.made("libother-dev", "-o", machine.home / "without")
    assert (without / HEADER).read_text() == "newer"


def test_the_same_again_in_the_cache(machine: Machine, lock: Path) -> None:
    machine.made("libother-dev")
    again = machine.made("libother-dev", "--lock", lock)
    assert (again / HEADER).read_text() == OLD
    assert machine.made() == again, "it is the shared one from now on"


def test_the_packages_of_the_lock_need_not_be_repeated(machine: Machine, lock: Path) -> None:
    again = machine.made("--lock", lock, "-o", machine.home / "again")
    assert (again / HEADER).read_text() == OLD
    assert machine.run("info", again, "--json").json["sysroots"][0]["requested"] == ["libother-dev"]


class TestWhatIsBuiltUpon:
    """The locked versions stay, whatever comes on top."""

    @pytest.fixture(autouse=True)
    def locked(self, machine: Machine, lock: Path) -> Path:
        newer = machine.made("libother-dev")
        assert (newer / HEADER).read_text() == "newer"
        assert (machine.provided("libdemo-dev") / HEADER).read_text() == "newer"
        return machine.made("--lock", lock)

    def test_for_one_build(self, machine: Machine, locked: Path) -> None:
        root = machine.provided("libdemo-dev")
        assert (root / HEADER).read_text() == OLD
        assert (root / ADDED).is_file()
        assert (root / HEADER).samefile(locked / HEADER)
        asked = list(machine.server.asked)
        assert machine.provided("libdemo-dev") == root
        assert machine.server.asked == asked, "it is there, and the archive is of no concern"

    def test_for_all_builds(self, machine: Machine) -> None:
        assert machine.run("add", NOBLE, "libdemo-dev", *machine.sources).code == 0
        for root in (machine.made(), machine.provided()):
            assert (root / HEADER).read_text() == OLD
            assert (root / ADDED).is_file()

    def test_removing_what_was_added(self, machine: Machine, locked: Path) -> None:
        assert machine.run("add", NOBLE, "libdemo-dev", *machine.sources).code == 0
        assert machine.run("remove", NOBLE, "libdemo-dev", *machine.sources).code == 0
        assert content(machine.made()) == content(locked)

    def test_removing_what_was_locked(self, machine: Machine) -> None:
        for change in (("add", NOBLE, "libdemo-dev"), ("remove", NOBLE, "libother-dev")):
            ended = machine.run(*change, *machine.sources)
            assert ended.code == 0, ended.err
        root = machine.made()
        assert not (root / HEADER).exists()
        assert (root / ADDED).is_file()
        assert (root / "usr/include/stdio.h").is_file()

    def test_another_version_if_it_is_asked_for(self, machine: Machine) -> None:
        assert (machine.provided("libother-dev=2.0-1") / HEADER).read_text() == "newer"

    def test_in_a_directory(self, machine: Machine, lock: Path) -> None:
        root = machine.made("--lock", lock, "-o", machine.home / "again")
        assert machine.run("add", root, "libdemo-dev").code == 0
        assert (root / HEADER).read_text() == OLD
        assert (root / ADDED).is_file()


def test_packages_with_a_version(machine: Machine, lock: Path) -> None:
    own = machine.home / "own.lock"
    for place in ("one", "two"):
        root = machine.made("libother-dev=1.0-1", "--lock", own, "-o", machine.home / place)
        assert (root / HEADER).read_text() == OLD
    ended = machine.create("libother-dev=2.0-1", "--lock", lock, "-o", machine.home / "three")
    assert ended.code == 11
    assert "libother-dev=2.0-1" in ended.err
    assert str(lock) in ended.err


def test_a_package_that_the_lock_does_not_have(machine: Machine, lock: Path) -> None:
    """It is asked for, so it is either there or the lock is said not to fit; it is not left out in silence."""
    ended = machine.create("libdemo-dev", "--lock", lock, "-o", machine.home / "again")
    if ended.code == 0:
        assert (machine.home / "again/usr/include/demo.h").is_file()
    else:
        assert ended.code in {2, 11}
        assert "libdemo-dev" in ended.err
        assert str(lock) in ended.err


def test_versions_that_are_gone(machine: Machine, lock: Path) -> None:
    packages = machine.repository.suites["noble"]
    packages[:] = [one for one in packages if (one.name, one.version) != ("libother-dev", "1.0-1")]
    machine.repository.publish()
    ended = machine.create("libother-dev", "--lock", lock, "-o", machine.home / "again")
    assert ended.code == 11
    assert "libother-dev" in ended.err
    assert "1.0-1" in ended.err
    assert "--snapshot" in ended.hint
    assert not (machine.home / "again").exists()


def test_of_another_sysroot(machine: Machine, lock: Path) -> None:
    ended = machine.create("--lock", lock, "-o", machine.home / "again", name="ubuntu:noble:armhf")
    assert ended.code in {2, 11}
    assert NOBLE in ended.err
    assert "ubuntu:noble:armhf" in ended.err
    assert not (machine.home / "again").exists()


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", '{"packages": ["libc6"]}', "\x00"),
        json.dumps({"name": NOBLE, "requested": [], "packages": {}}),
        json.dumps({"name": NOBLE, "requested": [], "packages": {"--simulate": "1.0"}}),
        json.dumps({"name": NOBLE, "requested": ["--simulate"], "packages": {"libc6": "2.39-1"}}),
    ],
)
def test_a_file_that_is_none(machine: Machine, text: str) -> None:
    lock = machine.home / "sysroot.lock"
    lock.write_text(text)
    ended = machine.create("--lock", lock)
    assert ended.code == 11
    assert str(lock) in ended.err
    assert lock.read_text() == text
    assert machine.server.asked == []


def test_a_failure_writes_none(machine: Machine) -> None:
    lock = machine.home / "sysroot.lock"
    assert machine.create("libnot-there-dev", "--lock", lock).code == 11
    assert not lock.exists()
