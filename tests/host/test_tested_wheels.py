"""Wheels that are tried on a real host before they are delivered, in each way that a test can run."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from crossbuild.reporting import SilentReporter
from crossbuild.system.processes import CommandFailedError, Runner
from crossbuild.testing.failure import ending
from crossbuild.testing.remote import SshRunner
from crossbuild.testing.stage import Stage
from tests.commands import PROJECTS
from tests.host.ssh_server import ssh_server
from tests.testbed.tools import emulator

if TYPE_CHECKING:
    from tests.commands import BuiltWheels, Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

CRASHING = PROJECTS / "crashing"
"""It imports, and dies of SIGBUS when it is used."""
OWN_TESTS = ("--test-sources", "tests", "--test-command", "python -m unittest discover -v tests")


@pytest.fixture
def with_qemu(crossbuild: Crossbuild, bed: Bed, debian_arm64: HostRoot, tmp_path: Path) -> Crossbuild:
    """crossbuild with qemu-user on PATH, by its usual name."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "qemu-aarch64").symlink_to(debian_arm64.emulator)
    return replace(crossbuild, programs=(programs,))


@pytest.fixture
def crashing(built_wheels: BuiltWheels, debian_arm64: HostRoot, gnu_aarch64: Path) -> Path:
    return built_wheels.sample("crashing", host=debian_arm64, compilers=gnu_aarch64)


def test_a_wheel_that_crashes_when_it_is_used_is_not_delivered(
    with_qemu: Crossbuild, debian_arm64: HostRoot, gnu_aarch64: Path, tmp_path: Path
) -> None:
    def build(*options: str) -> tuple[int, list[str], str]:
        into = ("-w", str(tmp_path / "out"))
        done = with_qemu("wheel", CRASHING, "--no-deps", *into, *options, host=debian_arm64, compilers=gnu_aarch64)
        return done.returncode, [wheel.name for wheel in (tmp_path / "out").iterdir()], done.stderr

    uses = ("--test-command", "python -c 'import crashing; crashing.use()'")
    code, delivered, said = build(*uses)
    assert (code, delivered) == (13, []), said
    assert "Tests run by " in said
    assert "was killed by SIGBUS (bus error)." in said
    assert "--keep-failed" in said
    code, delivered, said = build(*uses, "--keep-failed")
    assert (code, len(delivered)) == (13, 1), said


@pytest.mark.parametrize("runner", ["on PATH", "fetched", "command"])
def test_the_tests_of_a_project_run_by_each_emulator(
    runner: str, crossbuild: Crossbuild, with_qemu: Crossbuild, bed: Bed, debian_arm64: HostRoot, crashing: Path
) -> None:
    """What they start with sys.executable runs on the host, too."""
    own = f"{emulator(bed, 'aarch64')} -L {debian_arm64.root}"
    options, by = {
        "on PATH": ((), "/qemu-aarch64,"),
        # A machine with qemu-user of its own uses that.
        "fetched": ((), "/qemu-aarch64" if bed.which("qemu-aarch64") else "qemu-user of Debian,"),
        "command": (("--runner", own), f"`{own}`,"),
    }[runner]
    call = with_qemu if runner == "on PATH" else crossbuild
    done = call("test", crashing, *OWN_TESTS, *options, host=debian_arm64, cwd=CRASHING)
    assert done.returncode == 0, done.stderr
    assert by in done.stderr
    assert "Ran 2 tests" in done.stderr
    assert done.stdout == f"{crashing}\n"


def test_a_crash_in_a_test_is_told_from_a_failure(
    with_qemu: Crossbuild, debian_arm64: HostRoot, crashing: Path
) -> None:
    command = "python -c 'import crashing; assert crashing.answer() == 43'"
    done = with_qemu("test", crashing, "--test-command", command, host=debian_arm64)
    assert done.returncode == 13
    assert "ended with status 1." in done.stderr
    assert "AssertionError" in done.stderr.partition("error: ")[2]
    assert "SIG" not in done.stderr


def test_x86_needs_no_emulator_on_x86(built_wheels: BuiltWheels, crossbuild: Crossbuild, debian_i386: HostRoot) -> None:
    wheel = built_wheels.sample("setuptools-c", host=debian_i386)
    done = crossbuild("test", wheel, host=debian_i386)
    assert done.returncode == 0, done.stderr
    assert ("Tests run directly on this machine" in done.stderr) == (os.uname().machine == "x86_64")
    assert "1 of 1 modules imported" in done.stderr


@pytest.mark.needs("an ssh client")
def test_ssh_leaves_nothing_on_the_host(tmp_path: Path) -> None:
    """By a server on loopback, with this machine's own Python for the host's."""
    version = "{}.{}".format(*sys.version_info[:2])
    directory = tmp_path / "crossbuild-0123456789ab"
    (directory / f"env/lib/python{version}/site-packages").mkdir(parents=True)
    (directory / f"env/lib/python{version}/site-packages/probe.py").write_text("answer = 42\n")
    (directory / "work").mkdir()
    runner = SshRunner(destination="board", version=version, program=sys.executable)
    stage = Stage(directory=directory, place=PurePosixPath(runner.place(directory)))
    log = Runner(log=tmp_path / "log.txt", reporter=SilentReporter())
    with ssh_server(tmp_path) as programs:
        environ = {"PATH": f"{programs}:{os.environ['PATH']}"}
        runner.check(environ)
        code = "import probe, sys; print(probe.answer, sys.prefix)"
        command = f'python -c "{code}" && echo "<x/>" > {stage.place}/junit.xml && kill -BUS $$'
        with pytest.raises(CommandFailedError) as error:
            runner.run(command, stage, runner=log, environ=environ)
    assert ending(error.value) == "was killed by SIGBUS (bus error)"
    assert f"42 {stage.place}/env\n" in error.value.output
    assert (directory / "junit.xml").read_text() == "<x/>\n"
    assert not Path(stage.place).exists()
