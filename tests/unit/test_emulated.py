"""Whether a build is emulated: what was asked for, what it turned out to need, and what is at hand."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from crossbuild.advice.host_code_used import NOTICED
from crossbuild.building import emulated
from crossbuild.building.emulated import with_emulation
from crossbuild.emulation.emulator import Qemu
from crossbuild.errors import BackendError, NetworkError, SourceError, SysrootError
from crossbuild.reporting import SilentReporter
from crossbuild.runtimes.provide import provide_emulator
from crossbuild.session.session import Session
from crossbuild.sources.project import Source
from tests.unit.session_samples import make_session, set_host
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from crossbuild.emulation.level import Emulation

NEEDS = "../meson.build:3:1: ERROR: Can not run test applications in this cross environment.\n"
LOADS = "the library was not found\n"
NOTICE = "loaded\0/b/libone.so\0setup.py, line 3\0/b\0"
"""What the cross Python writes down then."""
NEEDED = "a test program (../meson.build, line 3)"


class Told(SilentReporter):
    """Keeps notes and warnings."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.warnings: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warning(self, text: str) -> None:
        self.warnings.append(text)


@dataclass(kw_only=True)
class Build:
    """A build of a project, and a machine on which there may be an emulator."""

    session: Session
    told: Told
    source: Source
    directory: Path
    provided: list[bool] = field(default_factory=list)
    """For each time that an emulator was looked for, whether it would have been downloaded."""
    levels: list[str] = field(default_factory=list)
    """What each attempt to build had."""
    outputs: list[str] = field(default_factory=list)
    """The output of each attempt that fails; later ones succeed."""
    emulations: list[Emulation] = field(default_factory=list)

    def __call__(self, emulate: str) -> str:
        """Build with ``--emulate`` as it says."""
        session = replace(self.session, options=replace(self.session.options, emulate=emulate))
        return with_emulation(self.attempt, self.source, session=session, packages=frozenset())

    def attempt(self, source: Source, session: Session) -> str:
        emulation = session.job.emulation
        self.emulations.append(emulation)
        self.levels.append(emulation.level)
        if len(self.levels) <= len(self.outputs):
            raise self.failed(self.outputs[len(self.levels) - 1])
        return "a wheel"

    def failed(self, output: str) -> BackendError:
        kept = self.directory / f"kept-{len(self.levels)}"
        (kept / "record").mkdir(parents=True)
        error = BackendError("Could not build it.")
        error.kept, error.log, error.record = kept, kept / "log.txt", kept / "record"
        error.log.write_text(output)
        if output == LOADS:
            (error.record / NOTICED).write_text(NOTICE)
        return error


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    told = Told()
    session = make_session(tmp_path, reporter=told, monkeypatch=monkeypatch)
    set_host(make_host("linux_" + ("riscv64" if os.uname().machine == "aarch64" else "aarch64")), monkeypatch)
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "it"\nversion = "1"\n')
    source = Source.from_directory(project)
    return at_hand(Build(session=session, told=told, source=source, directory=tmp_path), monkeypatch)


def at_hand(
    build: Build, monkeypatch: pytest.MonkeyPatch, *, error: Exception | None = None, obstacle: str = ""
) -> Build:
    """Let an emulator be there, or the search for it end with ``error``; ``obstacle`` is what the kernel says of it."""

    def provide(session: Session, *, packages: frozenset[str]) -> Qemu:
        build.provided.append(not session.options.index.offline)
        if error:
            raise error
        architecture = session.plan(packages).known_host.platform.architecture
        return Qemu(program=Path("/qemu"), source="qemu of ours", architecture=architecture, root=Path("/root"))

    def provide_python(session: Session, *, packages: frozenset[str]) -> tuple[Qemu, Path]:
        return provide(session, packages=packages), Path("/root/usr/bin/python3.11")

    monkeypatch.setattr(emulated, "provide_emulator", provide)
    monkeypatch.setattr(emulated, "provide_emulated_python", provide_python)
    monkeypatch.setattr(emulated, "obstacle", lambda _: obstacle)
    return build


def test_nothing_is_emulated_that_must_not_be(build: Build) -> None:
    build.outputs = [NEEDS]
    with pytest.raises(BackendError):
        build("never")
    assert (build.levels, build.provided) == (["none"], [])
    assert build.emulations[0].raised("python", NEEDED) is None


