"""The index of what packages contain: fetched by the real apt from archives that the tests make and sign."""

from __future__ import annotations

import gzip
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import NetworkError, SysrootError
from crossbuild.processes import Runner
from crossbuild.reporting import SilentReporter
from crossbuild.sysroot.apt import Apt
from crossbuild.sysroot.contents import fetch_contents
from crossbuild.sysroot.names import SysrootName
from crossbuild.sysroot.sources import SourceRequest
from tests.repository import Package, Repository

if TYPE_CHECKING:
    from pathlib import Path

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


def prepared(repository: Repository) -> Apt:
    """Return apt with lists that are up to date, and nothing of the machine's own settings."""
    home = repository.directory.with_name("machine")
    home.mkdir(exist_ok=True)
    (home / "apt.conf").write_text(f'Dir::Etc::main "{home}/none";\nDir::Etc::parts "{home}/none";\n')
    return Apt.prepare(
        home / "state",
        name=SysrootName.from_text("ubuntu:noble:arm64"),
        request=SourceRequest(mirror=repository.url, keyring=repository.keyring),
        runner=Runner(log=home / "log.txt", reporter=SilentReporter()),
        environ={"PATH": os.environ["PATH"], "APT_CONFIG": str(home / "apt.conf")},
        private=home,
    )


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
    assert fetch_contents(replace(apt, offline=True)) == first


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
    with pytest.raises(SysrootError, match="no Contents index") as caught:
        fetch_contents(apt)
    assert "Hash Sum mismatch" in caught.value.why or "unexpected size" in caught.value.why
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
    assert found(fetch_contents(replace(apt, offline=True))) == ALL


def test_offline_without_an_index(repository: Repository) -> None:
    with pytest.raises(NetworkError, match="not in the cache"):
        fetch_contents(replace(prepared(repository), offline=True))


def test_what_a_killed_process_left_is_no_index(repository: Repository) -> None:
    apt = prepared(repository)
    (apt.directory / ".contents.new").write_text("usr/include/half.h  libdevel/half-dev\n")
    assert found(fetch_contents(apt)) == ALL
    assert not (apt.directory / ".contents.new").exists()


def test_a_machine_without_the_program_that_reads_it(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    apt = prepared(repository)
    monkeypatch.setattr("crossbuild.sysroot.contents._HELPER_PLACES", str(apt.directory))
    with pytest.raises(SysrootError, match="no apt-helper") as caught:
        fetch_contents(apt)
    assert caught.value.fix
