"""Mirrors that lack files which their signed indexes list, and others that have them."""

from __future__ import annotations

import json
import os
import platform
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.archive_server import ArchiveServer, serve_archive
from tests.sysroots.machine import NOBLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.repository import Repository
    from tests.sysroots.machine import Ended, Machine

pytestmark = pytest.mark.cross

LACKING = "libdemo1_1.0-1_arm64.deb"
ALSO_LACKING = "libdemo-dev_1.0-1_arm64.deb"


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """A copy of the archive."""

    archive: Repository
    server: ArchiveServer

    def loses(self, *files: str) -> None:
        """Remove ``files`` from the pool; the indexes go on listing them."""
        for file in files:
            (found,) = (self.archive.directory / "pool/noble").rglob(file)
            found.unlink()

    def updates(self) -> int:
        """Return how often the mirror was asked for its package lists."""
        return sum(path.endswith("InRelease") for path in self.server.asked)


@pytest.fixture
def first(machine: Machine) -> Mirror:
    return Mirror(archive=machine.repository, server=machine.server)


@pytest.fixture
def another(machine: Machine, tmp_path: Path) -> Iterator[Callable[[], Mirror]]:
    """Make a copy of the archive as it is now, and serve it."""
    with ExitStack() as servers:

        def make() -> Mirror:
            number = len(list(tmp_path.glob("copy-*")))
            directory = tmp_path / f"copy-{number}" / "archive"
            shutil.copytree(machine.repository.directory, directory, symlinks=True)
            archive = replace(machine.repository, directory=directory)
            return Mirror(archive=archive, server=servers.enter_context(serve_archive(directory)))

        yield make


def created(machine: Machine, *mirrors: Mirror) -> Ended:
    """Create a sysroot with libdemo-dev from ``mirrors`` in a directory."""
    options = [word for mirror in mirrors for word in ("--mirror", mirror.server.url)]
    options += ["--keyring", str(machine.repository.keyring), "-o", str(machine.home / "root")]
    return machine.run("create", NOBLE, "libdemo-dev", *options)


def is_complete(root: Path) -> bool:
    """Return whether what mirrors lacked is in ``root``, as the archive has it."""
    library = root / "usr/lib/aarch64-linux-gnu/libdemo.so.1"
    return library.is_file() and (root / "usr/include/demo.h").read_text() == "#define DEMO 10\n"


