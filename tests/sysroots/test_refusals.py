"""What is refused: archives that nobody vouches for, packages that were changed, names that are not there."""

from __future__ import annotations

import platform
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.repository import Package
from tests.sysroots.machine import NOBLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.repository import Repository
    from tests.sysroots.machine import Ended, Machine

pytestmark = pytest.mark.cross

LOOSE = """\
Acquire::AllowInsecureRepositories "true";
Acquire::AllowWeakRepositories "true";
Acquire::AllowDowngradeToInsecureRepositories "true";
APT::Get::AllowUnauthenticated "true";
"""


@pytest.fixture(autouse=True)
def nothing_is_made(machine: Machine, repository: Repository) -> object:
    """Check after each test that what was refused is not there, and that it can be made once all is well."""
    yield
    assert machine.entries() == []
    assert not (machine.home / "root").exists()


def refused(ended: Ended, *words: str, code: int = 11) -> None:
    assert ended.code == code, ended.err
    assert ended.out == ""
    assert ended.hint
    for word in words:
        assert word in ended.err


@pytest.mark.parametrize("loose", [False, True])
def test_an_unsigned_archive(machine: Machine, *, loose: bool) -> None:
    if loose:
        machine.configure_apt(LOOSE)
    machine.repository.unsign()
    ended = machine.create()
    refused(ended, NOBLE, "not signed")
    assert "--keyring" in ended.hint
    assert machine.server.downloads() == []


def test_an_archive_signed_by_somebody_else(machine: Machine) -> None:
    machine.repository.sign_with_other_key()
    ended = machine.create()
    refused(ended, NOBLE, "is not signed")
    assert "--keyring" in ended.hint


def test_no_keyring_given(machine: Machine) -> None:
    refused(machine.run("create", NOBLE, "--mirror", machine.server.url), "--keyring")


def test_a_file_that_is_no_keyring(machine: Machine) -> None:
    file = machine.home / "keys.gpg"
    file.write_text("these are no keys")
    refused(machine.run("create", NOBLE, "--mirror", machine.server.url, "--keyring", file), "keys.gpg")


def test_no_such_keyring(machine: Machine) -> None:
    ended = machine.run("create", NOBLE, "--mirror", machine.server.url, "--keyring", machine.home / "keys.gpg")
    assert ended.code == 2
    assert "keys.gpg" in ended.err


def test_a_release_file_that_was_changed(machine: Machine) -> None:
    file = machine.repository.directory / "dists/noble/InRelease"
    file.write_bytes(file.read_bytes().replace(b"Origin: Tests", b"Origin: Texts"))
    refused(machine.create(), NOBLE, "is not signed")


def test_an_index_that_was_changed(machine: Machine) -> None:
    machine.repository.tamper_with_index("noble", b"sample libdemo1", b"simple libdemo1")
    refused(machine.create(), NOBLE, "Hash Sum mismatch")
    assert machine.server.downloads() == []


def test_an_archive_that_has_expired(machine: Machine) -> None:
    machine.repository.publish(valid=timedelta(hours=-1))
    refused(machine.create(), NOBLE, "expired")


def test_an_archive_that_became_unsigned(machine: Machine) -> None:
    """Its lists of last time do not serve: the network is there, and what it says is not to be trusted."""
    assert machine.create("-o", machine.home / "first").code == 0
    machine.repository.unsign()
    refused(machine.create(), NOBLE, "not signed")


class TestPackages:
    def test_one_that_was_changed(self, machine: Machine) -> None:
        machine.repository.tamper("libdemo-dev", b"#define DEMO 10", b"#define DEMO 99")
        refused(machine.create("libdemo-dev", "-o", machine.home / "root"), "libdemo-dev", "Hash Sum mismatch")
        machine.repository.publish()
        root = machine.made("libdemo-dev", "-o", machine.home / "honest")
        assert (root / "usr/include/demo.h").read_text() == "#define DEMO 10\n"

    def test_one_that_was_changed_in_the_cache(self, machine: Machine) -> None:
        """Somebody who can write into the cache of downloads is noticed too, and what he wrote is not kept."""
        machine.made("libdemo-dev", "-o", machine.home / "first")
        (file,) = machine.cache.rglob("libdemo-dev_*.deb")
        file.write_bytes(file.read_bytes().replace(b"#define DEMO 10", b"#define DEMO 99"))
        refused(machine.create("libdemo-dev", "-o", machine.home / "root"), "libdemo-dev_1.0-1_arm64.deb")
        root = machine.made("libdemo-dev", "-o", machine.home / "second")
        assert (root / "usr/include/demo.h").read_text() == "#define DEMO 10\n"

    def test_one_that_is_gone(self, machine: Machine) -> None:
        machine.repository.file("noble", machine.repository.package("libdemo1")).unlink()
        refused(machine.create("libdemo-dev", "-o", machine.home / "root"), "libdemo1", "404")

    def test_one_that_is_cut_short(self, machine: Machine) -> None:
        file = machine.repository.file("noble", machine.repository.package("libdemo1"))
        file.write_bytes(file.read_bytes()[:-1000])
        refused(machine.create("libdemo-dev", "-o", machine.home / "root"), "libdemo1")

    def test_one_that_leads_out(self, machine: Machine) -> None:
        machine.repository.suites["noble"].append(
            Package(name="libout-dev", files={"/usr/include/../../../../evil": "x"})
        )
        machine.repository.publish()
        refused(machine.create("libout-dev", "-o", machine.home / "root"), "libout-dev")
        assert not list(machine.home.parent.rglob("evil"))


