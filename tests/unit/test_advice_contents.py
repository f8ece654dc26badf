"""The index of what packages contain: fetched by the real apt from archives that the tests make and sign."""

from __future__ import annotations

import gzip
import os
import re
import shutil
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import NetworkError, SysrootError
from crossbuild.reporting import SilentReporter
from crossbuild.sysroot.apt import Apt
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.sysroot.contents import fetch_contents
from crossbuild.sysroot.names import SysrootName
from crossbuild.sysroot.refusals import EarlierMayServeError
from crossbuild.system.processes import Runner
from tests.repository import Package, Repository

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.sysroot.apt import Lists
    from crossbuild.sysroot.contents import Contents

MULTIARCH = "aarch64-linux-gnu"
PACKAGES = (
    Package(
        name="libdemo-dev",
        files={
            "/usr/include/demo.h": "",
            f"/usr/lib/{MULTIARCH}/pkgconfig/demo.pc": "",
            f"/usr/lib/{MULTIARCH}/cmake/demo/DemoConfig.cmake": "",
            f"/usr/lib/{MULTIARCH}/demo/include/democonfig.h": "",
            f"/usr/lib/{MULTIARCH}/libdemo.a": "",
            "/usr/share/doc/libdemo-dev/copyright": "",
            "/usr/share/include/not-a-header.h": "",
        },
        links={f"/usr/lib/{MULTIARCH}/libdemo.so": "libdemo.so.1"},
    ),
    Package(name="libdemo1", files={f"/usr/lib/{MULTIARCH}/libdemo.so.1": ""}),
    Package(name="demo-tools", component="universe", architecture="all", files={"/usr/bin/demo-config": ""}),
)
ALL = {
    "demo.h": "libdemo-dev",
    "demo.pc": "libdemo-dev",
    "DemoConfig.cmake": "libdemo-dev",
    "democonfig.h": "libdemo-dev",
    "libdemo.a": "libdemo-dev",
    "libdemo.so": "libdemo-dev",
    "demo-config": "demo-tools",
}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setattr("crossbuild.sysroot.apt._FRESH", 0)  # What tests change shows at once.
    return Repository.made(tmp_path / "elsewhere", {"noble": PACKAGES})


class Warnings(SilentReporter):
    """Keeps the warnings."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def warning(self, text: str) -> None:
        self.said.append(text)


def prepared(repository: Repository, *further_mirrors: str, lists: Lists = "either") -> Apt:
    """Return apt with lists that are up to date, and nothing of the machine's own settings."""
    home = repository.directory.with_name("machine")
    home.mkdir(exist_ok=True)
    (home / "apt.conf").write_text(f'Dir::Etc::main "{home}/none";\nDir::Etc::parts "{home}/none";\n')
    return Apt.prepare(
        home / "state",
        name=SysrootName.from_text("ubuntu:noble:arm64"),
        request=SourceRequest.from_mirrors((repository.url, *further_mirrors), keyring=repository.keyring),
        runner=Runner(log=home / "log.txt", reporter=Warnings()),
        environ={"PATH": os.environ["PATH"], "APT_CONFIG": str(home / "apt.conf")},
        private=home,
        lists=lists,
    )


def warnings(apt: Apt) -> str:
    """Return what the user was warned of."""
    assert isinstance(apt.runner.reporter, Warnings)
    return "\n".join(apt.runner.reporter.said)


def found(contents: Contents) -> dict[str, str]:
    return {entry.path.rpartition("/")[2]: entry.package for entry in contents.matching(re.compile(".*"))}


def contents_files(repository: Repository) -> list[Path]:
    return sorted((repository.directory / "dists").rglob("Contents-*.gz"))


def release_says_what_is_there(repository: Repository) -> None:
    described = repository._described("noble", repository.suites["noble"], None)
    repository._release("noble").write_text(described)
    repository.resign(repository.key)


def test_what_builds_look_for_is_kept_and_nothing_else(repository: Repository) -> None:
    assert found(fetch_contents(prepared(repository))) == ALL


def test_an_index_is_fetched_once(repository: Repository) -> None:
    apt = prepared(repository)
    first = fetch_contents(apt)
    repository.directory.rename(repository.directory.with_name("gone"))
    assert fetch_contents(apt) == first
    assert found(fetch_contents(apt)) == ALL
    assert fetch_contents(replace(apt, offline="--offline")) == first


