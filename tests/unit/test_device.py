"""A device that runs what builds make for the host: how it is reached, and what it may write."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import HostError
from crossbuild.reporting import SilentReporter
from crossbuild.runtimes.device import provide_device
from crossbuild.runtimes.provide import provide_emulator
from crossbuild.session.session import Session
from crossbuild.system.filesystem import write_script
from tests.unit.session_samples import make_session, set_host
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HERE = 'for last; do :; done\nexec sh -c "$last"\n'
"""An ssh whose device is this machine."""


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    return make_session(tmp_path, reporter=SilentReporter(), monkeypatch=monkeypatch)


def by_ssh(session: Session, directory: Path, script: str, destination: str = "board") -> Session:
    """Return a session with a device, reached by the ``script`` in place of ssh."""
    (directory / "bin").mkdir()
    write_script(directory / "bin/ssh", script)
    options = replace(session.options, runner=f"ssh://{destination}")
    environ = {"PATH": f"{directory / 'bin'}:{os.environ['PATH']}"}
    return Session.from_options(options, reporter=SilentReporter(), environ=environ)


def test_the_device_comes_before_any_emulator(session: Session, tmp_path: Path) -> None:
    device = provide_emulator(by_ssh(session, tmp_path, "exit 0\n"))
    assert device is not None
    assert device.source == "board"
    assert device.command != ()


@pytest.mark.parametrize("runner", ["", "docker://image", "qemu-aarch64 -L /root"])
def test_other_runners_are_for_tests(session: Session, runner: str) -> None:
    assert provide_device(replace(session, options=replace(session.options, runner=runner))) is None


def test_what_this_machine_runs_is_not_sent_away(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_host(make_host(f"linux_{os.uname().machine}", libc="glibc 2.36"), monkeypatch)
    assert provide_device(by_ssh(session, tmp_path, "exit 1\n")) is None


def test_a_device_that_does_not_answer_is_an_error(session: Session, tmp_path: Path) -> None:
    unreachable = by_ssh(session, tmp_path, "echo 'no route to host' >&2; exit 255\n")
    with pytest.raises(HostError, match=r"Programs for the host cannot run on board: .*status 255") as error:
        provide_device(unreachable)
    assert error.value.why == "no route to host"
    assert "SSH_AUTH_SOCK" in error.value.fix


@pytest.mark.parametrize("destination", ["", "-oProxyCommand=true"])
def test_no_option_of_ssh_is_taken_for_a_device(session: Session, tmp_path: Path, destination: str) -> None:
    with pytest.raises(HostError, match="is not a destination of ssh"):
        provide_device(by_ssh(session, tmp_path, "exit 0\n", destination))


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """The directory of a build, with a program."""
    (tmp_path / "build/source").mkdir(parents=True)
    (tmp_path / "build/tmp").mkdir()
    (tmp_path / "device").mkdir()
    write_script(tmp_path / "build/source/program", 'echo "$0 $1 $HOME"; cat; cp old new; exit 3\n')
    (tmp_path / "build/source/old").write_text("content")
    return tmp_path / "build"


def run(build: Path, program: str, *words: str, ssh: str = HERE) -> subprocess.CompletedProcess[str]:
    """Run the program as the kernel does, where ssh is a script."""
    (build / "bin").mkdir()
    write_script(build / "bin/ssh", ssh)
    environ = {
        "CROSSBUILD_DIRECTORY": str(build),
        "PATH": f"{build / 'bin'}:{os.environ['PATH']}",
        "TMPDIR": str(build.parent / "device"),
        "HOME": "/home/here",
    }
    command = [sys.executable, "-P", "-m", "crossbuild.building.on_device", "board", program, *words]
    return subprocess.run(
        command, cwd=build / "source", env=environ, input="asked\n", capture_output=True, text=True, check=False
    )


def test_a_program_runs_in_a_copy_of_the_build(build: Path) -> None:
    done = run(build, "./program", f"--out={build}/source/new")
    assert done.returncode == 3
    device = build.parent / "device"
    started, said = done.stdout.splitlines()
    program, word, home = started.split()
    assert program.startswith(f"{device}/crossbuild-")
    assert word == "--out=" + program.replace("/program", "/new")
    assert (said, home) == ("asked", "/home/here")
    assert (build / "source/new").read_text() == "content"
    assert list(device.iterdir()) == []


def test_a_device_that_cannot_be_reached_is_told_of(build: Path) -> None:
    done = run(build, "./program", ssh="echo no route >&2; exit 255\n")
    assert done.returncode == 126
    assert done.stderr == "no route\n./program cannot run on board: its files cannot be sent\n"


def packed(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


@pytest.mark.parametrize("name", ["{build}/bin/cc", "{build}/source/../bin/cc", "/etc/passwd"])
def test_a_device_writes_nothing_outside(build: Path, name: str) -> None:
    answer = build.parent / "answer.tar"
    answer.write_bytes(packed({name.format(build=build).lstrip("/"): b"bad"}))
    lies = f'case "$*" in *-newer*) cat {answer};; *mktemp*) cat >/dev/null; echo /nowhere;; esac\n'
    done = run(build, "./program", ssh=lies)
    assert done.returncode == 126
    assert "which is no file of the build" in done.stderr
    assert not (build / "bin/cc").exists()
