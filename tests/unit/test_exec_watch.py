"""The watch over what builds execute: it notices programs for another machine, whoever starts them, and no more."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.reporting import SilentReporter
from crossbuild.system import exec_watch
from crossbuild.system.processes import CommandFailedError, Runner
from crossbuild.system.programs import Watched
from tests.notices import uses, write_program

if TYPE_CHECKING:
    from collections.abc import Callable

WITHOUT = """
import os, sys
from crossbuild.system import exec_watch
{}
sys.exit(exec_watch.main(*sys.argv[1:]))
"""
WITHOUTS = {
    "another machine": "exec_watch._SYSTEM_CALLS.clear()",
    "an old kernel": "exec_watch._SINCE_LINUX_5_7 = 1 << 30",
    "a container": "exec_watch._SYSTEM_CALLS = {os.uname().machine: (0, 9999)}",
    "no /proc": "def _read(_): raise FileNotFoundError\nexec_watch._read = _read",
}
"""Where there can be no watch, and what makes it so."""


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs a shell script in a directory, watched."""
    record = tmp_path / "record"
    record.mkdir()
    watched = Watched(record=record / "noticed", directory=tmp_path / "build")
    runner = Runner(log=tmp_path / "log.txt", reporter=SilentReporter())

    def run(script: str, cwd: Path = tmp_path, **environ: str) -> str:
        variables = {"PATH": "/usr/bin:/bin", **environ}
        return runner.run(["sh", "-c", script], environ=variables, cwd=cwd, watched=watched)

    return run


@pytest.mark.needs("notices of execve")
def test_programs_for_another_machine_are_noticed_though_nobody_complains(
    run: Callable[..., str], tmp_path: Path
) -> None:
    for name in ("one", "sub/two", "three", "four", "five"):
        write_program(tmp_path / name)
    (tmp_path / "some.sh").write_text("./one 2>/dev/null || true\nsh -uec './five; :'\ncd sub\n./two >/dev/null 2>&1\n")
    assert run(f"sh some.sh; PATH=$PWD; three; {tmp_path}/four; exit 0")
    seen = uses(tmp_path / "record")
    assert {f"ran {name} (sh some.sh)" for name in ("one", "two", "five")} <= seen
    assert {use.split(" (")[0] for use in seen} == {f"ran {name}" for name in ("one", "two", "three", "four", "five")}


@pytest.mark.needs("notices of execve")
def test_who_executes_by_a_descriptor_is_noticed(run: Callable[..., str], tmp_path: Path) -> None:
    write_program(tmp_path / "one")
    code = "import os\ntry: os.execve(os.open('one', os.O_RDONLY), ['one'], {})\nexcept OSError as e: print(e.errno)"
    assert run(f'{sys.executable} -c "{code}"') == "8\n"
    assert {use.split(" (")[0] for use in uses(tmp_path / "record")} == {"ran one"}


def test_programs_for_this_machine_run_as_ever(run: Callable[..., str], tmp_path: Path) -> None:
    assert run("ls log.txt; cat </dev/null; nosuchprogram 2>/dev/null; ./nosuchfile 2>/dev/null; echo $PPID") != ""
    assert run("kill -0 $PPID && echo ended").endswith("ended\n")
    assert uses(tmp_path / "record") == set()


@pytest.mark.needs("notices of execve")
def test_what_is_executed_in_the_build_is_written_down_for_hosts_like_this_machine(
    run: Callable[..., str], tmp_path: Path
) -> None:
    true = shutil.which("true")
    assert true
    place = tmp_path / "build/lib/site-packages"
    place.mkdir(parents=True)
    for directory in (tmp_path / "build", tmp_path, place):
        shutil.copy(true, directory / "made")
    run(f"build/made; ./made; {place}/made")
    content = (tmp_path / "record/noticed").read_bytes()
    assert content.split(b"\0")[:2] == [b"perhaps ran", bytes(tmp_path / "build/made")]
    assert content.count(b"perhaps") == 1


@pytest.mark.parametrize(("script", "status"), [("exit 3", 3), ("kill -SEGV $$", -11), ("kill -KILL $$", -9)])
def test_the_status_is_the_builds(script: str, status: int, run: Callable[..., str]) -> None:
    with pytest.raises(CommandFailedError) as caught:
        run(script)
    assert caught.value.status == status


def test_variables_that_the_watch_needs_are_not_the_builds(
    run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/of/crossbuild")
    assert run("echo ${LD_LIBRARY_PATH-unset}") == "unset\n"
    assert run("echo $LD_LIBRARY_PATH", LD_LIBRARY_PATH="/of/the/build") == "/of/the/build\n"


def test_a_program_that_is_missing_is_an_error_of_its_own(tmp_path: Path) -> None:
    runner = Runner(log=tmp_path / "log.txt", reporter=SilentReporter())
    with pytest.raises(FileNotFoundError, match="nosuchprogram"):
        runner.run(["nosuchprogram"], environ={}, watched=Watched(record=tmp_path / "noticed", directory=tmp_path))


def test_signals_are_for_the_build_which_ends_first(tmp_path: Path) -> None:
    script = "trap 'echo got it; exit 5' TERM; echo ready; while :; do sleep 0.05; done"
    command = [
        sys.executable,
        exec_watch.__file__,
        str(tmp_path / "noticed"),
        str(tmp_path),
        "",
        "/bin/sh",
        "-c",
        script,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGTERM)
        assert process.stdout.read() == "got it\n"
        assert process.wait(timeout=60) == 5


def test_ignored_signals_stay_ignored_and_pythons_do_not(tmp_path: Path) -> None:
    words = [str(tmp_path / "noticed"), str(tmp_path), "", "/bin/sh", "-c", "grep SigIgn /proc/self/status"]
    done = subprocess.run(
        ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", sys.executable, exec_watch.__file__, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    ignored = int(done.stdout.split()[1], 16)
    assert ignored & (1 << (signal.SIGHUP - 1))
    assert not ignored & (1 << (signal.SIGPIPE - 1))


@pytest.mark.parametrize("where", WITHOUTS)
def test_where_nothing_can_be_noticed_the_build_runs_all_the_same(where: str, tmp_path: Path) -> None:
    script = "grep Seccomp /proc/self/status; echo built; exit 4"
    words = [str(tmp_path / "noticed"), str(tmp_path), "", "/bin/sh", "-c", script]
    environ = {**os.environ, "PYTHONPATH": str(Path(exec_watch.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(WITHOUTS[where]), *words],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    own = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("Seccomp")]
    assert (done.stdout.splitlines(), done.stderr, done.returncode) == ([*own, "built"], "", 4)


@pytest.mark.needs("notices of execve")
def test_an_execve_of_nonsense_fails_as_ever(run: Callable[..., str], tmp_path: Path) -> None:
    write_program(tmp_path / "one")
    code = (
        "import ctypes\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "for address in (2**64 - 8, 2**63, 8, 0): libc.execve(ctypes.c_void_p(address), None, None)\n"
        "print(ctypes.get_errno())\n"
    )
    (tmp_path / "nonsense.py").write_text(code)
    assert run(f"{sys.executable} nonsense.py; ./one 2>/dev/null; echo ended") == "14\nended\n"
    assert {use.split(" (")[0] for use in uses(tmp_path / "record")} == {"ran one"}


def test_many_at_once_are_all_let_go_on(run: Callable[..., str]) -> None:
    script = "for i in 1 2 3 4 5 6 7 8; do (for j in 1 2 3 4 5; do /bin/true; done; echo $i) & done; wait"
    assert len(run(script).split()) == 8
