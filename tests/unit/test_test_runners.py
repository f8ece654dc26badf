"""What runs tests of wheels: which is chosen, what it calls, and what is shown when a test fails."""

from __future__ import annotations

import _ctypes
import io
import json
import shlex
import shutil
import sys
import tarfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import HostError, SysrootError, UsageError
from crossbuild.reporting import SilentReporter
from crossbuild.session.session import Session
from crossbuild.sysroot.store import SysrootStore
from crossbuild.system.filesystem import sha256_of
from crossbuild.system.processes import CommandFailedError, Runner
from crossbuild.testing.choose import choose_runner
from crossbuild.testing.failure import account, ending, from_first_failure
from crossbuild.testing.remote import ContainerRunner, SshRunner
from crossbuild.testing.runners import LocalRunner
from crossbuild.testing.stage import Stage
from tests.unit.host_samples import SamplePython
from tests.unit.session_samples import make_session
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crossbuild.testing.runners import HostRunner

VERSION = "{}.{}".format(*sys.version_info[:2])
PYTHON = f"python{VERSION}"


def program(file: Path, body: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def choose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., HostRunner]:
    """A function that chooses for a host with a root, of which nothing runs; ``bin`` has the programs on PATH."""
    session = make_session(tmp_path, reporter=SilentReporter(), monkeypatch=monkeypatch)

    def choose(runner: str = "", *, tag: str = "", architecture: str = "aarch64") -> HostRunner:
        root = tmp_path / "root"
        SamplePython(root=root, minor=sys.version_info.minor, architecture=architecture).install()
        known = make_host(tag or f"linux_{architecture}", python=sys.version_info[:2])
        described = SimpleNamespace(prefix=None if tag else root / "usr", sysroot=root)
        target = SimpleNamespace(described=described, sysroot=None, root=None)
        monkeypatch.setattr(Session, "plan", lambda *_: SimpleNamespace(known_host=known))
        monkeypatch.setattr(Session, "describe", lambda *_: target)
        environ = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
        offer = {"UV_PYTHON_DOWNLOADS_JSON_URL": str(tmp_path / "downloads.json")}
        services = replace(session.services, environ=environ, installer_environ={**environ, **offer})
        return choose_runner(replace(session, services=services, options=replace(session.options, runner=runner)))

    return choose


def emulator(file: Path) -> Path:
    """Write an emulator that runs this machine's Python instead of the one in the root."""
    return program(file, f'while [ "${{1%{PYTHON}}}" = "$1" ]; do shift; done\nshift\nexec {sys.executable} "$@"')


def test_qemu_on_path_is_chosen_and_told_of_the_root(choose: Callable[..., HostRunner], tmp_path: Path) -> None:
    qemu = emulator(tmp_path / "bin/qemu-aarch64-static")
    runner = choose()
    assert runner.shown == f"by {qemu}, with Python {VERSION} of linux_aarch64"
    assert vars(runner)["before"] == (str(qemu), "-cpu", "max,pauth-impdef=on", "-L", str(tmp_path / "root"))


