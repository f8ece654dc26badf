"""Programs that are started: whatever they start ends with them, with an interruption, and with this process."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.reporting import SilentReporter
from crossbuild.system import programs
from crossbuild.system.interruption import Running
from crossbuild.system.processes import Runner
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Callable

STRAY = "setsid sh -c 'trap \"\" TERM HUP; echo $$ >{0}/stray; sleep 60; true' & "
BUILD = "while [ ! -s {0}/stray ]; do sleep 0.01; done; sleep 60; true"
ALONE = """
import sys
from crossbuild.system.programs import run_program
run_program(["sh", "-c", sys.argv[1]])
"""


BLOCKED = """
import signal
from crossbuild.system.programs import run_program
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
print(run_program(["echo", "ended"]).stdout)
"""
HAMPERED = """
import os, sys
sys.path[:0] = {path}
from crossbuild.system import keeper
def refuse():
    raise BlockingIOError({errno}, "")
{patch}
keeper.main(int(sys.argv[1]), sys.argv[2])
"""


@pytest.fixture
def hampered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what lets keepers run with a change of theirs."""

    def hamper(patch: str) -> None:
        script = tmp_path / "keeper.py"
        script.write_text(HAMPERED.format(path=sys.path, errno=errno.EAGAIN, patch=patch))
        monkeypatch.setattr(programs, "_KEEPER", script)
        monkeypatch.setattr(programs, "_KEEPERS", programs._Keepers())

    return hamper


def appears(file: Path) -> int:
    until = time.monotonic() + 20
    while not (file.is_file() and file.read_text().strip()):
        assert time.monotonic() < until
        time.sleep(0.01)
    return int(file.read_text())


def ends(pid: int, seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def test_what_it_says_and_how_it_ends() -> None:
    done = run_program(["sh", "-c", "cat; echo wrong >&2; exit 3"], words="given")
    assert (done.returncode, done.stdout, done.stderr) == (3, "given", "wrong\n")
    assert run_program(["sh", "-c", "kill -TERM $$"]).returncode == -signal.SIGTERM


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent"):
        run_program([tmp_path / "absent"])


def test_a_time_limit() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run_program(["sleep", "60"], timeout=0.1)


def test_a_time_limit_of_a_program_that_never_stops_to_print() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run_program(["sh", "-c", "while echo; do :; done"], timeout=0.1)


def test_no_more_processes(hampered: Callable[[str], None]) -> None:
    hampered("os.fork = refuse")
    for _ in range(2):
        with pytest.raises(BlockingIOError, match=os.strerror(errno.EAGAIN)):
            run_program(["true"])


def test_without_proc(hampered: Callable[[str], None], tmp_path: Path) -> None:
    """Its group is known even so."""
    hampered("keeper._numbers_in = lambda _: []")
    assert run_program(["echo", "said"]).stdout == "said\n"
    with pytest.raises(subprocess.TimeoutExpired):
        run_program(["sh", "-c", f"echo $$ >{tmp_path}/pid; sleep 60; true"], timeout=1)
    assert ends(appears(tmp_path / "pid"), 0.1)


def test_a_caller_that_blocks_the_signal_of_ended_children() -> None:
    done = subprocess.run([sys.executable, "-c", BLOCKED], stdout=subprocess.PIPE, check=True, timeout=60)
    assert done.stdout == b"ended\n\n"


def test_a_daemon_that_keeps_the_pipe_open(tmp_path: Path) -> None:
    script = STRAY.format(tmp_path) + f"while [ ! -s {tmp_path}/stray ]; do sleep 0.01; done; echo done"
    runner = Runner(log=tmp_path / "log.txt", reporter=SilentReporter())
    started = time.monotonic()
    assert runner.run(["sh", "-c", script], environ=os.environ) == "done\n"
    assert time.monotonic() - started < 20
    assert ends(appears(tmp_path / "stray"), 0.1)


def test_ended_from_another_thread(tmp_path: Path) -> None:
    running = Running()
    runner = Runner(log=tmp_path / "log.txt", reporter=SilentReporter(), running=running)
    script = STRAY.format(tmp_path) + BUILD.format(tmp_path)

    def end() -> None:
        appears(tmp_path / "stray")
        running.end()

    ending = threading.Thread(target=end)
    ending.start()
    with pytest.raises(KeyboardInterrupt):
        runner.run(["sh", "-c", script], environ=os.environ)
    ending.join()
    assert ends(appears(tmp_path / "stray"), 0.1)
    with pytest.raises(KeyboardInterrupt):
        runner.run(["true"], environ=os.environ)


def test_nothing_outlives_the_process_that_watches_it(tmp_path: Path) -> None:
    """Which was killed; the next program has another one."""
    script = (
        STRAY.format(tmp_path) + f"while [ ! -s {tmp_path}/stray ]; do sleep 0.01; done; kill -KILL $PPID; sleep 60"
    )
    assert run_program(["sh", "-c", script]).returncode == -signal.SIGKILL
    assert ends(appears(tmp_path / "stray"))
    assert run_program(["echo", "next"]).stdout == "next\n"


def test_a_program_sees_what_it_is_given(tmp_path: Path) -> None:
    words = ["sh", "-c", 'ls /proc/$$/fd; pwd; echo "$#$1"; env; umask', "sh", "", "two\nlines"]
    said = run_program(words, env={"PATH": os.environ["PATH"], "ODD": "a=\nb\udc80"}, cwd=tmp_path).stdout.split("\n")
    assert said[:3] == ["0", "1", "2"], "no other descriptors"
    assert said[3:5] == [str(tmp_path), "2"]
    assert "ODD=a=" in said
    assert {line.partition("=")[0] for line in said if "=" in line} <= {"PATH", "ODD", "PWD", "SHLVL", "_", "OLDPWD"}


def test_a_name_is_looked_up_where_the_program_would(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\necho found\n")
    (tmp_path / "tool").chmod(0o755)
    assert run_program(["tool"], env={"PATH": str(tmp_path)}).stdout == "found\n"
    assert run_program(["./tool"], env={}, cwd=tmp_path).stdout == "found\n"
    with pytest.raises(FileNotFoundError):
        run_program(["tool"], env={"PATH": str(tmp_path / "absent")}, cwd=tmp_path)
    with pytest.raises(FileNotFoundError, match="gone"):
        run_program(["sh"], cwd=tmp_path / "gone")
    (tmp_path / "tool").chmod(0o644)
    with pytest.raises(PermissionError, match="tool"):
        run_program([tmp_path / "tool"])


def test_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda number: run_program(["sh", "-c", f"echo {number}; exit {number}"]), range(40)))
    assert [(one.stdout, one.returncode) for one in done] == [(f"{number}\n", number) for number in range(40)]


def test_nothing_outlives_a_kill(tmp_path: Path) -> None:
    script = STRAY.format(tmp_path) + BUILD.format(tmp_path)
    with subprocess.Popen([sys.executable, "-c", ALONE, script]) as process:
        stray = appears(tmp_path / "stray")
        process.kill()
    assert ends(stray)
