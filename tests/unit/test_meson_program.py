"""``meson`` on the cross PATH, in front of a program that tells how it was called."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from crossbuild.native.build_layout import BuildDirectory
from crossbuild.native.meson import write_meson

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TELL = '#!/bin/sh\nfor argument do printf "%s\\n" "$argument"; done\n'


class Environment:
    """The directory of an environment, and a Meson that comes later on the PATH."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "the environment"
        self.sources = directory / "sources"
        for place in (self.directory / "bin", self.directory / "native", self.sources, directory / "real"):
            place.mkdir(parents=True)
        self.path = [self.directory / "bin", directory / "real"]
        self.files = [self.directory / "native" / name for name in ("cross.ini", "programs.ini")]
        self.options = [f"--cross-file={file}" for file in self.files]
        write_meson(BuildDirectory(path=self.directory), self.options)
        real = directory / "real/meson"
        real.write_text(TELL)
        real.chmod(0o755)

    def meson(self, *arguments: str | Path, cwd: Path | None = None, **variables: str) -> list[str]:
        """Return the arguments that Meson is called with in the end."""
        done = self.run(*arguments, cwd=cwd, environ=variables)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def run(
        self, *arguments: str | Path, cwd: Path | None = None, environ: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(map(str, [*self.path, "/usr/bin", "/bin"]))
        return subprocess.run(
            [self.path[0] / "meson", *arguments],
            cwd=cwd or self.sources,
            env={"PATH": path, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def configured(self, name: str, *, whole: bool = True) -> Path:
        """Return a build directory that Meson has set up, or else tried to."""
        private = self.sources / name / "meson-private"
        private.mkdir(parents=True)
        for file in ("cmd_line.txt", *(["coredata.dat"] if whole else [])):
            (private / file).touch()
        return private.parent


@pytest.fixture
def inside(tmp_path: Path) -> Environment:
    return Environment(tmp_path)


@pytest.mark.parametrize("command", [["setup"], []])
@pytest.mark.parametrize(
    "arguments",
    [
        ["build"],
        ["build", ".", "-Dname=two words"],
        ["--reconfigure", "build"],
        ["--cross-file", "own.ini", "--native-file=n.ini", "build"],
    ],
)
def test_a_new_build_directory_is_for_the_host(inside: Environment, command: list[str], arguments: list[str]) -> None:
    # What the user says comes later, and wins.
    assert inside.meson(*command, *arguments) == ["setup", *inside.options, *arguments]


def test_without_any_arguments_it_sets_up_the_working_directory(inside: Environment) -> None:
    assert inside.meson() == ["setup", *inside.options]


@pytest.mark.parametrize(
    "arguments",
    [
        ["compile", "-C", "build"],
        ["devenv", "-C", "build", "true"],
        ["configure", "build", "-Dx=y"],
        ["introspect", "build"],
        ["--version"],
        ["--internal", "regenerate", ".", "build"],
    ],
)
def test_all_but_setup_is_left_alone(inside: Environment, arguments: list[str]) -> None:
    assert inside.meson(*arguments) == arguments


def test_a_build_directory_is_told_once(inside: Environment) -> None:
    build = inside.configured("build")
    for arguments in (["--reconfigure", build], ["--wipe", build], [build], [build, inside.sources]):
        assert inside.meson("setup", *arguments) == ["setup", *map(str, arguments)]
    assert inside.meson("setup", "--reconfigure", cwd=build) == ["setup", "--reconfigure"]
    assert inside.meson("setup", "--wipe", "..", cwd=build) == ["setup", "--wipe", ".."]


def test_one_that_failed_is_told_again_unless_it_repeats_what_it_was_told(inside: Environment) -> None:
    inside.configured("build", whole=False)
    assert inside.meson("setup", "build") == ["setup", *inside.options, "build"]
    assert inside.meson("setup", "--wipe", "build") == ["setup", "--wipe", "build"]


def test_a_project_that_sets_up_another_while_it_is_built(inside: Environment) -> None:
    build = inside.configured("build")
    arguments = ["inner", str(inside.sources / "inner")]
    assert inside.meson("setup", *arguments, cwd=build) == ["setup", *inside.options, *arguments]


def test_who_names_our_files_gets_no_others(inside: Environment) -> None:
    assert inside.meson("setup", "build", *inside.options) == ["setup", "build", *inside.options]


def test_of_two_environments_the_inner_one_counts(inside: Environment, tmp_path: Path) -> None:
    inner = Environment(tmp_path / "inner")
    inner.path = [inner.path[0], *inside.path]
    told = inner.meson("setup", "build", CROSSBUILD_DIRECTORY=str(inner.directory))
    assert told == ["setup", *inner.options, "build"]


def test_where_there_is_none_it_says_what_to_type(inside: Environment, tmp_path: Path) -> None:
    (inside.path[1] / "meson").unlink()
    record = tmp_path / "record"
    record.mkdir()
    environ = {"PATH": str(inside.path[0]), "CROSSBUILD_RECORD": str(record)}
    done = inside.run("--version", environ=environ)
    assert (done.returncode, done.stdout) == (127, "")
    assert "build-pip install meson" in done.stderr
    assert (record / "absent-programs").read_text() == "meson\n"
