"""Archives, keys and caches at paths that are relative, or that are not plain."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import SysrootError
from crossbuild.sysroot.apt_sources import mirror_address, usable_keyring
from tests.repository import new_key
from tests.sysroots.machine import NOBLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross


class TestADirectory:
    """An archive, or keys, at a path that is not plain."""

    @pytest.fixture
    def place(self, machine: Machine) -> Path:
        """A directory with an archive and its keys."""
        place = machine.home / 'my archive, [1] 100%41 "ü"'
        shutil.copytree(machine.repository.directory, place / "archive")
        shutil.copy(machine.repository.keyring, place)
        return place

    def test_it_may_have_any_name(self, machine: Machine, place: Path) -> None:
        options = ("--mirror", place / "archive", "--keyring", place / "keyring.gpg")
        ended = machine.run("create", NOBLE, "libdemo-dev", *options)
        assert ended.code == 0, ended.err

    @pytest.mark.parametrize("mirror", ["archive", "./archive", "../{name}/archive"])
    def test_it_may_be_relative(
        self, machine: Machine, place: Path, monkeypatch: pytest.MonkeyPatch, mirror: str
    ) -> None:
        monkeypatch.chdir(place)
        ended = machine.run("create", NOBLE, "--mirror", mirror.format(name=place.name), "--keyring", "keyring.gpg")
        assert ended.code == 0, ended.err

    @pytest.mark.parametrize(
        ("mirror", "address"),
        [
            ("/srv/my archive", "copy:/srv/my%20archive"),
            ("archive", "copy:/somewhere/archive"),
            ("./archive", "copy:/somewhere/archive"),
            ("file:/srv/my%20archive", "copy:/srv/my%20archive"),
            ("file:///srv/archive", "copy:/srv/archive"),
            ("http://[::1]:80/my%20archive", "http://[::1]:80/my%20archive"),
            ("http://example.org/my archive", "http://example.org/my%20archive"),
            ("", ""),
        ],
    )
    def test_its_address(self, monkeypatch: pytest.MonkeyPatch, mirror: str, address: str) -> None:
        monkeypatch.setattr("os.getcwd", lambda: "/somewhere")
        assert mirror_address(mirror) == address
        assert mirror_address(address) == address

    def test_keys_in_letters(self, machine: Machine, place: Path) -> None:
        file = place / "keys.asc"
        file.write_text(str(machine.repository.key.extract_certificate()))
        ended = machine.run("create", NOBLE, "--mirror", machine.server.url, "--keyring", file)
        assert ended.code == 0, ended.err

    def test_the_cache_is_at_such_a_path_too(
        self, machine: Machine, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CROSSBUILD_CACHE_DIR", str(machine.home / "my cache"))
        assert machine.create("libdemo-dev").code == 0
        ended = machine.run("create", NOBLE, "--mirror", str(machine.home), "--keyring", place / "keyring.gpg")
        assert ended.code == 11
        assert str(place / "keyring.gpg") in ended.err
        assert ended.hint

    @pytest.mark.parametrize("name", ["other.gpg", "other keys.gpg"])
    def test_only_these_keys_are_trusted(self, machine: Machine, name: str) -> None:
        """Not those that the machine's apt trusts for its own archives."""
        trusted = machine.home / "trusted"
        trusted.mkdir()
        shutil.copy(machine.repository.keyring, trusted)
        machine.configure_apt(f'Dir::Etc::trustedparts "{trusted}";\n')
        file = machine.home / name
        file.write_bytes(bytes(new_key().extract_certificate()))
        ended = machine.run("create", NOBLE, "--mirror", machine.server.url, "--keyring", file)
        assert ended.code == 11
        assert "not signed" in ended.err

    def test_keys_that_are_gone(self, place: Path, tmp_path: Path) -> None:
        with pytest.raises(SysrootError, match=r"gone\.gpg cannot be read"):
            usable_keyring(place / "gone.gpg", tmp_path)