class TestGaps:
    def test_of_the_only_mirror(self, machine: Machine, first: Mirror) -> None:
        """The lists are fetched again, once; then the error names the files, the mirror, and what to do."""
        first.loses(LACKING, ALSO_LACKING)
        ended = created(machine, first)
        assert ended.code == 11
        assert f"{first.server.url}: 404 " in ended.err
        assert LACKING in ended.err
        assert ALSO_LACKING in ended.err
        assert "libc6" not in ended.err, "which was there"
        assert "--mirror" in ended.hint
        assert "--snapshot" in ended.hint
        assert first.updates() == 2
        assert not (machine.home / "root").exists()

    def test_another_mirror_fills_them(self, machine: Machine, first: Mirror, another: Callable[[], Mirror]) -> None:
        second = another()
        first.loses(LACKING)
        ended = created(machine, first, second)
        assert ended.code == 0, ended.err
        assert second.server.downloads() == [LACKING], "and nothing that the first has"
        assert is_complete(machine.home / "root")

    def test_mirrors_fill_those_of_each_other(
        self, machine: Machine, first: Mirror, another: Callable[[], Mirror]
    ) -> None:
        second, third = another(), another()
        first.loses(LACKING, ALSO_LACKING)
        second.loses(LACKING)
        third.loses(ALSO_LACKING)
        ended = created(machine, first, second, third)
        assert ended.code == 0, ended.err
        assert is_complete(machine.home / "root")

    def test_all_mirrors_have_the_same(self, machine: Machine, first: Mirror, another: Callable[[], Mirror]) -> None:
        """The error says which files are missing from which mirror."""
        second = another()
        first.loses(LACKING, ALSO_LACKING)
        second.loses(LACKING)
        ended = created(machine, first, second)
        assert ended.code == 11
        lines = [line.strip() for line in ended.err.partition("error: ")[2].splitlines()]
        (of_second,) = {line for line in lines if line.startswith(f"{second.server.url}: 404")}
        assert LACKING in of_second
        assert ALSO_LACKING not in of_second
        assert any(line.startswith(f"{first.server.url}: 404") and LACKING in line for line in lines)
        assert ended.err.count(f"{first.server.url}: 404") == 1
        assert not (machine.home / "root").exists()

    def test_what_fills_them_is_verified(self, machine: Machine, first: Mirror, another: Callable[[], Mirror]) -> None:
        """The hash is that of the first mirror's signed index."""
        forged, honest = another(), another()
        first.loses(ALSO_LACKING)
        forged.archive.tamper("libdemo-dev", b"#define DEMO 10", b"#define DEMO 99")
        ended = created(machine, first, forged)
        assert ended.code == 11
        assert f"{forged.server.url}: Hash Sum mismatch: {ALSO_LACKING}" in ended.err
        assert not (machine.home / "root").exists()
        assert created(machine, first, forged, honest).code == 0
        assert is_complete(machine.home / "root")

    def test_a_mirror_that_moved_on(self, machine: Machine, first: Mirror) -> None:
        """Between the lists and the packages: the lists are fetched again, and the newer package is taken."""
        newer = replace(machine.repository.package("libother-dev"), version="2.0-1")

        def move_on(path: str) -> None:
            if path.endswith("libother-dev_1.0-1_arm64.deb"):
                first.server.before = str
                first.archive.upgrade(newer)
                first.loses("libother-dev_1.0-1_arm64.deb")

        first.server.before = move_on
        ended = machine.create("libother-dev", "--json")
        assert ended.code == 0, ended.err
        assert ended.json["sysroots"][0]["packages"]["libother-dev"] == "2.0-1"

    def test_a_mirror_that_goes_away(self, machine: Machine, first: Mirror) -> None:
        """After it sent its lists. That is the network's fault, and tells nothing of the mirror's files."""

        def go_away(path: str) -> None:
            if path.endswith(".deb"):
                raise ConnectionError

        first.server.before = go_away
        ended = created(machine, first)
        assert ended.code == 9
        assert first.server.url in ended.err.partition("error: ")[2]
        assert first.updates() == 1
        assert not (machine.home / "root").exists()


class TestListsOfAnotherMirror:
    """They serve if those of the first cannot be used."""

    @pytest.mark.parametrize("trouble", ["unreachable", "empty", "unsigned", "out of step"])
    def test_in_its_place(
        self, machine: Machine, first: Mirror, another: Callable[[], Mirror], trouble: str, tmp_path: Path
    ) -> None:
        second = another()
        if trouble == "unreachable":
            first = replace(first, server=ArchiveServer(port=1))
        elif trouble == "empty":
            shutil.rmtree(first.archive.directory / "dists")
        elif trouble == "unsigned":
            first.archive.unsign()
        else:
            first.archive.tamper_with_index("noble", b"sample libdemo1", b"simple libdemo1")
        ended = created(machine, first, second)
        assert ended.code == 0, ended.err
        assert is_complete(machine.home / "root")
        assert f"From {first.server.url}: " in ended.err

    def test_none_serves(self, machine: Machine, first: Mirror, another: Callable[[], Mirror]) -> None:
        second = another()
        first.archive.unsign()
        second.archive.sign_with_other_key()
        ended = created(machine, first, second)
        assert ended.code == 11
        for mirror in (first, second):
            assert mirror.server.url in ended.err.partition("error: ")[2]
        assert ended.hint
        assert not (machine.home / "root").exists()

    def test_none_can_be_reached(self, machine: Machine) -> None:
        mirrors = [word for port in (1, 2) for word in ("--mirror", f"http://127.0.0.1:{port}")]
        ended = machine.run("create", NOBLE, *mirrors, "--keyring", machine.repository.keyring)
        assert ended.code == 9


