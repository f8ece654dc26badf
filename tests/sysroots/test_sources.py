"""Where packages come from, and that the machine's own settings of apt stay in effect, but for what would weaken it."""

from __future__ import annotations

import platform
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import CrossbuildError, SysrootError
from crossbuild.sysroot.apt_sources import SourceRequest, source_lines
from crossbuild.sysroot.names import SysrootName
from tests.sysroots.machine import NOBLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross

DEBIAN = {"ID": "debian", "VERSION_CODENAME": "bookworm"}
UBUNTU = {"ID": "ubuntu", "VERSION_CODENAME": "noble"}

ON_DEBIAN = """\
'http://mirror.example.org/debian/dists/bookworm/InRelease' mirror.example.org_debian_dists_bookworm_InRelease 0
'http://mirror.example.org/debian/dists/bookworm-updates/InRelease' mirror.example.org_debian_dists_bookworm-updates 0
'http://mirror.example.org/debian/dists/bookworm-backports/InRelease' mirror.example.org_bookworm-backports 0
'http://security.debian.org/debian-security/dists/bookworm-security/InRelease' security.debian.org_InRelease 0
'https://vendor.example.com/apt/dists/stable/InRelease' vendor.example.com_apt_dists_stable_InRelease 0
'https://other.example.com/linux/debian/dists/bookworm/InRelease' other.example.com_linux_debian_dists_bookworm 0
"""
ON_UBUNTU = """\
'http://archive.ubuntu.com/ubuntu/dists/noble/InRelease' archive.ubuntu.com_ubuntu_dists_noble_InRelease 0
'http://archive.ubuntu.com/ubuntu/dists/noble-updates/InRelease' archive.ubuntu.com_ubuntu_dists_noble-updates 0
'http://security.ubuntu.com/ubuntu/dists/noble-security/InRelease' security.ubuntu.com_ubuntu_dists_noble-security 0
"""


