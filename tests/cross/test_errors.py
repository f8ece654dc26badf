"""Failures on the way to a wheel, as a user sees them: an exit code, what to do, and where to look."""

from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import copy_project
from tests.cross.failures import assert_fails
from tests.cross.ways import SYNTHESISED

if TYPE_CHECKING:
    from tests.commands import Crossbuild

pytestmark = pytest.mark.cross

SDIST = {"pyproject.toml": "", "PKG-INFO": "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n"}


def test_a_compiler_for_another_machine(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    done = crossbuild("wheel", project, "--cc", "gcc", "-w", tmp_path / "wheels", host="linux_aarch64")
    said = ("gcc", "aarch64-linux-gnu", "--toolchain zig")
    assert_fails(done, 5, *said, nothing_in=tmp_path / "wheels")


@pytest.mark.parametrize(
    "does",
    ["echo 'no licence for this machine' >&2; exit 1", "exit 0", 'for last; do :; done; echo "no object" >"$last"'],
    ids=["fails", "makes nothing", "makes no object"],
)
def test_a_compiler_that_does_not_compile(does: str, crossbuild: Crossbuild, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("gcc", "g++", "ar", "ranlib", "strip"):
        tool = tmp_path / "bin" / f"aarch64-linux-gnu-{name}"
        tool.write_text(f"#!/bin/sh\n[ $# != 1 ] || exec echo 'Some compiler 1.0'\n{does}\n")
        tool.chmod(0o755)
    project = copy_project("setuptools-c", tmp_path / "project")
    command = ("wheel", project, "--toolchain", tmp_path / "bin", "-w", tmp_path / "wheels")
    done = crossbuild(*command, host="linux_aarch64")
    said = ["no licence for this machine"] if "licence" in does else []
    assert_fails(done, 5, "aarch64-linux-gnu-g", "--toolchain zig", *said, nothing_in=tmp_path / "wheels")


def test_an_index_that_is_not_there(crossbuild: Crossbuild, tmp_path: Path) -> None:
    command = ("wheel", "markupsafe", "--index-url", "http://127.0.0.1:9/simple", "-w", tmp_path / "wheels")
    done = crossbuild(*command, host=SYNTHESISED, environ={"PIP_FIND_LINKS": ""})
    assert_fails(done, 9, "http://127.0.0.1:9/simple", "could not be read", nothing_in=tmp_path / "wheels")


@pytest.mark.parametrize("hooks", ["failing-hook", "failing-sdist-hook"])
def test_a_backend_that_fails(hooks: str, crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project(hooks, tmp_path / hooks)
    done = crossbuild("sdist-to-wheel", project, "-w", tmp_path / "wheels", host=SYNTHESISED)
    hook = "build_sdist" if "sdist" in hooks else "build_wheel"
    said = (hook, "RuntimeError: the library that the whole thing is about was not found", "line 199")
    assert_fails(done, 7, *said, nothing_in=tmp_path / "wheels", traceback=True)
    assert "the first of many lines" not in done.stderr
    kept, log = named(done.stderr, "kept"), named(done.stderr, "log")
    assert kept.is_dir()
    assert "the first of many lines" in log.read_text()


def named(text: str, label: str) -> Path:
    found = re.search(f"^{label}: (.*)$", text, re.MULTILINE)
    assert found, text
    return Path(found[1])


def test_the_output_of_a_backend_that_fails_is_all_there_if_asked_for(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("failing-hook", tmp_path / "project")
    done = crossbuild("wheel", project, "-v", "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert_fails(done, 7, "the first of many lines", nothing_in=tmp_path / "wheels", traceback=True)


@pytest.mark.parametrize("command", ["wheel", "sdist-to-wheel"])
@pytest.mark.parametrize("table", ["[build-system]\nbuild-backend = 'flit_core.buildapi'\n", "[build-system\n"])
def test_a_project_that_does_not_say_how_it_is_built(
    table: str, command: str, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project/pyproject.toml").write_text(table)
    done = crossbuild(command, tmp_path / "project", "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert_fails(done, 6, "pyproject.toml", nothing_in=tmp_path / "wheels")


def test_build_requirements_that_are_nowhere(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("pure-flit", tmp_path / "project")
    table = project / "pyproject.toml"
    table.write_text(table.read_text().replace("flit_core>=3.8", "a-build-backend-of-the-future>=9"))
    command = ("wheel", project, "-w", tmp_path / "wheels")
    done = crossbuild(*command, host=SYNTHESISED)
    said = ("a-build-backend-of-the-future", "--build-constraint")
    assert_fails(done, 10, *said, nothing_in=tmp_path / "wheels")


def test_constraints_that_nothing_meets(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    (tmp_path / "constraints.txt").write_text("setuptools < 1\n")
    options = ("--build-constraint", tmp_path / "constraints.txt", "-w", tmp_path / "wheels")
    done = crossbuild("wheel", project, *options, host=SYNTHESISED)
    assert_fails(done, 10, "setuptools", nothing_in=tmp_path / "wheels")


def test_an_sdist_that_is_no_archive(crossbuild: Crossbuild, tmp_path: Path) -> None:
    sdist = tmp_path / "thing-1.0.tar.gz"
    sdist.write_bytes(b"a page that says: not found")
    done = crossbuild("wheel", sdist, "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert_fails(done, 6, "thing-1.0.tar.gz", nothing_in=tmp_path / "wheels")


@pytest.mark.parametrize(
    ("name", "link"), [("thing-1.0/../../../outside", ""), ("/outside", ""), ("thing-1.0/link", "/etc")]
)
def test_an_sdist_that_writes_where_it_must_not(name: str, link: str, crossbuild: Crossbuild, tmp_path: Path) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = (tarfile.SYMTYPE, link) if link else (tarfile.REGTYPE, "")
    sdist = make_sdist(tmp_path / "thing-1.0.tar.gz", member)
    done = crossbuild("wheel", sdist, "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert_fails(done, 6, "thing-1.0.tar.gz", name, nothing_in=tmp_path / "wheels")


def make_sdist(path: Path, other: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in SDIST.items():
            member = tarfile.TarInfo(f"thing-1.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
        archive.addfile(other)
    return path


@pytest.mark.parametrize("command", ["wheel", "sdist-to-wheel"])
def test_a_directory_without_a_project(command: str, crossbuild: Crossbuild, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = crossbuild(command, tmp_path / "empty", "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert_fails(done, 6, str(tmp_path / "empty"), nothing_in=tmp_path / "wheels")