class TestAnExistingSysroot:
    def test_a_gap_that_opens_later(self, machine: Machine, first: Mirror) -> None:
        root = machine.made("libdemo-dev")
        first.loses(LACKING, ALSO_LACKING)
        assert machine.made() == root
        assert machine.provided() == root

    def test_what_can_be_added_is_added(self, machine: Machine, first: Mirror) -> None:
        """Newer versions of what it has are listed, but missing: it keeps those that it has."""
        root = machine.made()
        self.release_without_files(first)
        ended = machine.run("add", NOBLE, "libdemo-dev", *machine.sources, "--json")
        assert ended.code == 0, ended.err
        assert "keep their versions" in ended.err
        (facts,) = ended.json["sysroots"]
        assert facts["packages"]["libc6"] == "2.39-1"
        assert facts["packages"]["libdemo1"] == "1.0-1"
        added = machine.made()
        assert is_complete(added)
        assert (added / "usr/include/stdio.h").samefile(root / "usr/include/stdio.h")
        assert is_complete(machine.provided("libother-dev")), "and so on for one build"

    def test_what_needs_the_missing_versions_is_not_added(self, machine: Machine, first: Mirror) -> None:
        root = machine.made()
        newest = replace(machine.repository.package("libother-dev"), depends="libc6 (>= 2.40)")
        machine.repository.upgrade(newest)
        self.release_without_files(first)
        ended = machine.run("add", NOBLE, "libother-dev", *machine.sources)
        assert ended.code == 11
        assert "libc6_2.40-1_arm64.deb" in ended.err.partition("error: ")[2]
        assert machine.made() == root

    @staticmethod
    def release_without_files(mirror: Mirror) -> None:
        """Publish a newer libc6 without its file."""
        mirror.archive.upgrade(replace(mirror.archive.package("libc6"), version="2.40-1"))
        depends = "libc6 (= 2.40-1), linux-libc-dev"
        mirror.archive.upgrade(replace(mirror.archive.package("libc6-dev"), version="2.40-1", depends=depends))
        mirror.loses("libc6_2.40-1_arm64.deb")

    def test_a_further_mirror_for_what_is_added(
        self, machine: Machine, first: Mirror, another: Callable[[], Mirror]
    ) -> None:
        """It is still the same sysroot; the new mirror is asked for the missing package."""
        root = machine.made()
        second = another()
        first.loses(ALSO_LACKING)
        assert machine.run("add", NOBLE, "libdemo-dev", *machine.sources).code == 11
        assert machine.made() == root
        ended = machine.run("add", NOBLE, "libdemo-dev", *machine.sources, "--mirror", second.server.url)
        assert ended.code == 0, ended.err
        assert second.server.downloads() == [ALSO_LACKING]
        assert (machine.made() / "usr/include/demo.h").is_file()
        assert len(machine.listed()) == 1

    def test_in_a_directory_its_own_mirrors_are_asked(
        self, machine: Machine, first: Mirror, another: Callable[[], Mirror]
    ) -> None:
        second = another()
        root = machine.made("--mirror", second.server.url, "-o", machine.home / "root")
        first.loses(ALSO_LACKING)
        ended = machine.run("add", root, "libdemo-dev")
        assert ended.code == 0, ended.err
        assert (root / "usr/include/demo.h").is_file()


