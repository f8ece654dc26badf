"""The archives that tests make: apt, with a state of its own, takes the good ones and refuses the bad."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.archive_server import serve_archive
from tests.repository import Package, Repository
from tests.sample_distribution import BOOKWORM, NOBLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONFIGURATION = """\
#clear APT::Architectures;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Architecture "arm64";
APT::Architectures {{ "arm64"; }};
APT::Sandbox::User "root";
Acquire::Check-Date "true";
Acquire::Check-Valid-Until "true";
Acquire::Languages "none";
Dir::State "{state}";
Dir::State::status "{state}/status";
Dir::Cache "{state}";
Dir::Etc::sourcelist "{state}/sources.list";
Dir::Etc::sourceparts "{state}/none";
"""

Apt = subprocess.CompletedProcess[str]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.made(tmp_path / "noble", {"noble": NOBLE.packages()})


@pytest.fixture
def apt(tmp_path: Path, repository: Repository) -> Callable[..., Apt]:
    """A function that runs apt-get with a private state, whose only source is the archive."""
    state = tmp_path / "state"
    configuration = state / "apt.conf"
    for name in ("lists/partial", "archives/partial", "none"):
        (state / name).mkdir(parents=True)
    (state / "status").touch()
    configuration.write_text(CONFIGURATION.format(state=state))

    def apt(*arguments: str, url: str = repository.url) -> Apt:
        source = f"deb [ signed-by={repository.keyring} ] {url} noble main universe\n"
        (state / "sources.list").write_text(source)
        command = ["apt-get", "-c", str(configuration), *arguments]
        environ = {**os.environ, "LC_ALL": "C.UTF-8"}
        return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)

    return apt


def update(apt: Callable[..., Apt]) -> Apt:
    return apt("update", "--error-on=any")


def test_apt_takes_it(apt: Callable[..., Apt], tmp_path: Path) -> None:
    done = update(apt)
    assert (done.returncode, done.stderr) == (0, "")
    done = apt("install", "--simulate", "python3", "libpython3-dev", "g++", "libdemo-dev")
    chosen = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("Inst ")}
    assert {one.name for one in NOBLE.packages()} - chosen == {"gcc", "libother-dev"}
    done = apt("download", "demo-data", "libdemo-dev")
    assert (done.returncode, done.stderr) == (0, "")
    fields = subprocess.check_output(["dpkg-deb", "--field", tmp_path / "libdemo-dev_1.0-1_arm64.deb"], text=True)
    assert "Depends: libdemo1 (= 1.0-1), demo-data\n" in fields
    subprocess.run(["dpkg-deb", "--extract", tmp_path / "libdemo-dev_1.0-1_arm64.deb", tmp_path / "root"], check=True)
    assert (tmp_path / "root/usr/include/demo.h").read_text() == "#define DEMO 10\n"
    assert (tmp_path / "root/usr/lib/aarch64-linux-gnu/libdemo.so").readlink().name == "libdemo.so.1"


def test_it_can_be_served(apt: Callable[..., Apt], repository: Repository) -> None:
    with serve_archive(repository.directory) as server:
        assert apt("update", "--error-on=any", url=server.url).returncode == 0
        assert apt("download", "libdemo1", url=server.url).returncode == 0
    assert server.downloads() == ["libdemo1_1.0-1_arm64.deb"]


def test_no_signature(apt: Callable[..., Apt], repository: Repository) -> None:
    repository.unsign()
    done = update(apt)
    assert done.returncode
    assert "not signed" in done.stderr


def test_somebody_elses_signature(apt: Callable[..., Apt], repository: Repository) -> None:
    repository.sign_with_other_key()
    done = update(apt)
    assert done.returncode
    assert "is not signed" in done.stderr


def test_a_changed_release(apt: Callable[..., Apt], repository: Repository) -> None:
    file = repository.directory / "dists/noble/InRelease"
    file.write_bytes(file.read_bytes().replace(b"Origin: Tests", b"Origin: Texts"))
    done = update(apt)
    assert done.returncode
    assert "is not signed" in done.stderr


def test_a_changed_index(apt: Callable[..., Apt], repository: Repository) -> None:
    repository.tamper_with_index("noble", b"sample libdemo1", b"simple libdemo1")
    done = update(apt)
    assert done.returncode
    assert "Hash Sum mismatch" in done.stderr


def test_an_expired_release(apt: Callable[..., Apt], repository: Repository) -> None:
    repository.publish(valid=timedelta(hours=-1))
    done = update(apt)
    assert done.returncode
    assert "expired" in done.stderr


def test_a_changed_package(apt: Callable[..., Apt], repository: Repository, tmp_path: Path) -> None:
    update(apt)
    repository.tamper("libdemo-dev", b"#define DEMO 10", b"#define DEMO 99")
    file = repository.file("noble", repository.package("libdemo-dev"))
    subprocess.run(["dpkg-deb", "--extract", file, tmp_path / "root"], check=True)
    assert (tmp_path / "root/usr/include/demo.h").read_text() == "#define DEMO 99\n", "dpkg sees nothing wrong"
    done = apt("download", "libdemo-dev")
    assert done.returncode
    assert "Hash Sum mismatch" in done.stderr


def test_an_upgrade(apt: Callable[..., Apt], repository: Repository) -> None:
    repository.upgrade(Package(name="libdemo1", version="1.1-1"))
    update(apt)
    assert "Inst libdemo1 (1.1-1 " in apt("install", "--simulate", "libdemo1").stdout
    done = apt("install", "--simulate", "libdemo-dev")
    assert done.returncode, "it wants the version that is gone"
    assert "unmet dependencies" in done.stderr + done.stdout


def test_several_suites(tmp_path: Path) -> None:
    suites = {"bookworm": BOOKWORM.packages(), "noble": NOBLE.packages()}
    dists = Repository.made(tmp_path, suites).directory / "dists"
    for suite, python in (("bookworm", "python3.11"), ("noble", "python3.12")):
        contents = gzip.decompress((dists / suite / "main/Contents-arm64.gz").read_bytes()).decode()
        assert re.search(rf"^usr/bin/{python} +libs/{python}$", contents, re.MULTILINE)