def test_it_follows_the_lists(repository: Repository) -> None:
    fetch_contents(prepared(repository))
    repository.upgrade(Package(name="libdemo-dev", version="2.0-1", files={"/usr/include/demo2.h": ""}))
    apt = prepared(repository)
    assert found(fetch_contents(apt)) == {"demo2.h": "libdemo-dev", "demo-config": "demo-tools"}
    assert len(list(apt.directory.glob("contents-*"))) == 1, "the earlier one is gone"


def test_the_lists_stay_as_they_were(repository: Repository) -> None:
    apt = prepared(repository)
    before = sorted(file.name for file in (apt.directory / "lists").iterdir())
    fetch_contents(apt)
    assert sorted(file.name for file in (apt.directory / "lists").iterdir()) == before
    assert [package.name for package in apt.resolve(["libdemo-dev"])] == ["libdemo-dev"]


def test_archives_with_one_index_for_all_components(repository: Repository) -> None:
    texts = [gzip.decompress(file.read_bytes()) for file in contents_files(repository)]
    for file in contents_files(repository):
        file.unlink()
    (repository.directory / "dists/noble/Contents-arm64.gz").write_bytes(gzip.compress(b"".join(texts)))
    release_says_what_is_there(repository)
    assert found(fetch_contents(prepared(repository))) == ALL


def test_a_changed_index_is_refused(repository: Repository) -> None:
    for file in contents_files(repository):
        file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(b"libdemo-dev", b"evildem-dev")))
    apt = prepared(repository)
    with pytest.raises(SysrootError, match="no usable Contents index") as caught:
        fetch_contents(apt)
    assert "Contents-arm64.gz: " in caught.value.why
    assert not list(apt.directory.glob("contents-*.txt"))


def test_an_archive_without_an_index(repository: Repository) -> None:
    for file in contents_files(repository):
        file.unlink()
    release_says_what_is_there(repository)
    with pytest.raises(SysrootError, match="ubuntu:noble:arm64"):
        fetch_contents(prepared(repository))


def test_an_earlier_index_serves_where_none_can_be_fetched(repository: Repository) -> None:
    fetch_contents(prepared(repository))
    repository.upgrade(Package(name="libdemo-dev", version="2.0-1", files={"/usr/include/demo2.h": ""}))
    for file in contents_files(repository):
        file.unlink()
    apt = prepared(repository)
    assert found(fetch_contents(apt)) == ALL
    assert found(fetch_contents(replace(apt, offline="--offline"))) == ALL


