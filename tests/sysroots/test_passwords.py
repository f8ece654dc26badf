"""A password in a mirror's address: apt gets it, and no file keeps it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.canary import LOGIN, files_with_it, is_in, with_login
from tests.sysroots.machine import NOBLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross


def test_it_is_kept_nowhere(machine: Machine) -> None:
    machine.server.login = LOGIN
    mirrors = ("--mirror", f"{with_login(machine.server.url)}/", "--mirror", with_login(machine.server.url))
    sources = (*mirrors, "--keyring", str(machine.repository.keyring))
    commands = [
        ("create", NOBLE, *sources),
        ("add", NOBLE, "libdemo-dev", *sources),
        ("info", NOBLE, *sources),
        ("list",),
    ]
    for command in commands:
        ended = machine.run(*command, "-v", "--json") if command[0] != "list" else machine.run(*command, "--json")
        assert ended.code == 0, ended.err
        assert not is_in((ended.out + ended.err).encode())
    assert "libdemo-dev_1.0-1_arm64.deb" in machine.server.downloads()
    assert files_with_it(machine.home) == []


def test_a_wrong_one_is_not_repeated(machine: Machine) -> None:
    machine.server.login = "Basic another"
    sources = ("--mirror", with_login(machine.server.url), "--keyring", str(machine.repository.keyring))
    ended = machine.run("create", NOBLE, *sources, "-v")
    assert ended.code in {9, 11}
    assert "401" in ended.err
    assert not is_in(ended.err.encode())
    assert files_with_it(machine.home) == []


def test_a_further_mirror_gets_its_own(machine: Machine, tmp_path: Path) -> None:
    """What the first mirror lacks comes from the second, which asks for the password."""
    shutil.copytree(machine.repository.directory, tmp_path / "gaps")
    for file in (tmp_path / "gaps").rglob("libdemo-dev_*"):
        file.unlink()
    machine.server.login = LOGIN
    sources = ("--mirror", f"copy:{tmp_path}/gaps", "--mirror", with_login(machine.server.url))
    ended = machine.run("create", NOBLE, "libdemo-dev", *sources, "--keyring", str(machine.repository.keyring), "-v")
    assert ended.code == 0, ended.err
    assert machine.server.downloads() == ["libdemo-dev_1.0-1_arm64.deb"]
    assert not is_in(ended.err.encode())
    assert files_with_it(machine.home) == []
