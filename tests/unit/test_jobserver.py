"""The jobs that several builds share, and how programs that are too old for that are brought to it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from crossbuild.native.jobserver import jobserver, own_ninja, parallel_variables, write_make, write_ninja
from crossbuild.native.meson import build_settings
from crossbuild.system.cache import Cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.native.jobserver import Jobserver

MAKE = """#!/bin/sh
[ "$1" != --version ] || {{ echo "GNU Make {version}"; exit; }}
echo "$MAKEFLAGS"
[ -e /proc/self/fd/8 ] && head -c 1 <&8 >&9 && echo "a token was taken from 8 and given back to 9"
echo "$0" "$@"
"""
NINJA = """#!/bin/sh
[ "$1" != --version ] || {{ echo {version}; exit; }}
echo "$0" "$@"
"""


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """A directory for programs, on a PATH."""
    return make_directory(tmp_path / "the real ones")


@pytest.fixture
def wrappers(tmp_path: Path) -> Path:
    """The directory before it."""
    return make_directory(tmp_path / "wrappers")


def make_directory(path: Path) -> Path:
    path.mkdir()
    return path


def write(program: Path, text: str) -> None:
    program.write_text(text)
    program.chmod(0o755)


def names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def run(wrappers: Path, real: Path, *command: str, **variables: str) -> list[str]:
    path = os.pathsep.join(map(str, (wrappers, real, "/usr/bin", "/bin")))
    done = subprocess.run(command, env={"PATH": path, **variables}, capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout.splitlines()


class Build(threading.Thread):
    """A build that waits for its turn, and ends as soon as it has had it."""

    def __init__(self, server: Jobserver) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.gave_up = False
        self.start()

    def run(self) -> None:
        try:
            with self.server.slot():
                pass
        except InterruptedError:
            self.gave_up = True

    def ends(self, seconds: float) -> bool:
        self.join(seconds)
        return not self.is_alive()


def test_no_more_builds_run_than_there_are_jobs(tmp_path: Path) -> None:
    with jobserver(2, tmp_path, at_once=2) as server:
        with server.slot():
            assert Build(server).ends(9)
            with server.slot():
                third, fourth = Build(server), Build(server)
                assert not third.ends(0.05)
                assert not fourth.ends(0)
            assert third.ends(9)
            assert fourth.ends(9)
        assert not third.gave_up


def test_a_build_that_fails_gives_its_job_back(tmp_path: Path) -> None:
    with jobserver(1, tmp_path, at_once=1) as server:
        with pytest.raises(KeyError), server.slot():
            raise KeyError
        assert Build(server).ends(9)


def test_who_waits_when_the_builds_are_given_up_does_not_wait_on(tmp_path: Path) -> None:
    with jobserver(1, tmp_path, at_once=2) as server, server.slot():
        build = Build(server)
        assert not build.ends(0.01)
        server.stop()
        assert build.ends(9)
        assert build.gave_up
        assert Build(server).ends(9)


def test_a_program_takes_jobs_from_the_pipe_that_the_flags_name(tmp_path: Path) -> None:
    for name in ("plain", "with a blank"):
        with jobserver(2, make_directory(tmp_path / name), at_once=2) as server:
            jobs, auth = server.makeflags.split()
            pipe = os.open(auth.removeprefix("--jobserver-auth=fifo:"), os.O_RDWR)
            token = os.read(pipe, 1)
            with server.slot():
                build = Build(server)
                assert not build.ends(0.01)
                os.write(pipe, token)
                assert build.ends(9)
            os.close(pipe)
            assert jobs == "-j1", "for those that know no jobserver"


def test_with_a_jobserver_nothing_else_is_said_to_those_that_ask_it(tmp_path: Path) -> None:
    with jobserver(4, tmp_path, at_once=2) as server:
        told = parallel_variables(4, server)
    flags = f"-j2 --jobserver-auth=fifo:{tmp_path}/jobs"
    assert told == {"MAKEFLAGS": flags, "CARGO_MAKEFLAGS": flags, "CARGO_BUILD_JOBS": "2"}
    assert json.loads(build_settings([], None))["compile-args"] == []


def test_without_one_all_are_told_the_number_of_jobs() -> None:
    assert parallel_variables(3, None) == {
        "CMAKE_BUILD_PARALLEL_LEVEL": "3",
        "CARGO_BUILD_JOBS": "3",
        "MAKEFLAGS": "-j3",
    }


@pytest.mark.parametrize("version", ["3.82", "4.2.1", "4.3"])
@pytest.mark.parametrize("name", ["make", "gmake"])
def test_an_old_make_gets_the_jobserver_as_descriptors(
    name: str, version: str, real: Path, wrappers: Path, tmp_path: Path
) -> None:
    write(real / name, MAKE.format(version=version))
    write_make(wrappers, path=str(real))
    assert names(wrappers) == [name]
    with jobserver(4, tmp_path, at_once=2) as server:
        for flags in (server.makeflags, f"-j2 --jobserver-fds=fifo:{server.fifo} --jobserver-auth=fifo:{server.fifo}"):
            assert run(wrappers, real, name, "-C", "two words", MAKEFLAGS=flags) == [
                "-j2 --jobserver-auth=8,9 --jobserver-fds=8,9",
                "a token was taken from 8 and given back to 9",
                f"{real}/{name} -C two words",
            ]


@pytest.mark.parametrize("flags", ["", "-j3", "k -j3 --jobserver-auth=3,4"])
def test_without_a_named_pipe_an_old_make_is_just_make(flags: str, real: Path, wrappers: Path) -> None:
    write(real / "make", MAKE.format(version="4.3"))
    write_make(wrappers, path=str(real))
    assert run(wrappers, real, "make", "all", MAKEFLAGS=flags) == [flags, f"{real}/make all"]


@pytest.mark.parametrize("version", ["4.4", "4.4.1", "4.10", "5.0"])
def test_a_make_that_knows_named_pipes_is_left_alone(version: str, real: Path, wrappers: Path) -> None:
    write(real / "make", MAKE.format(version=version))
    write_make(wrappers, path=str(real))
    assert not names(wrappers)


def test_there_is_no_make_or_ninja_where_there_was_none(real: Path, wrappers: Path, tmp_path: Path) -> None:
    with jobserver(4, tmp_path, at_once=2) as server:
        write_make(wrappers, path=str(real))
        write_ninja(wrappers, server, {"PATH": str(real)}, newer=None)
    assert not names(wrappers)


@pytest.mark.parametrize("name", ["ninja", "ninja-build", "samu"])
@pytest.mark.parametrize(("version", "told"), [("1.9.0", "-j2 "), ("1.12.1", "-j2 "), ("1.13.0.git.kitware", "")])
def test_an_old_ninja_runs_its_share(
    name: str, version: str, told: str, real: Path, wrappers: Path, tmp_path: Path
) -> None:
    write(real / name, NINJA.format(version=version))
    with jobserver(5, tmp_path, at_once=2) as server:
        write_ninja(wrappers, server, {"PATH": os.pathsep.join(map(str, (wrappers, real)))}, newer=None)
    assert run(wrappers, real, name, "-C", "b", "all") == [f"{real}/{name} {told}-C b all"]


@pytest.mark.parametrize(("name", "expected"), [("ninja", "{newer}/ninja all"), ("samu", "{real}/samu -j2 all")])
def test_a_newer_ninja_takes_the_place_of_an_old_one(
    name: str, expected: str, real: Path, wrappers: Path, tmp_path: Path
) -> None:
    newer = tmp_path / "newer"
    newer.mkdir()
    write(real / name, NINJA.format(version="1.11.1"))
    write(newer / "ninja", NINJA.format(version="1.13.2"))
    with jobserver(5, tmp_path, at_once=2) as server:
        write_ninja(wrappers, server, {"PATH": str(real)}, newer=newer / "ninja")
    assert run(wrappers, real, name, "all") == [expected.format(newer=newer, real=real)]


def test_who_waits_for_another_leaves_it_the_jobs(tmp_path: Path) -> None:
    cache, waits = Cache(root=tmp_path / "cache"), threading.Event()
    made: list[Path] = []

    def make(scratch: Path) -> None:
        # Ends only when all the jobs are here.
        assert waits.wait(120)
        with server.slot(), server.slot():
            (scratch / "made").touch()
        made.append(scratch)

    @contextmanager
    def resting() -> Iterator[None]:
        with server.resting():
            waits.set()
            yield

    def ask() -> None:
        with server.slot():
            cache.entry("kind", "key", make, while_waiting=resting)

    with jobserver(3, tmp_path, at_once=2) as server, ThreadPoolExecutor() as threads:
        for future in [threads.submit(ask) for _ in range(2)]:
            future.result(20)
        with server.slot(), server.slot(), server.slot():
            assert len(made) == 1


def test_there_is_a_newer_ninja() -> None:
    own = own_ninja()
    assert own
    told = subprocess.run([own, "--version"], capture_output=True, text=True, check=True).stdout
    assert tuple(map(int, told.split(".")[:2])) >= (1, 13)


def test_a_share_is_never_nothing(tmp_path: Path) -> None:
    with jobserver(2, tmp_path, at_once=3) as server:
        assert server.share == 1
