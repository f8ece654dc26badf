"""The program of the page about the library that makes a sysroot, run as printed there."""

from __future__ import annotations

import platform
import runpy
import shutil
from typing import TYPE_CHECKING

import pytest

import crossbuild
from tests.examples import library_examples
from tests.repository import Package

if TYPE_CHECKING:
    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross

BOOKWORM = "debian:bookworm:arm64"


@pytest.fixture(autouse=True)
def debian(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine be a Debian whose own apt has, and trusts, an archive with the package of the example."""
    machine.repository.suites["bookworm"].append(Package(name="libxml2-dev", files={"/usr/include/xml.h": ""}))
    machine.repository.publish()
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "debian", "VERSION_CODENAME": "bookworm"})
    monkeypatch.setattr("crossbuild.sysroot.apt_sources._KEYRINGS", {"debian": "/nowhere/archive-keyring.gpg"})
    (machine.home / "sources.list").write_text(f"deb {machine.server.url} bookworm main\n")
    (machine.home / "trusted").mkdir()
    shutil.copy(machine.repository.keyring, machine.home / "trusted/archive.gpg")
    machine.configure_apt(f'Dir::Etc::trustedparts "{machine.home}/trusted";\n')


def test_it_runs_as_printed(machine: Machine) -> None:
    (program,) = library_examples()["Make sysroots"]
    (machine.home / "program.py").write_text(program)
    runpy.run_path(str(machine.home / "program.py"))
    assert machine.capsys.readouterr().out == f"{BOOKWORM} libxml2-dev\n"
    assert crossbuild.Sysroots().all() == [], "the environment of the process says where the cache is"


def test_packages_come_and_go(machine: Machine) -> None:
    source = crossbuild.SourceRequest(mirror=machine.server.url, keyring=machine.repository.keyring)
    sysroots = crossbuild.Sysroots(source=source, environ=machine.environ)
    root = sysroots.create(BOOKWORM, directory=machine.home / "root", lock=machine.home / "lock").directory
    assert (machine.home / "lock").is_file()
    assert sysroots.add_packages(root, ["libxml2-dev"]).version_of("libxml2-dev")
    assert sysroots.find(root).requested == ("libxml2-dev",)
    assert not sysroots.remove_packages(root, ["libxml2-dev"]).requested
    sysroots.remove(root)
    with pytest.raises(crossbuild.SysrootError):
        sysroots.find(root)