@pytest.mark.parametrize("machine", ["x86_64", "i686"])
def test_what_this_machine_runs_needs_no_emulator(
    machine: str, choose: Callable[..., HostRunner], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The root's own loader starts its Python."""
    monkeypatch.setattr("crossbuild.runtimes.loader._is_for", lambda *_: True)  # it is a script
    monkeypatch.setattr("os.uname", lambda: SimpleNamespace(machine="x86_64"))
    loader = emulator(tmp_path / "root/lib/ld-linux-aarch64.so.1")  # as the sample says, whatever its machine
    (tmp_path / "root/usr/lib").mkdir(parents=True, exist_ok=True)
    runner = choose(architecture=machine)
    assert runner.shown == f"directly on this machine, with Python {VERSION} of linux_{machine}"
    assert vars(runner)["before"][:2] == (str(loader), "--library-path")
    assert str(tmp_path / "root/usr/lib") in vars(runner)["before"][2].split(":")


def test_if_the_loader_does_not_run_here_it_is_qemu(
    choose: Callable[..., HostRunner], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossbuild.runtimes.loader._is_for", lambda *_: True)
    monkeypatch.setattr("os.uname", lambda: SimpleNamespace(machine="aarch64"))
    program(tmp_path / "root/lib/ld-linux-aarch64.so.1", "exit 1")
    qemu = emulator(tmp_path / "bin/qemu-arm")
    assert choose(architecture="armv7l").shown.startswith(f"by {qemu}, ")


def test_a_command_is_put_before_the_python(choose: Callable[..., HostRunner], tmp_path: Path) -> None:
    own = emulator(tmp_path / "own emulator")
    assert vars(choose(f"{shlex.quote(str(own))} --quick"))["before"] == (str(own), "--quick")


@pytest.mark.parametrize("runner", ["false", "absent-program", "ssh://", "ssh://-oProxyCommand=x", "docker://python"])
def test_what_does_not_run_is_an_error_before_anything_is_built(
    runner: str, choose: Callable[..., HostRunner], tmp_path: Path
) -> None:
    program(tmp_path / "bin/docker", "echo Cannot connect to the daemon >&2; exit 1")
    with pytest.raises(HostError) as error:
        choose(runner)
    assert error.value.exit_code == 3
    assert "runner" in error.value.fix or "ssh" in error.value.what


def test_another_python_than_the_hosts_is_refused(choose: Callable[..., HostRunner], tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"does not run here") as error:
        choose(str(program(tmp_path / "old", "echo 3.4")))
    assert error.value.why == "3.4"


def test_an_unknown_form_is_refused(choose: Callable[..., HostRunner]) -> None:
    with pytest.raises(UsageError, match="'telnet://board' is not a runner"):
        choose("telnet://board")


def test_a_tag_gets_the_python_of_a_release_and_is_told_if_there_is_none(
    choose: Callable[..., HostRunner], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def provide(_: SysrootStore, name: object, **__: object) -> None:
        asked.append(str(name))
        raise SysrootError("It cannot be fetched.")

    monkeypatch.setattr(SysrootStore, "provide", provide)
    with pytest.raises(HostError, match=f"no Python {VERSION} for musllinux_1_2_aarch64") as error:
        choose(tag="musllinux_1_2_aarch64")
    assert "--runner ssh://USER@HOST" in error.value.fix
    assert not asked
    with pytest.raises(HostError):
        choose(tag="manylinux_2_28_aarch64")
    with pytest.raises(HostError):
        choose(tag="manylinux_2_99_aarch64")
    assert len(asked) <= 1, "only of a release that has the Python, and a C library that is new enough"


def offer_by_uv(directory: Path, machine: str, libc: str) -> None:
    """Write the file that tells uv of a Python, and the Python, in which uv looks for build variables."""
    variables = b"# system configuration generated and used by the sysconfig module\nbuild_time_vars = {}\n"
    files = {f"bin/{PYTHON}": b"", "bin/python3": b"", f"lib/{PYTHON}/_sysconfigdata__linux_.py": variables}
    archive = directory / "python.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"python/{name}")
            info.mode, info.size = 0o755, len(content)
            tar.addfile(info, io.BytesIO(content))
    where = {"arch": {"family": machine, "variant": None}, "os": "linux", "libc": libc}
    which = dict(zip(("name", "major", "minor", "patch"), ("cpython", *sys.version_info[:3]), strict=True))
    facts = {**where, **which, "url": archive.as_uri(), "sha256": sha256_of(archive), "prerelease": "", "build": "1"}
    name = "cpython-{}.{}.{}".format(*sys.version_info[:3])
    (directory / "downloads.json").write_text(json.dumps({f"{name}-linux-{machine}-{libc}": facts}))


@pytest.mark.parametrize(
    ("tag", "libc", "packages"), [("musllinux_1_2_aarch64", "musl", ("musl",)), ("manylinux_2_41_aarch64", "gnu", ())]
)
def test_what_no_release_has_is_one_that_uv_offers(
    tag: str,
    libc: str,
    packages: tuple[str, ...],
    choose: Callable[..., HostRunner],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, ...]] = []

    def provide(_: SysrootStore, name: object, more: tuple[str, ...] = (), *__: object, **___: object) -> object:
        asked.append((str(name), *more))
        return SimpleNamespace(name=name, pythons=(), directory=tmp_path / "release")

    monkeypatch.setattr(SysrootStore, "provide", provide)
    offer_by_uv(tmp_path, "aarch64", libc)
    emulator(tmp_path / "bin/qemu-aarch64")
    runner = choose(tag=tag)
    assert runner.shown.endswith(f"with Python {VERSION} of uv")
    assert isinstance(runner, LocalRunner)
    assert runner.python.name == PYTHON
    assert runner.before[-2:] == ("-L", str(tmp_path / "release"))
    assert asked[-1][1:] == packages


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    directory = tmp_path / "crossbuild-0123456789ab"
    site = directory / f"env/lib/{PYTHON}/site-packages"
    site.mkdir(parents=True)
    (directory / "work").mkdir()
    (site / "probe.py").write_text("answer = 42\n")
    return Stage(directory=directory, place=PurePosixPath(directory))


def run(runner: HostRunner, command: str, stage: Stage, environ: Mapping[str, str]) -> str:
    log = stage.directory / "log.txt"
    runner.run(command, stage, runner=Runner(log=log, reporter=SilentReporter()), environ=environ)
    return log.read_text()


@pytest.fixture
def board(tmp_path: Path) -> dict[str, str]:
    """An environment with an ssh whose only destination is this machine."""
    program(tmp_path / "bin/ssh", '[ "$1" = pi@board ] || exit 255\nshift\nexec sh -c "$*"')
    (tmp_path / "bin" / PYTHON).symlink_to(Path(sys.executable).resolve())
    return {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}


def test_programs_of_the_wheel_are_started_as_python_is(stage: Stage, tmp_path: Path) -> None:
    python = Path(sys.executable).resolve()
    tool = stage.environment / "bin/tool"
    tool.parent.mkdir()
    shutil.copy(python, tool)
    extension = shutil.copy(_ctypes.__file__, stage.site_packages)
    Path(extension).chmod(0o755)
    wrapper = program(tmp_path / "wrapper", 'echo "start ${1##*/}"\nexec "$@"')
    runner = LocalRunner(python=python, version=VERSION, before=(str(wrapper),), shown="by a wrapper")
    said = run(runner, "tool -c 'print(6 * 7)'", stage, {"PATH": "/usr/bin:/bin"})
    assert said.endswith("start tool.host\n42\n")
    assert Path(extension).read_bytes() == Path(_ctypes.__file__).read_bytes(), "it is a library"


def test_ssh_runs_a_copy_and_leaves_nothing(stage: Stage, board: dict[str, str]) -> None:
    runner = SshRunner(destination="pi@board", version=VERSION, program=PYTHON)
    runner.check(board)
    remote = replace(stage, place=runner.place(stage.directory))
    code = "import probe, sys; print(probe.answer, sys.prefix)"
    said = run(runner, f'python -c "{code}" && pwd && echo "<x/>" > {remote.place}/junit.xml', remote, board)
    assert f"42 {remote.place}/env\n{remote.place}/work\n" in said
    assert (stage.directory / "junit.xml").read_text() == "<x/>\n"
    assert not Path(remote.place).exists()


def test_ssh_passes_the_end_of_a_test_on(stage: Stage, board: dict[str, str]) -> None:
    runner = SshRunner(destination="pi@board", version=VERSION, program=PYTHON)
    remote = replace(stage, place=runner.place(stage.directory))
    with pytest.raises(CommandFailedError) as error:
        run(runner, "kill -BUS $$", remote, board)
    assert ending(error.value) == "was killed by SIGBUS (bus error)"
    assert not Path(remote.place).exists()
    with pytest.raises(HostError, match="does not run there"):
        replace(runner, version="3.4").check(board)


@pytest.mark.parametrize(("engine", "user"), [("docker", True), ("podman", False)])
def test_a_container_gets_the_environment_at_the_same_place(
    engine: str, *, user: bool, stage: Stage, board: dict[str, str], tmp_path: Path
) -> None:
    program(
        tmp_path / "bin" / engine,
        f'echo "$@" >> {tmp_path}/words\nwhile [ "$1" != some/image ]; do shift; done\nshift\nexec "$@"',
    )
    runner = ContainerRunner(engine=engine, image="some/image", platform="linux/arm64", version=VERSION, program=PYTHON)
    runner.check(board)
    assert "42\n" in run(runner, "python -c 'import probe; print(probe.answer)'", stage, board)
    words = (tmp_path / "words").read_text().splitlines()[-1]
    assert words.startswith("run --rm --platform linux/arm64 ")
    assert f"--volume {stage.directory}:{stage.directory} " in words
    assert ("--user " in words) == user
    shutil.rmtree(stage.directory)


PYTEST = """\
collected 2 items
F.                                             [100%]
=================================== FAILURES ===================================
___________________________________ test_a ____________________________________
E   assert 1 == 2
=========================== short test summary info ============================
FAILED tests/test_a.py::test_a
"""
UNITTEST = f"a ... ok\nb ... FAIL\n\n{'=' * 70}\nFAIL: b\nAssertionError: 1 != 2\n\nFAILED (failures=1)\n"
TAP = "1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c\n"


@pytest.mark.parametrize(
    ("output", "first"),
    [(PYTEST, "=================================== FAILURES"), (UNITTEST, "=" * 70), (TAP, "not ok 2 - b\nok 3 - c")],
)
def test_the_output_is_shown_from_the_first_failure(output: str, first: str) -> None:
    assert from_first_failure(output).startswith(first)
    assert from_first_failure(output).endswith(output.rstrip().splitlines()[-1])


def test_of_a_long_failure_the_beginning_and_the_end_are_shown() -> None:
    shown = from_first_failure("ok\n" + "not ok 1\n" + "".join(f"line {n}\n" for n in range(200))).splitlines()
    assert (shown[0], shown[-1], len(shown)) == ("not ok 1", "line 199", 61)
    assert "[141 lines omitted]" in shown
    assert from_first_failure("".join(f"line {n}\n" for n in range(50))).startswith("line 30\n")


@pytest.mark.parametrize(
    ("status", "said"), [(1, "ended with status 1"), (-11, "was killed by SIGSEGV"), (135, "was killed by SIGBUS")]
)
def test_it_says_how_a_test_ended(status: int, said: str) -> None:
    assert ending(CommandFailedError(["x"], status, "")).startswith(said)


def test_a_signal_that_only_the_output_tells_of_is_named() -> None:
    output = "qemu: uncaught target signal 7 (Bus error) - core dumped\nFAILED\n"
    assert account(CommandFailedError(["x"], 1, output)).startswith(
        "A program that it ran was killed by SIGBUS (bus error).\n"
    )
