"""When lists and packages are fetched, when not, and what is written down of it."""

from __future__ import annotations

import platform
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import NetworkError
from crossbuild.reporting import SilentReporter
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.sysroot.names import SysrootName
from crossbuild.sysroot.store import SysrootStore
from crossbuild.system.cache import Cache
from tests.repository import Package
from tests.sysroots.machine import NOBLE

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from crossbuild.sysroot.apt import Apt
    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross


def asked(machine: Machine, *, offline: str = "") -> AbstractContextManager[Apt]:
    """Give apt for the archive."""
    sysroots = SysrootStore(
        cache=Cache(root=machine.cache), reporter=SilentReporter(), environ=machine.environ, offline=offline
    )
    request = SourceRequest(mirror=machine.server.url, keyring=machine.repository.keyring)
    return sysroots.apt(SysrootName.from_text(NOBLE), request)


class TestOffline:
    def test_what_was_downloaded_serves(self, machine: Machine) -> None:
        with asked(machine) as apt:
            closure = apt.resolve(["libdemo-dev"])
            apt.download(closure, only=closure)
        machine.server.asked.clear()
        with asked(machine, offline="--offline") as apt:
            assert apt.resolve(["libdemo-dev"]) == closure
            assert all(file.is_file() for file in apt.download(closure, only=closure))
        assert machine.server.asked == []

    def test_nothing_is_downloaded(self, machine: Machine) -> None:
        with asked(machine) as apt:
            closure = apt.resolve(["libdemo1"])
            apt.download(closure, only=closure)
        machine.server.asked.clear()
        with asked(machine, offline="UV_OFFLINE") as apt:
            closure = apt.resolve(["libdemo-dev"])
            with pytest.raises(NetworkError, match="libdemo-dev") as caught:
                apt.download(closure, only=closure)
        assert NOBLE in caught.value.what
        assert "libdemo1" not in caught.value.what, "which is there"
        assert caught.value.fix == "Fetch them once without UV_OFFLINE."
        assert machine.server.asked == []


class TestUpdates:
    """Lists are fetched once by each command."""

    @pytest.fixture(autouse=True)
    def one_command(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("crossbuild.sysroot.apt._FRESH", 600.0)

    @staticmethod
    def updates(machine: Machine) -> int:
        """Return how often the archive was asked for news."""
        return sum(path.endswith("InRelease") for path in machine.server.asked)

    def test_they_are_fetched_once(self, machine: Machine) -> None:
        for package in ("libdemo-dev", "libother-dev"):
            machine.made(package, "-o", machine.home / package)
        assert self.updates(machine) == 1

    def test_another_command_fetches_them_again(self, machine: Machine) -> None:
        """What somebody publishes is there for the next command, be it a moment later."""
        machine.made()
        machine.repository.upgrade(replace(machine.repository.package("libother-dev"), version="2.0-1"))
        process = machine.start("create", NOBLE, "libother-dev", *machine.sources, "--json")
        out, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
        assert '"2.0-1"' in out

    def test_lists_that_are_gone(self, machine: Machine) -> None:
        machine.made()
        for file in machine.cache.glob("apt/*/lists/*universe*Packages*"):
            file.unlink()
        machine.made("libdemo-dev", "-o", machine.home / "root")

    def test_after_a_while(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        machine.made()
        now = time.time()
        monkeypatch.setattr("time.time", lambda: now + 3600)
        machine.made("-o", machine.home / "root")
        assert self.updates(machine) == 2

    def test_what_failed_is_tried_again(self, machine: Machine) -> None:
        machine.made()
        (stamp,) = machine.cache.glob("apt/*/updated")
        stamp.unlink()
        machine.configure_apt('Acquire::http::Proxy "http://127.0.0.1:1";\n')
        for name in ("first", "second"):
            ended = machine.create("-o", machine.home / name)
            assert "the lists from last time" in ended.err

    def test_a_mirror_that_is_out_of_step(self, machine: Machine) -> None:
        """The lists that were signed the last time still do, and none of what arrived is used."""
        machine.made("libdemo-dev", "-o", machine.home / "first")
        (stamp,) = machine.cache.glob("apt/*/updated")
        stamp.unlink()
        machine.repository.suites["noble"].append(Package(name="libnew-dev", files={"/usr/include/new.h": "x"}))
        machine.repository.publish()
        machine.repository.tamper_with_index("noble", b"sample libdemo1", b"simple libdemo1")
        ended = machine.create("libdemo-dev", "-o", machine.home / "second")
        assert ended.code == 0
        assert "not what its signed release promises; using the lists from last time" in ended.err
        assert "has no package libnew-dev" in machine.create("libnew-dev").err

    def test_other_sources_of_the_machine(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "ubuntu", "VERSION_CODENAME": "jammy"})
        (machine.repository.directory / "ubuntu-ports").symlink_to(".")
        sources, keyring = machine.home / "sources.list", ("--keyring", machine.repository.keyring)
        sources.write_text(f"deb {machine.server.url}/no-ports jammy main\n")
        assert machine.run("create", NOBLE, *keyring).code == 11
        sources.write_text(f"deb {machine.server.url}/ubuntu-ports jammy main universe\n")
        assert machine.run("create", NOBLE, *keyring).code == 0
        sources.write_text(f"deb {machine.server.url}/no-ports jammy main universe\n")
        assert machine.run("create", NOBLE, *keyring, "-o", machine.home / "root").code == 11


class TestTheLog:
    def test_it_is_that_of_the_last_command(self, machine: Machine) -> None:
        machine.made("libdemo-dev", "-o", machine.home / "root")
        machine.made("libother-dev", "-o", machine.home / "other")
        (log,) = machine.cache.glob("apt/*/log.txt")
        text = log.read_text()
        assert text.count("\n+ apt-get") + text.startswith("+ apt-get") == 3, "lists, plan, packages"
        assert "libdemo-dev" not in text

    def test_questions_are_not_in_it(self, machine: Machine) -> None:
        """Nor does anybody see some 60,000 names of packages pass by."""
        ended = machine.create("-v")
        assert ended.code == 0
        assert "apt-get" in ended.err
        (log,) = machine.cache.glob("apt/*/log.txt")
        for text in (ended.err, log.read_text()):
            assert "libother-dev" not in text
            assert "SHA256" not in text