class TestNames:
    def test_no_such_package(self, machine: Machine) -> None:
        ended = machine.create("libother-devel", "-o", machine.home / "root")
        refused(ended, "libother-devel", NOBLE)
        assert "libother-dev" in ended.hint

    def test_a_name_is_no_pattern(self, machine: Machine) -> None:
        """apt-get would take it for a regular expression, and install whatever matches."""
        refused(machine.create("lib.+-dev", "-o", machine.home / "root"), "lib.+-dev")

    def test_no_package_at_all_like_it(self, machine: Machine) -> None:
        refused(machine.create("qqqqqqqqqqqq", "-o", machine.home / "root"), "qqqqqqqqqqqq")

    def test_several_at_once(self, machine: Machine) -> None:
        ended = machine.create("libdemo-devel", "libother-devel", "-o", machine.home / "root")
        refused(ended, "libdemo-devel", "libother-devel")

    def test_no_such_version(self, machine: Machine) -> None:
        refused(machine.create("libdemo-dev=9.9", "-o", machine.home / "root"), "libdemo-dev", "9.9")

    @pytest.mark.parametrize(
        "name", ["--option=x", "../x", "libdemo dev", "Libdemo", "libdemo-dev/noble", "libdemo-dev-"]
    )
    def test_not_the_name_of_a_package(self, machine: Machine, name: str) -> None:
        """apt would take some of these for options, for files, for releases, or for packages to be removed."""
        ended = machine.run("create", NOBLE, *machine.sources, "-o", machine.home / "root", "--", name)
        assert ended.code in {2, 11}
        assert name in ended.err
        assert ended.out == ""

    def test_packages_that_exclude_each_other(self, machine: Machine) -> None:
        machine.repository.suites["noble"].append(Package(name="libfork-dev", fields={"Conflicts": "libdemo-dev"}))
        machine.repository.publish()
        refused(machine.create("libdemo-dev", "libfork-dev", "-o", machine.home / "root"), "libfork-dev", "libdemo-dev")

    def test_a_package_whose_dependency_is_not_there(self, machine: Machine) -> None:
        machine.repository.suites["noble"].append(Package(name="libbroken-dev", depends="libnowhere1"))
        machine.repository.publish()
        refused(machine.create("libbroken-dev", "-o", machine.home / "root"), "libbroken-dev", "libnowhere1")

    def test_no_such_release(self, machine: Machine) -> None:
        refused(machine.create(name="ubuntu:nobel:arm64"), "nobel", "--mirror")

    def test_no_such_architecture_in_the_release(self, machine: Machine) -> None:
        refused(machine.create(name="ubuntu:noble:riscv64"), "noble", "riscv64")

    @pytest.mark.parametrize(
        ("name", "part"),
        [
            ("fedora:40:arm64", "fedora"),
            ("ubuntu:noble:aarch46", "aarch46"),
            ("ubuntu:noble", "ubuntu:noble"),
            ("ubuntu:../noble:arm64", "../noble"),
            ("ubuntu:noble main:arm64", "noble main"),
            ("", "''"),
        ],
    )
    def test_not_the_name_of_a_sysroot(self, machine: Machine, name: str, part: str) -> None:
        refused(machine.create(name=name), part)
        assert machine.server.asked == []


class TestTheNetwork:
    def test_nobody_answers(self, machine: Machine) -> None:
        nobody = ["--mirror", "http://127.0.0.1:1", "--keyring", str(machine.repository.keyring)]
        refused(machine.run("create", NOBLE, *nobody), NOBLE, "--mirror", code=9)

    def test_no_such_host(self, machine: Machine) -> None:
        nobody = ["--mirror", "http://archive.invalid/ubuntu", "--keyring", str(machine.repository.keyring)]
        refused(machine.run("create", NOBLE, *nobody), NOBLE, "archive.invalid", code=9)

    def test_no_archive_there(self, machine: Machine) -> None:
        nothing = ["--mirror", f"{machine.server.url}/nothing", "--keyring", str(machine.repository.keyring)]
        refused(machine.run("create", NOBLE, *nothing), NOBLE, "--mirror")


class TestMachinesWithoutApt:
    NO_APT = "This machine has no apt-get, which fetches and verifies packages"

    @pytest.fixture
    def programs(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
        """The directory of all programs that the machine has."""
        programs = tmp_path / "programs"
        programs.mkdir()
        monkeypatch.setenv("PATH", str(programs))
        return programs

    @pytest.mark.usefixtures("programs")
    def test_with_a_mirror(self, machine: Machine) -> None:
        refused(machine.create(), self.NO_APT)

    @pytest.mark.usefixtures("programs")
    @pytest.mark.parametrize("system", ["ubuntu", "fedora", "arch"])
    def test_without_options(self, machine: Machine, monkeypatch: pytest.MonkeyPatch, system: str) -> None:
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": system})
        refused(machine.run("create", NOBLE), self.NO_APT)

    def test_without_dpkg(self, machine: Machine, programs: Path) -> None:
        (programs / "apt-get").symlink_to(shutil.which("apt-get", path="/usr/bin") or "")
        ended = machine.create()
        refused(ended, "no dpkg-deb, which unpacks packages")
        assert self.NO_APT not in ended.err


@pytest.mark.parametrize("lacking", ["g++", "libc6-dev", "libpython3-dev"])
def test_an_archive_that_lacks_what_every_sysroot_has(machine: Machine, lacking: str) -> None:
    packages = machine.repository.suites["noble"]
    packages[:] = [package for package in packages if package.name != lacking]
    machine.repository.publish()
    ended = machine.create()
    refused(ended, f"{NOBLE} has no package {lacking}")
    assert "--mirror" in ended.hint


def test_a_compiler_of_no_version(machine: Machine) -> None:
    machine.repository.upgrade(Package(name="g++", depends="libc6"))
    refused(machine.create(), NOBLE, "g++", "libc6")
