"""crossbuild run and crossbuild env: what the command in it sees, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild

pytestmark = pytest.mark.cross

HOST = "manylinux_2_28_aarch64"


def chosen(crossbuild: Crossbuild, host: str = HOST) -> tuple[str, ...]:
    return ("--host", host, "--python", "3.11", *crossbuild.build_python_for((3, 11)))


def run(crossbuild: Crossbuild, *command: str | Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return crossbuild("run", *chosen(crossbuild), "-q", *command, environ={"TMPDIR": str(tmp_path), "OUR_TOKEN": "x"})


def test_what_runs_where(crossbuild: Crossbuild, tmp_path: Path) -> None:
    code = (
        "import os, sysconfig; print(os.uname().machine, sysconfig.get_platform(), os.environ.get('CC', 'none')[-4:])"
    )
    each = f'for python in python python3 python3.11 cross-python build-python; do $python -c "{code}"; done'
    done = run(crossbuild, "sh", "-c", f"{each}; echo $OUR_TOKEN", tmp_path=tmp_path)
    lines = done.stdout.splitlines()
    assert lines[:4] == ["aarch64 linux-aarch64 -gcc"] * 4, done.stderr
    machine = os.uname().machine
    assert lines[4] == f"{machine} linux-{machine} {crossbuild.bed.environ.get('CC', 'none')[-4:]}"
    assert lines[5:] == ["x"], "it has its caller's variables, which hooks do not get"


def test_the_command_decides_the_end(crossbuild: Crossbuild, tmp_path: Path) -> None:
    assert run(crossbuild, "--", "sh", "-c", "exit 7", tmp_path=tmp_path).returncode == 7
    assert run(crossbuild, "sh", "-c", "kill -KILL $$", tmp_path=tmp_path).returncode == -signal.SIGKILL
    absent = run(crossbuild, "nowhere-to-be-found", "--with", "x", tmp_path=tmp_path)
    assert absent.returncode == 127
    assert "error: nowhere-to-be-found cannot be run" in absent.stderr
    assert not list(tmp_path.iterdir()), "nothing is left"


@pytest.mark.parametrize("script", ["trap 'echo ended; exit 5' TERM; echo ready; while :; do sleep 0.1; done"])
def test_signals_are_the_commands(script: str, crossbuild: Crossbuild, tmp_path: Path) -> None:
    environ = {**crossbuild.bed.environ, "CROSSBUILD_CACHE_DIR": str(crossbuild.cache_dir), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "crossbuild", "run", *chosen(crossbuild), "-q", "sh", "-c", script]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        assert list(tmp_path.iterdir())
        process.terminate()
        assert process.stdout.read() == "ended\n"
    assert process.returncode == 5
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_while_it_is_made_leaves_nothing(number: int, crossbuild: Crossbuild, tmp_path: Path) -> None:
    environ = {**crossbuild.bed.environ, "CROSSBUILD_CACHE_DIR": str(crossbuild.cache_dir), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "crossbuild", "run", *chosen(crossbuild), "-v", "sleep", "60"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert any("venv" in line for line in process.stderr), "the directory is there, and something runs"
        process.send_signal(number)
        process.stderr.read()
    assert process.returncode in {128 + number, -number}
    assert not list(tmp_path.iterdir())


def test_the_standard_streams_are_the_commands(crossbuild: Crossbuild, tmp_path: Path) -> None:
    environ = {**crossbuild.bed.environ, "CROSSBUILD_CACHE_DIR": str(crossbuild.cache_dir), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "crossbuild", "run", *chosen(crossbuild), "sh", "-c", "cat; echo aside >&2"]
    done = subprocess.run(command, env=environ, input="through\n", capture_output=True, text=True, check=True)
    assert done.stdout == "through\n"
    assert done.stderr.endswith("aside\n")


def test_an_environment_within_another_starts_from_outside(crossbuild: Crossbuild, tmp_path: Path) -> None:
    inner = (sys.executable, "-m", "crossbuild", "run", *chosen(crossbuild, "manylinux_2_28_armv7l"), "-q")
    script = 'echo "$CC"; echo "$CROSSBUILD_OUTSIDE_CC"; python -c "import os; print(os.uname().machine)"; echo "$PATH"'
    done = run(crossbuild, "--", *inner, "sh", "-c", script, tmp_path=tmp_path)
    compiler, before, machine, path = done.stdout.splitlines()
    assert compiler.endswith("arm-linux-gnueabihf-gcc"), done.stderr
    assert (before, machine) == (crossbuild.bed.environ.get("CC", ""), "armv7l")
    assert path.count("cross-venv") == 1


def test_a_kept_environment(crossbuild: Crossbuild, tmp_path: Path) -> None:
    def env(*options: str | Path) -> subprocess.CompletedProcess[str]:
        return crossbuild("env", *chosen(crossbuild), tmp_path / "kept", *options)

    made = env()
    assert made.stdout == f"{tmp_path}/kept/activate\n", made.stderr
    (tmp_path / "kept/mine").touch()
    known = json.loads(env("--json").stdout)
    assert known["host"] == f"{HOST} 3.11"
    assert known["variables"]["own"]["CC"].endswith("aarch64-linux-gnu-gcc")
    assert (tmp_path / "kept/mine").exists(), "it was taken as it is"
    other = env("--with", "six", "--json")
    assert other.returncode == json.loads(other.stdout)["error"]["exit_code"] == 2
    assert "--clear" in other.stderr
    lines = env("--with", "six", "--clear", "--shell").stdout
    assert not (tmp_path / "kept/mine").exists()
    script = f"{lines}\npython -c 'import six, os; print(os.uname().machine)'"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "aarch64\n", done.stderr
    stranger = crossbuild("env", *chosen(crossbuild), tmp_path, "--clear")
    assert stranger.returncode == 2
    assert (tmp_path / "kept").is_dir()
