"""Ctrl-C and other signals to the command line, and standard streams that are closed or fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from crossbuild.cli.signals import ending_well
from crossbuild.system.interruption import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COMMAND = "import sys; from crossbuild.__main__ import main; sys.exit(main())"
EARLY = """
import os, signal, sys
left = int(sys.argv.pop(1))

def interrupt(event, _):
    global left
    if event == "import":
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGINT)

from crossbuild.cli.standard_streams import settle_process
settle_process()
from crossbuild.__main__ import main
sys.addaudithook(interrupt)
sys.argv[0] = "crossbuild"
sys.exit(main(["wheel", "thing", "--host", "linux_aarch64"]))
"""
BUILD = """
import os, signal, sys, time
from pathlib import Path
from crossbuild import frontend
from crossbuild.__main__ import main
from crossbuild.system.programs import run_program

def build(*_, **__):
    Path("begun").touch()
    {body}
    return []

frontend.fill_wheelhouse = build
sys.argv[:1] = ["crossbuild", "wheel", "thing", "--host", "linux_aarch64"]
sys.exit(main())
"""
SLEEP = "time.sleep(60)"
CLEAN_UP = """
    try:
        time.sleep(60)
    finally:
        Path("ending").touch()
        time.sleep(60)
"""


def environment(directory: Path) -> dict[str, str]:
    paths = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    return {**paths, "LC_ALL": "C.UTF-8", "TMPDIR": str(directory), "HOME": str(directory)}


def start(code: str, directory: Path, *, within: Sequence[str] = ()) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*within, sys.executable, "-c", code],
        cwd=directory,
        env=environment(directory),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def appears(file: Path) -> None:
    until = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < until
        time.sleep(0.01)


def temporary(directory: Path) -> list[Path]:
    return [*directory.glob("crossbuild-*")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with start(BUILD.format(body=SLEEP), tmp_path) as process:
        appears(tmp_path / "begun")
        assert temporary(tmp_path)
        process.send_signal(number)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + number
    assert said == ("error: Interrupted.\n" if number == signal.SIGINT else f"error: Ended by {number.name}.\n")
    assert not temporary(tmp_path)


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with start(BUILD.format(body=CLEAN_UP), tmp_path) as process:
        appears(tmp_path / "begun")
        process.send_signal(signal.SIGINT)
        appears(tmp_path / "ending")
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert time.monotonic() - started < 30


def test_an_ignored_signal_stays_ignored(tmp_path: Path) -> None:
    """As under nohup, also for the programs of a build."""
    body = "run_program(['sh', '-c', 'kill -HUP $$ $PPID; touch lived']); os.kill(os.getpid(), signal.SIGHUP)"
    with start(BUILD.format(body=body), tmp_path, within=("nohup",)) as process:
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert (tmp_path / "lived").exists()


def test_the_first_of_two_signals_while_the_end_is_near(tmp_path: Path) -> None:
    """A signal outside of what may be interrupted is only noted, and interrupts that at once."""
    with ending_well() as signals:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt), signals.interrupting():
            (tmp_path / "begun").touch()
    assert signals.first == signal.SIGTERM
    assert not (tmp_path / "begun").exists()


def test_an_interrupt_is_not_lost_where_exceptions_are_ignored() -> None:
    class Dying:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0)

    def work() -> None:
        Dying()
        time.sleep(60)

    started = time.monotonic()
    with ending_well() as signals, signals.interrupting(), pytest.raises(KeyboardInterrupt):
        work()
    assert time.monotonic() - started < 30


def test_what_must_not_be_left_half_done_is_finished_first() -> None:
    done = []

    def work() -> None:
        with ALL.finishing():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("all")

    with ending_well() as signals, signals.interrupting(), pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["all"]


@pytest.mark.parametrize("number", [1, 20, 100, 200, 400])
def test_ctrl_c_while_modules_are_imported(tmp_path: Path, number: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EARLY, str(number)],
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "error: Interrupted.\n")


def in_shell(redirections: str, code: str, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` with the ``redirections`` of a shell, which ends with its status."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirections}', "sh", sys.executable, "-c", code, *words],
        env=environment(directory),
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("redirections", ["2>&-", "2>/dev/full", ">&- 2>&-", "<&- >&- 2>&-", "<&-", ">&-"])
def test_closed_streams_change_neither_what_is_done_nor_the_code(tmp_path: Path, redirections: str) -> None:
    failing = "from crossbuild.errors import SourceError; raise SourceError('There is none.')"
    done = in_shell(redirections, BUILD.format(body=failing), tmp_path)
    assert done.returncode == 6
    assert done.stderr == ("" if "2>" in redirections else "error: There is none.\n")
    assert in_shell(redirections, BUILD.format(body="pass"), tmp_path).returncode == 0


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    body = "stream = open('file', 'w'); os.system('echo said; echo said >&2'); stream.close()"
    assert in_shell("<&- >&- 2>&-", BUILD.format(body=body), tmp_path).returncode == 0
    assert (tmp_path / "file").read_text() == ""


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["wheel", "--help"], ["wheel", "--json"]])
def test_full_standard_output(tmp_path: Path, words: list[str]) -> None:
    done = in_shell(">/dev/full", COMMAND, tmp_path, *words)
    assert done.returncode == 1
    assert "error: Cannot write to standard output: No space left on device." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["wheel", "--help"]])
def test_a_reader_of_standard_output_who_has_gone(tmp_path: Path, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        env=environment(tmp_path),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_reader_of_messages_who_has_gone(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", BUILD.format(body="__['reporter'].note('something')"), "-v"],
        env=environment(tmp_path),
        cwd=tmp_path,
        stderr=writing,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 0
