"""The JSON documents of the reference are those that the commands print: programs rely on each member."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.commands import PROJECTS
from tests.json_reference import differences, documented, members, terms

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild

pytestmark = pytest.mark.cross

TAG = "manylinux_2_28_aarch64"


def test_what_was_built(crossbuild: Crossbuild, tmp_path: Path) -> None:
    """Success and failure have the same members, and each is explained."""
    project = PROJECTS / "setuptools-c"
    built = json.loads(crossbuild("wheel", project, "-w", tmp_path, "--json", host=TAG).stdout)
    said = documented("wheel")
    assert not list(differences(said, built))
    assert members(built) <= members(said)
    assert set(said["wheels"][0]) <= terms("wheel")
    assert (built["error"], len(built["wheels"])) == (None, 1)

    failed = json.loads(crossbuild("wheel", project, tmp_path / "absent", "-w", tmp_path, "--json", host=TAG).stdout)
    assert failed.keys() == said.keys()
    assert set(failed["error"]) <= terms("wheel")
    assert {"exit_code", "what", "why", "fix", "log", "kept"} == set(failed["error"])


def test_a_host(crossbuild: Crossbuild) -> None:
    shown = json.loads(crossbuild("host", "show", TAG, "--json").stdout)
    said = documented("host show")
    of_devices = {name: said.pop(name) for name in ("device", "headers")}
    assert of_devices.keys() <= terms("host show")
    assert not list(differences(said, shown))
    assert shown.keys() <= said.keys() | terms("host show")


def test_hosts_and_findings(crossbuild: Crossbuild, tmp_path: Path) -> None:
    (tmp_path / "crossbuild.toml").write_text('[hosts.pi]\nhost = "debian:bookworm:arm64"\n')
    listed = json.loads(crossbuild("host", "list", "--json", cwd=tmp_path).stdout)
    assert listed["named"] == documented("host list")["named"]
    assert not list(differences(documented("host list"), listed))

    looked = json.loads(crossbuild("doctor", "--json", cwd=tmp_path).stdout)
    assert looked["findings"]
    assert not list(differences(documented("doctor"), looked))
    assert members(looked) <= members(documented("doctor"))


def test_an_environment(crossbuild: Crossbuild, tmp_path: Path) -> None:
    made = json.loads(crossbuild("env", "--json", "--with", "six", tmp_path / "inside", host=TAG).stdout)
    said = documented("env")
    assert not list(differences({**said, "variables": {}}, made))
    assert made.keys() == said.keys()
    assert made["variables"].keys() == said["variables"].keys()
    assert said.keys() <= terms("env")