def test_what_was_asked_for_is_there_from_the_start(build: Build) -> None:
    assert build("programs") == "a wheel"
    assert (build.levels, build.provided) == (["programs"], [True])
    assert build.emulations[0].why == "--emulate programs"


def test_a_build_that_needs_nothing_gets_nothing(build: Build) -> None:
    assert build("auto") == "a wheel"
    assert (build.levels, build.provided, build.told.notes) == (["none"], [], [])


def test_a_build_that_needs_it_is_begun_again_with_what_is_at_hand(build: Build) -> None:
    build.outputs = [NEEDS]
    assert build("auto") == "a wheel"
    assert (build.levels, build.provided) == (["none", "programs"], [False])
    assert build.emulations[1].why == NEEDED
    assert build.told.notes == [f"It needs {NEEDED}, so it is built again, with qemu of ours to run it"]
    assert not (build.directory / "kept-1").exists(), "nobody wants what is left of the first"


@pytest.mark.parametrize(
    ("outputs", "levels"), [([LOADS], ["none", "python"]), ([NEEDS, LOADS], ["none", "programs", "python"])]
)
def test_a_build_that_loads_what_is_for_the_host_gets_the_hosts_python(
    build: Build, outputs: list[str], levels: list[str]
) -> None:
    build.outputs = outputs
    assert build("auto") == "a wheel"
    assert build.levels == levels
    assert build.emulations[-1].python == Path("/root/usr/bin/python3.11")


def test_a_failure_of_another_kind_is_none_of_an_emulators(build: Build) -> None:
    build.outputs = ["error: no such header\n"]
    with pytest.raises(BackendError):
        build("auto")
    assert (build.levels, build.provided) == (["none"], [])
    assert (build.directory / "kept-1").exists()


@pytest.mark.parametrize("error", [SysrootError("It is not in the cache."), NetworkError("It is offline.")])
def test_a_build_that_needs_what_is_not_at_hand_fails_as_it_did(
    build: Build, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    build.outputs = [NEEDS]
    at_hand(build, monkeypatch, error=error)
    with pytest.raises(BackendError, match="Could not build it"):
        build("auto")
    assert (build.levels, build.provided) == (["none"], [False])


def test_a_build_that_fails_with_an_emulator_is_not_begun_a_third_time(build: Build) -> None:
    build.outputs = [NEEDS, NEEDS]
    with pytest.raises(BackendError):
        build("auto")
    assert build.levels == ["none", "programs"]
    assert (build.directory / "kept-2").exists()


def test_other_errors_pass(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    def attempt(_: Source, session: Session) -> str:
        raise SourceError(NEEDS)

    with pytest.raises(SourceError):
        with_emulation(attempt, build.source, session=build.session, packages=frozenset())
    assert build.provided == []


@pytest.mark.parametrize(
    ("package", "everything", "levels"),
    [("never", "programs", ["none"]), ("programs", "never", ["programs"]), ("", "never", ["none"])],
)
def test_what_is_said_of_a_package_counts_more(
    build: Build, monkeypatch: pytest.MonkeyPatch, package: str, everything: str, levels: list[str]
) -> None:
    monkeypatch.setattr(Session, "settings", lambda *_: SimpleNamespace(emulate=package))
    build(everything)
    assert build.levels == levels


@pytest.mark.parametrize("emulate", ["programs", "auto"])
def test_the_user_hears_of_a_kernel_that_does_not_start_programs(
    build: Build, monkeypatch: pytest.MonkeyPatch, emulate: str
) -> None:
    at_hand(build, monkeypatch, obstacle="unshare: Operation not permitted")
    build.outputs = [NEEDS] if emulate == "auto" else []
    build(emulate)
    (warning,) = build.told.warnings
    assert "unshare: Operation not permitted" in warning
    assert "run-on-host" in warning
    assert build.emulations[-1].before == ()


def test_what_no_tool_would_start_is_not_built_again_in_vain(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    at_hand(build, monkeypatch, obstacle="unshare: Operation not permitted")
    build.outputs = ["configure: error: cannot run test program while cross compiling\n"]
    with pytest.raises(BackendError):
        build("auto")
    assert build.levels == ["none"]


def test_this_machines_own_programs_need_no_emulator(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulated, "provide_emulator", provide_emulator)
    set_host(make_host(f"linux_{os.uname().machine}"), monkeypatch)
    build("programs")
    assert build.levels == ["none"]
