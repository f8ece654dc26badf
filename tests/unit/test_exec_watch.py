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

from crossbuild import exec_watch
from crossbuild.processes import CommandFailedError, Runner
from crossbuild.programs import Watched
from crossbuild.reporting import SilentReporter
from tests.notices import uses, write_program

if TYPE_CHECKING:
    from collections.abc import Callable

WITHOUT = """
import sys
from crossbuild import exec_watch
exec_watch._SYSTEM_CALLS.clear()
sys.exit(exec_watch.main(*sys.argv[1:]))
"""


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
    for name in ("one", "sub/two", "three", "four"):
        write_program(tmp_path / name)
    (tmp_path / "some.sh").write_text("./one 2>/dev/null || true\ncd sub\n./two >/dev/null 2>&1\n")
    assert run(f"sh some.sh; PATH=$PWD; three; {tmp_path}/four; exit 0")
    seen = uses(tmp_path / "record")
    assert {"ran one (sh some.sh)", "ran two (sh some.sh)"} <= seen
    assert {use.split(" (")[0] for use in seen} == {"ran one", "ran two", "ran three", "ran four"}


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
    record = tmp_path / "record/noticed"
    if record.exists():  # where nothing can be noticed, the build runs all the same
        assert record.read_bytes().split(b"\0")[:2] == [b"perhaps ran", bytes(tmp_path / "build/made")]
        assert record.read_bytes().count(b"perhaps") == 1


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


def test_where_nothing_can_be_noticed_the_build_runs_all_the_same(tmp_path: Path) -> None:
    words = [str(tmp_path / "noticed"), str(tmp_path), "", "/bin/sh", "-c", "echo built; exit 4"]
    environ = {**os.environ, "PYTHONPATH": str(Path(exec_watch.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *words], env=environ, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("built\n", 4), done.stderr


def test_many_at_once_are_all_let_go_on(run: Callable[..., str]) -> None:
    script = "for i in 1 2 3 4 5 6 7 8; do (for j in 1 2 3 4 5; do /bin/true; done; echo $i) & done; wait"
    assert len(run(script).split()) == 8