class TestNamingThem:
    def test_in_the_environment(
        self, machine: Machine, first: Mirror, another: Callable[[], Mirror], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        second = another()
        first.loses(LACKING)
        monkeypatch.setenv("CROSSBUILD_MIRROR", f"{first.server.url} {second.server.url}")
        monkeypatch.setenv("CROSSBUILD_KEYRING", str(machine.repository.keyring))
        ended = machine.run("create", NOBLE, "libdemo-dev")
        assert ended.code == 0, ended.err
        assert machine.listed()[0]["further_mirrors"] == [second.server.url]
        assert second.server.url in machine.run("list").out

    def test_the_same_one_twice(self, machine: Machine, first: Mirror) -> None:
        first.loses(LACKING)
        ended = created(machine, first, first)
        assert ended.code == 11
        assert ended.err.count(f"{first.server.url}: 404") == 1


class TestALockFileOfVersionsThatAreGone:
    @pytest.fixture
    def lock(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The machine's own sources are the archive, which has moved on; its state of then is among the snapshots."""
        system = {"ID": "ubuntu", "VERSION_CODENAME": "noble"}
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda: system)
        archive = machine.repository.directory
        (archive / "ubuntu-ports").symlink_to(".")
        (machine.home / "sources.list").write_text(f"deb {machine.server.url}/ubuntu-ports noble main universe\n")
        lock = machine.home / "sysroot.lock"
        assert self.create(machine, lock, "first").code == 0
        written_at = json.loads(lock.read_text())["written_at"]
        shutil.copytree(archive, archive.with_name("then"), symlinks=True)
        machine.repository.upgrade(replace(machine.repository.package("libother-dev"), version="2.0-1"))
        (archive / "snapshots").mkdir()
        archive.with_name("then").rename(archive / "snapshots" / written_at)
        address = f"{machine.server.url}/snapshots/{{date}}"
        monkeypatch.setattr("crossbuild.sysroot.apt_sources._SNAPSHOTS", {"ubuntu": (address, address)})
        return lock

    @staticmethod
    def create(machine: Machine, lock: Path, name: str, *options: str) -> Ended:
        keyring = ("--keyring", machine.repository.keyring)
        return machine.run(
            "create", NOBLE, "libother-dev", "--lock", lock, "-o", machine.home / name, *keyring, *options, "--json"
        )

    def test_they_come_from_the_snapshots(self, machine: Machine, lock: Path) -> None:
        ended = self.create(machine, lock, "again")
        assert ended.code == 0, ended.err
        assert ended.json["sysroots"][0]["packages"]["libother-dev"] == "1.0-1"
        assert "snapshot" in ended.err

    def test_what_is_added_later_does_too(self, machine: Machine, lock: Path) -> None:
        assert self.create(machine, lock, "again").code == 0
        ended = machine.run("add", machine.home / "again", "libdemo-dev", "--json")
        assert ended.code == 0, ended.err
        assert ended.json["sysroots"][0]["packages"]["libother-dev"] == "1.0-1"

    def test_a_mirror_that_is_named_is_the_only_source(self, machine: Machine, lock: Path) -> None:
        ended = self.create(machine, lock, "again", "--mirror", machine.server.url)
        assert ended.code == 11
        assert "no longer has libother-dev=1.0-1" in ended.err
        assert "--snapshot" in ended.hint
        assert not any("/snapshots/" in path for path in machine.server.asked)

    def test_no_snapshot_has_them_either(self, machine: Machine, lock: Path) -> None:
        shutil.rmtree(machine.repository.directory / "snapshots")
        ended = self.create(machine, lock, "again")
        assert ended.code == 11
        assert "no longer has libother-dev=1.0-1" in ended.err.partition("error: ")[2]
        assert "the snapshot" in ended.err.partition("error: ")[2]
        assert ended.hint
        assert not (machine.home / "again").exists()

    def test_an_old_lock_file_without_a_time(self, machine: Machine, lock: Path) -> None:
        """The time of the file itself is the best guess."""
        facts = json.loads(lock.read_text())
        written_at = facts.pop("written_at")
        lock.write_text(json.dumps(facts))
        seconds = datetime.strptime(written_at, "%Y%m%dT%H%M%S%z").timestamp()
        os.utime(lock, (seconds, seconds))
        assert self.create(machine, lock, "again").code == 0