class TestTheMachinesOwn:
    """Suite and architecture are exchanged in what the machine's apt has."""

    @staticmethod
    def lines(
        monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: dict[str, str], printed: str, name: str
    ) -> list[list[str]]:
        """Return the words of each line, without the options."""
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda: system)
        found = source_lines(
            SysrootName.from_text(name), SourceRequest(), keyrings=tmp_path, release_files=lambda: printed
        )
        return [line.rpartition("] ")[2].split() for line in found]

    def test_debian(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        assert self.lines(monkeypatch, tmp_path, DEBIAN, ON_DEBIAN, "debian:trixie:riscv64") == [
            ["http://mirror.example.org/debian", "trixie", "main"],
            ["http://mirror.example.org/debian", "trixie-updates", "main"],
            ["http://security.debian.org/debian-security", "trixie-security", "main"],
        ]

    def test_a_suite_without_updates(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        assert self.lines(monkeypatch, tmp_path, DEBIAN, ON_DEBIAN, "debian:sid:arm64") == [
            ["http://mirror.example.org/debian", "sid", "main"]
        ]

    def test_ubuntu_has_other_architectures_elsewhere(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        ports = "http://ports.ubuntu.com/ubuntu-ports"
        suites = ["jammy", "jammy-updates", "jammy-security"]
        assert self.lines(monkeypatch, tmp_path, UBUNTU, ON_UBUNTU, "ubuntu:jammy:arm64") == [
            [ports, suite, "main", "universe"] for suite in suites
        ]
        found = self.lines(monkeypatch, tmp_path, UBUNTU, ON_UBUNTU, "ubuntu:jammy:amd64")
        assert [line[0] for line in found] == [
            *["http://archive.ubuntu.com/ubuntu"] * 2,
            "http://security.ubuntu.com/ubuntu",
        ]

    @pytest.mark.parametrize(
        ("system", "printed"), [(DEBIAN, ON_DEBIAN), ({"ID": "fedora"}, ""), ({}, ""), (UBUNTU, "")]
    )
    def test_another_distributions(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: dict[str, str], printed: str
    ) -> None:
        with pytest.raises(CrossbuildError) as caught:
            self.lines(monkeypatch, tmp_path, system, printed, NOBLE)
        assert caught.value.exit_code == 11
        assert "--mirror" in caught.value.fix

    def test_nothing_is_asked_on_another_distribution(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "fedora"})
        name = SysrootName.from_text(NOBLE)
        with pytest.raises(SysrootError, match="fedora"):
            source_lines(name, SourceRequest(), keyrings=tmp_path, release_files=lambda: pytest.fail("apt was asked"))

    def test_the_keys_of_the_distribution(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda: DEBIAN)
        keyring = tmp_path / "usr/share/keyrings/debian-archive-keyring.gpg"
        keyring.parent.mkdir(parents=True)
        keyring.touch()
        name = SysrootName.from_text("debian:trixie:arm64")
        for line in source_lines(name, SourceRequest(), keyrings=tmp_path, release_files=lambda: ON_DEBIAN):
            assert f" signed-by={keyring} " in line
            assert " arch=arm64 " in line


class TestOnAnUbuntu:
    """The machine is one, and its apt has our archive as that of the machine's own release."""

    @pytest.fixture(autouse=True)
    def ubuntu(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda: UBUNTU | {"VERSION_CODENAME": "jammy"})
        (machine.repository.directory / "ubuntu-ports").symlink_to(".")
        newer = replace(machine.repository.package("libother-dev"), version="1.0-1ubuntu0.1")
        machine.repository.suites["noble-updates"] = [newer]
        machine.repository.publish()
        suites = ("jammy", "jammy-updates")
        own = [f"deb {machine.server.url}/ubuntu-ports {suite} main universe\n" for suite in suites]
        (machine.home / "sources.list").write_text("".join(own))

    def test_the_archive_is_that_of_the_machine(self, machine: Machine) -> None:
        keyring = machine.repository.keyring
        ended = machine.run("create", NOBLE, "libother-dev", "--keyring", keyring, "--json")
        assert ended.code == 0, ended.err
        (facts,) = ended.json["sysroots"]
        assert facts["packages"]["libother-dev"] == "1.0-1ubuntu0.1", "which is an update"

    def test_a_release_without_updates(self, machine: Machine) -> None:
        del machine.repository.suites["noble-updates"]
        shutil.rmtree(machine.repository.directory / "dists/noble-updates")
        ended = machine.run("create", NOBLE, "--keyring", machine.repository.keyring)
        assert ended.code == 0, ended.err
        assert "noble-updates" in ended.err, "it is said that there are none"

    def test_without_a_network_the_updates_of_last_time_serve(self, machine: Machine) -> None:
        """What is known of them is known for as long as nothing says that it is wrong."""
        options = ("libother-dev", "--keyring", machine.repository.keyring)
        assert machine.run("create", NOBLE, *options).code == 0
        machine.configure_apt('Acquire::http::Proxy "http://127.0.0.1:1";\n')
        ended = machine.run("create", NOBLE, *options, "--json", "-o", machine.home / "root")
        assert ended.code == 0, ended.err
        assert "the lists from last time" in ended.err
        assert "without" not in ended.err
        (facts,) = ended.json["sysroots"]
        assert facts["packages"]["libother-dev"] == "1.0-1ubuntu0.1"

    def test_without_a_network_from_the_start(self, machine: Machine) -> None:
        machine.configure_apt('Acquire::http::Proxy "http://127.0.0.1:1";\n')
        ended = machine.run("create", NOBLE, "--keyring", machine.repository.keyring)
        assert ended.code == 9
        assert "without" not in ended.err

    def test_updates_that_somebody_has_changed(self, machine: Machine) -> None:
        """Nothing of them is used, and that is said; whoever can damage them could also have kept them away."""
        machine.repository.tamper_with_index("noble-updates", b"1.0-1ubuntu0.1", b"1.0-1ubuntu9.9")
        ended = machine.run("create", NOBLE, "--keyring", machine.repository.keyring)
        assert ended.code == 0, ended.err
        assert "warning:" in ended.err
        assert "without noble-updates" in ended.err
        assert "ubuntu9.9" not in machine.run("info", NOBLE, "--json").out

    def test_without_options(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        """Keys that the machine's apt trusts are trusted, and sysroots of other sources are others."""
        self.trust(machine, monkeypatch)
        assert machine.run("create", NOBLE).code == 0
        other = machine.made("libother-dev")
        assert machine.run("remove", NOBLE).code == 0
        assert machine.made() == other, "that of the mirror is still there"

    @staticmethod
    def trust(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        (machine.home / "trusted").mkdir()
        shutil.copy(machine.repository.keyring, machine.home / "trusted/archive.gpg")
        machine.configure_apt(f'Dir::Etc::trustedparts "{machine.home}/trusted";\n')
        monkeypatch.setattr("crossbuild.sysroot.apt_sources._KEYRINGS", {"ubuntu": "/nowhere/archive-keyring.gpg"})


class TestASnapshot:
    @pytest.mark.parametrize(
        ("name", "places"),
        [
            ("debian:bookworm:arm64", {"debian", "debian-security"}),
            ("ubuntu:noble:arm64", {"ubuntu"}),
        ],
    )
    def test_all_is_from_then(self, tmp_path: Path, name: str, places: set[str]) -> None:
        request = SourceRequest(snapshot="20260101T000000Z")
        lines = source_lines(SysrootName.from_text(name), request, keyrings=tmp_path, release_files=str)
        addresses = [line.rpartition("] ")[2].split()[0] for line in lines]
        assert all(address.endswith("/20260101T000000Z") for address in addresses)
        assert {address.split("/")[-2] for address in addresses} == places

    @pytest.mark.parametrize("time", ["yesterday", "2026-01-01", "20260101T000000Z/../x"])
    def test_no_time(self, machine: Machine, time: str) -> None:
        ended = machine.run("create", NOBLE, "--snapshot", time)
        assert ended.code in {2, 11}
        assert time in ended.err
        assert "20260101T000000Z" in ended.err

    def test_of_a_mirror(self, machine: Machine) -> None:
        """A mirror has its present only; to take that for the past would be silent."""
        ended = machine.create("--snapshot", "20260101T000000Z")
        assert ended.code in {2, 11}
        assert "--snapshot" in ended.err
        assert "--mirror" in ended.err
        assert machine.server.asked == []


class TestTheMachinesSettings:
    ARCHIVE = "http://archive.invalid/ubuntu"

    @pytest.fixture
    def options(self, machine: Machine) -> list[str]:
        """The archive, by an address that only the proxy understands."""
        (machine.repository.directory / "ubuntu").symlink_to(".")
        return ["--mirror", self.ARCHIVE, "--keyring", str(machine.repository.keyring)]

    def test_a_proxy_in_apts_configuration(self, machine: Machine, options: list[str]) -> None:
        machine.configure_apt(f'Acquire::http::Proxy "{machine.server.url}";\n')
        ended = machine.run("create", NOBLE, "libdemo-dev", *options)
        assert ended.code == 0, ended.err
        assert all(path.startswith(self.ARCHIVE) for path in machine.server.asked)
        assert "libdemo-dev_1.0-1_arm64.deb" in machine.server.downloads()

    def test_a_proxy_in_the_environment(
        self, machine: Machine, options: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", machine.server.url)
        ended = machine.run("create", NOBLE, *options)
        assert ended.code == 0, ended.err
        assert machine.server.downloads()

    def test_a_program_that_finds_the_proxy(self, machine: Machine, options: list[str]) -> None:
        program = machine.home / "find-proxy"
        program.write_text(f"#!/bin/sh\necho {machine.server.url}\n")
        program.chmod(0o755)
        machine.configure_apt(f'Acquire::http::Proxy-Auto-Detect "{program}";\n')
        assert machine.run("create", NOBLE, *options).code == 0

    def test_hooks_for_the_machines_own_packages_do_not_run(self, machine: Machine) -> None:
        evidence = machine.home / "evidence"
        hooks = [f"APT::Update::{when}" for when in ("Pre-Invoke", "Post-Invoke", "Post-Invoke-Success")]
        hooks += [f"DPkg::{when}" for when in ("Pre-Invoke", "Post-Invoke", "Pre-Install-Pkgs")]
        machine.configure_apt("".join(f'{hook} {{ "echo {hook} >> {evidence}"; }};\n' for hook in hooks))
        machine.made("libdemo-dev")
        assert not evidence.exists()

    def test_recommended_packages_are_not_taken(self, machine: Machine) -> None:
        machine.configure_apt('APT::Install-Recommends "true";\nAPT::Install-Suggests "true";\n')
        package = machine.repository.package("libother-dev")
        machine.repository.upgrade(
            type(package)(name="libother-dev", fields={"Recommends": "libdemo-dev", "Suggests": "gcc"})
        )
        root = machine.made("libother-dev")
        assert not (root / "usr/include/demo.h").exists()

    def test_machines_are_configured_in_many_ways(self, machine: Machine) -> None:
        machine.configure_apt(
            'Acquire::GzipIndexes "true";\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
            'APT::Default-Release "bookworm";\nAcquire::Languages { "de"; "en"; };\n'
            'APT::Architectures { "amd64"; "i386"; };\nAPT::Architecture "amd64";\n'
            'APT::Keep-Downloaded-Packages "false";\nAPT::Get::Assume-No "true";\nquiet "2";\nAPT::Color "true";\n'
            'APT::Get::Show-Versions "true";\nAPT::Get::Show-Upgraded "true";\nAPT::Get::Verbose-Versions "true";\n'
        )
        assert (machine.made("libdemo-dev") / "usr/share/demo/table").is_file()

    def test_the_machines_lists_and_preferences_are_not_touched(self, machine: Machine) -> None:
        """The state that apt would have used is neither read nor written."""
        state = machine.home / "var"
        for name in ("lists/partial", "archives/partial", "preferences.d"):
            (state / name).mkdir(parents=True)
        (state / "preferences.d/pin").write_text("Package: *\nPin: release *\nPin-Priority: -1\n")
        (state / "status").write_text(
            "Package: libc6\nStatus: install ok installed\nArchitecture: arm64\nVersion: 99\n"
        )
        machine.configure_apt(
            f'Dir::State "{state}";\nDir::State::lists "{state}/lists";\nDir::State::status "{state}/status";\n'
            f'Dir::Cache "{state}";\nDir::Cache::archives "{state}/archives";\n'
            f'Dir::Etc::preferencesparts "{state}/preferences.d";\n'
        )
        machine.made("libdemo-dev")
        left = {str(path.relative_to(state)) for path in state.rglob("*") if path.is_file()}
        assert left == {"preferences.d/pin", "status"}