class TestOutOfStep:
    """The mirror's Contents files are not those of its signed Release file, as in the middle of an update."""

    @staticmethod
    def change(repository: Repository, *components: str) -> None:
        """Change the Contents files of ``components``."""
        for component in components:
            file = repository.directory / f"dists/noble/{component}/Contents-arm64.gz"
            text = gzip.decompress(file.read_bytes()).replace(b"/include/", b"/incline/")
            file.write_bytes(gzip.compress(text + b"usr/include/more.h  libdevel/more-dev\n"))

    def test_an_older_one_from_the_cache_answers(self, repository: Repository) -> None:
        fetch_contents(prepared(repository))
        repository.upgrade(Package(name="libdemo-dev", version="2.0-1", files={"/usr/include/demo2.h": ""}))
        self.change(repository, "main")
        apt = prepared(repository)
        assert found(fetch_contents(apt)) == ALL
        assert "main/Contents-arm64.gz cannot be fetched" in warnings(apt)
        assert "using an older one from the cache" in warnings(apt)
        assert "universe" not in warnings(apt)

    def test_one_component(self, repository: Repository) -> None:
        """The others are used, with a warning."""
        self.change(repository, "main")
        apt = prepared(repository)
        assert found(fetch_contents(apt)) == {"demo-config": "demo-tools"}
        assert "main/Contents-arm64.gz cannot be fetched" in warnings(apt)

    def test_all_of_them(self, repository: Repository) -> None:
        self.change(repository, "main", "universe")
        with pytest.raises(SysrootError, match="no usable Contents index") as caught:
            fetch_contents(prepared(repository))
        assert "main/Contents-arm64.gz: " in caught.value.why
        assert "--mirror" in caught.value.fix
        assert "--sysroot-package" in caught.value.fix

    def test_another_mirror_has_the_right_ones(self, repository: Repository, tmp_path: Path) -> None:
        shutil.copytree(repository.directory, tmp_path / "mirror")
        self.change(repository, "main", "universe")
        apt = prepared(repository, f"file:{tmp_path}/mirror")
        assert found(fetch_contents(apt)) == ALL
        assert not warnings(apt)

    def test_the_other_mirror_is_out_of_step_too(self, repository: Repository, tmp_path: Path) -> None:
        """Its files are checked against the Release file of the first, so they are not used."""
        self.change(repository, "main", "universe")
        shutil.copytree(repository.directory, tmp_path / "mirror")
        with pytest.raises(SysrootError, match="no usable Contents index"):
            fetch_contents(prepared(repository, f"file:{tmp_path}/mirror"))

    def test_the_name_of_its_hash_finds_the_right_one(self, repository: Repository) -> None:
        """Archives keep files by their hash for a while after others took their names."""
        for file in contents_files(repository):
            by_hash = file.parent / "by-hash/SHA256" / sha256(file.read_bytes()).hexdigest()
            by_hash.parent.mkdir(parents=True)
            by_hash.write_bytes(file.read_bytes())
        release = repository._release("noble")
        release.write_text("Acquire-By-Hash: yes\n" + release.read_text())
        repository.resign(repository.key)
        for file in (repository.directory / "dists/noble").rglob("Packages.gz"):
            by_hash = file.parent / "by-hash/SHA256" / sha256(file.read_bytes()).hexdigest()
            by_hash.parent.mkdir(parents=True)
            by_hash.write_bytes(file.read_bytes())
        self.change(repository, "main", "universe")
        assert found(fetch_contents(prepared(repository))) == ALL

    def test_a_download_that_failed_is_not_repeated(
        self, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each build that fails asks for the index; the next command tries again."""
        monkeypatch.setattr("crossbuild.sysroot.apt._FRESH", 600)
        right = contents_files(repository)[0].read_bytes()
        self.change(repository, "main")
        assert "demo.h" not in found(fetch_contents(prepared(repository)))
        contents_files(repository)[0].write_bytes(right)
        assert "demo.h" not in found(fetch_contents(prepared(repository)))
        monkeypatch.setattr("os.getpid", lambda: 1)
        assert found(fetch_contents(prepared(repository))) == ALL

    def test_only_new_ones_will_do(self, repository: Repository) -> None:
        """Another mirror is asked first; then the older one is used without another download."""
        fetch_contents(prepared(repository))
        repository.upgrade(Package(name="libdemo-dev", version="2.0-1", files={"/usr/include/demo2.h": ""}))
        self.change(repository, "main", "universe")
        with pytest.raises(EarlierMayServeError):
            fetch_contents(prepared(repository, lists="new"))
        assert found(fetch_contents(prepared(repository, lists="kept"))) == ALL


def test_offline_without_an_index(repository: Repository) -> None:
    with pytest.raises(NetworkError, match="not in the cache") as caught:
        fetch_contents(replace(prepared(repository), offline="UV_OFFLINE"))
    assert caught.value.fix == "Run once without UV_OFFLINE."


def test_what_a_killed_process_left_is_no_index(repository: Repository) -> None:
    apt = prepared(repository)
    (apt.directory / ".contents.new").write_text("usr/include/half.h  libdevel/half-dev\n")
    assert found(fetch_contents(apt)) == ALL
    assert not (apt.directory / ".contents.new").exists()


def test_what_a_killed_process_was_fetching_is_removed(repository: Repository) -> None:
    apt = prepared(repository)
    left = [apt.directory / f".{name}.tmp-0123abcd" for name in ("parts", "fetched")]
    for directory in left:
        directory.mkdir()
        (directory / "0").write_bytes(b"half of it")
    assert found(fetch_contents(apt)) == ALL
    assert not [path for path in apt.directory.iterdir() if path in left]


def test_a_machine_without_the_program_that_reads_it(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    apt = prepared(repository)
    monkeypatch.setattr("crossbuild.sysroot.downloads._HELPER_PLACES", str(apt.directory))
    with pytest.raises(SysrootError, match="no apt-helper") as caught:
        fetch_contents(apt)
    assert caught.value.fix
