from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.archive_server import serve_archive
from tests.repository import Repository
from tests.sample_distribution import BOOKWORM, NOBLE, Release
from tests.sysroots.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    noble = [*NOBLE.packages(), *Release(architecture="armhf").packages()]
    return Repository.made(tmp_path / "elsewhere", {"noble": noble, "bookworm": BOOKWORM.packages()})


@pytest.fixture
def machine(
    tmp_path: Path, repository: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machine]:
    """A machine that has nothing yet, and the archive in its reach."""
    with serve_archive(repository.directory) as server:
        machine = Machine(home=tmp_path / "machine", repository=repository, server=server, capsys=capsys)
        machine.set_up()
        # Commands that tests run in their own process are to know nothing of each other.
        monkeypatch.setattr("crossbuild.sysroot.apt._FRESH", 0)
        monkeypatch.delenv("CROSSBUILD_MIRROR", raising=False)
        monkeypatch.delenv("CROSSBUILD_KEYRING", raising=False)
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in machine.environ.items():
            monkeypatch.setenv(name, value)
        yield machine
