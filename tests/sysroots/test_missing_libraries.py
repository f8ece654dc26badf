"""What happens when a hook misses a library, whichever hook of whichever command it is.

The archive, apt and the hooks are real. In the place of the compilers and the cross Python, which know a sysroot, hooks
see it as a variable.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

import crossbuild
from crossbuild.__main__ import main
from crossbuild.build_python import BuildPython
from crossbuild.environment import DEFAULTS, CrossEnvironment
from crossbuild.session import Session
from crossbuild.sysroot.sources import SourceRequest
from crossbuild.workplace import Workplace, build_venv
from tests.commands import PROJECTS
from tests.sysroots.machine import NOBLE, Ended
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.cross import Cross
    from tests.sysroots.machine import Machine

WHEEL_HOOKS = ["get_requires_for_build_wheel", "prepare_metadata_for_build_wheel", "build_wheel"]
SDIST_HOOKS = ["get_requires_for_build_sdist", "build_sdist"]
ADDED = "lacked the header demo.h: added libdemo-dev"
AT_ONCE = "To have them at once: --sysroot-package libdemo-dev"


@dataclass(frozen=True, kw_only=True)
class Builder:
    """A machine on which the sample project ``lacking`` is built."""

    machine: Machine
    monkeypatch: pytest.MonkeyPatch
    directory: Path

    @property
    def project(self) -> Path:
        return self.directory / "lacking"

    @property
    def sdist(self) -> Path:
        """Its sdist, which does not say what the wheel requires."""
        (self.project / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: lacking\nVersion: 1.0\n")
        path = self.directory / "lacking-1.0.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            archive.add(self.project, "lacking-1.0")
        return path

    def __call__(self, *words: str | Path, lacking: str, auto: bool = True) -> Ended:
        """Run a command for the host whose ``lacking`` hooks fail until the header is there."""
        self.monkeypatch.setenv("LACKING", lacking)
        options = ("--host", NOBLE, *self.machine.sources, *(["--auto-sysroot"] if auto else []))
        command, *rest = map(str, words)
        code = main([command, *options, *rest])
        said = self.machine.capsys.readouterr()
        assert "Traceback" not in said.err
        return Ended(code, said.out, said.err)

    def calls(self) -> Counter[str]:
        """Return how often each hook was called."""
        file = self.directory / "calls"
        return Counter(file.read_text().split()) if file.exists() else Counter()

    def left(self) -> list[Path]:
        """Return what is left of builds."""
        return sorted((self.directory / "tmp").iterdir())


@pytest.fixture
def build(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Builder:
    python = BuildPython.from_executable(sys.executable if sys.prefix == sys.base_prefix else _base())

    def cross(session: Session, packages: frozenset[str] = frozenset()) -> SimpleNamespace:
        sysroot = session.plan(packages).sysroot
        host = make_host(libc="glibc 2.39", sysroot=sysroot)
        return SimpleNamespace(host=host, build_python=python, cross_python=SimpleNamespace(prefix=sysroot))

    def make(directory: Path, *, cross: Cross, session: Session, extra: Mapping[str, str]) -> Workplace:
        venv = build_venv(directory, session)
        venv.create(cross.build_python.executable)
        for name in ("native", "record", "bin"):
            (directory / name).mkdir()
        own = {**extra, "SYSROOT": str(cross.host.sysroot)}
        environment = CrossEnvironment(
            python=venv.python,
            environ={**DEFAULTS, **session.environ, **own},
            own=own,
            path=(),
            record=directory / "record",
        )
        return Workplace(directory=directory, cross=cross, session=session, venv=venv, environment=environment)

    monkeypatch.setattr(Session, "build_python", lambda *_: python)
    monkeypatch.setattr(Session, "cross", cross)
    monkeypatch.setattr(Session, "host", lambda session, packages=frozenset(): session.cross(packages).host)
    monkeypatch.setattr(Workplace, "make", make)
    monkeypatch.setattr("crossbuild.workplace.check_identity", lambda *_, **__: None)
    for name in ("PIP_FIND_LINKS", "UV_FIND_LINKS", "CROSSBUILD_HOST"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "tmp").mkdir()
    for name, value in {"PIP_NO_INDEX": "1", "CALLS": tmp_path / "calls", "TMPDIR": tmp_path / "tmp"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(PROJECTS / "lacking", tmp_path / "lacking")
    return Builder(machine=machine, monkeypatch=monkeypatch, directory=tmp_path)


def _base() -> Path:
    return Path(str(getattr(sys, "_base_executable", sys.executable))).resolve()


def assert_added_once(done: Ended, build: Builder) -> None:
    assert done.code == 0, done.err
    assert (done.err.count(ADDED), done.err.count(AT_ONCE)) == (1, 1), done.err
    assert build.left() == []


@pytest.mark.parametrize("hook", WHEEL_HOOKS)
def test_a_project_of_an_index(hook: str, build: Builder) -> None:
    """Its backend is asked what the wheel requires before anything is built."""
    done = build("wheel", "lacking", "--find-links", build.sdist.parent, "-w", "wheels", lacking=hook)
    assert_added_once(done, build)
    assert done.out == "wheels/lacking-1.0-py3-none-any.whl\n"
    without = Counter({"get_requires_for_build_wheel": 2, "prepare_metadata_for_build_wheel": 1, "build_wheel": 1})
    again = WHEEL_HOOKS[: WHEEL_HOOKS.index(hook) + 1]
    if hook == "build_wheel":
        again.remove("prepare_metadata_for_build_wheel")
    assert build.calls() == without + Counter(again), "no hook fails twice"


@pytest.mark.parametrize("hook", WHEEL_HOOKS)
def test_without_the_option_the_hook_and_the_package_are_named(hook: str, build: Builder) -> None:
    done = build("wheel", "lacking", "--find-links", build.sdist.parent, "-w", "wheels", lacking=hook, auto=False)
    assert done.code == 7
    assert f"hook {hook} failed for lacking-1.0" in done.err
    assert "The build lacked the header demo.h: libdemo-dev has it.\n" in done.err
    assert "Add: --sysroot-package libdemo-dev\n" in done.err
    (kept,) = build.left()
    assert "demo.h" in (kept / "log.txt").read_text()
    assert build.calls()[hook] == 1


def test_what_metadata_needed_is_there_for_a_later_build(build: Builder) -> None:
    """The metadata is kept, and with it what the next build has to begin with."""
    words = ("wheel", "lacking", "--find-links", build.sdist.parent, "-w", "wheels")
    refusal = build.directory / "calls-refused-to-build_wheel"
    refusal.touch()
    failed = build(*words, lacking="get_requires_for_build_wheel")
    assert failed.code == 7
    refusal.unlink()
    (build.directory / "calls").unlink()
    done = build(*words, lacking="get_requires_for_build_wheel")
    assert done.code == 0, done.err
    assert (ADDED in done.err, done.err.count(AT_ONCE)) == (False, 1)
    assert build.calls() == Counter({"get_requires_for_build_wheel": 1, "build_wheel": 1})


def test_a_backend_that_can_only_build_does_not_miss_it_twice(build: Builder) -> None:
    backend = build.project / "backend/lacking_backend.py"
    backend.write_text(backend.read_text().replace("def prepare_metadata", "def no_metadata"))
    words = ("wheel", "lacking", "--find-links", build.sdist.parent, "-w", "wheels")
    assert_added_once(build(*words, lacking="get_requires_for_build_wheel"), build)
    assert build.calls() == Counter({"get_requires_for_build_wheel": 3, "build_wheel": 1})


@pytest.mark.parametrize("hook", [*SDIST_HOOKS, "get_requires_for_build_wheel", "build_wheel"])
def test_a_directory_that_becomes_an_sdist_first(hook: str, build: Builder) -> None:
    assert_added_once(build("sdist-to-wheel", build.project, "-w", "wheels", lacking=hook), build)
    assert build.calls()[hook] == 2


@pytest.mark.parametrize("hook", SDIST_HOOKS)
def test_the_hooks_of_sdists_get_advice(hook: str, build: Builder) -> None:
    done = build("sdist-to-wheel", build.project, "-w", "wheels", lacking=hook, auto=False)
    assert done.code == 7
    assert f"hook {hook} failed for lacking." in done.err
    assert "Add: --sysroot-package libdemo-dev\n" in done.err


def test_configured_packages_and_settings_are_there_for_the_hooks_of_sdists(build: Builder) -> None:
    (build.directory / "crossbuild.toml").write_text(
        "[packages.lacking]\nsysroot-packages = ['libdemo-dev']\nenvironment = { LACKING = 'build_sdist' }\n"
    )
    done = build("sdist-to-wheel", build.project, "-w", "wheels", lacking="", auto=False)
    assert done.code == 0, done.err


@pytest.mark.parametrize("hook", ["get_requires_for_build_wheel", "build_wheel"])
def test_the_library(hook: str, build: Builder) -> None:
    build.monkeypatch.setenv("LACKING", hook)
    source = SourceRequest(mirror=build.machine.server.url, keyring=build.machine.repository.keyring)
    options = crossbuild.BuildOptions(cache_dir=build.machine.cache, sysroot_source=source, auto_sysroot=True)
    built = crossbuild.build_wheel(build.sdist, host=NOBLE, options=options, wheel_dir=build.directory / "wheels")
    assert (built.name, built.packages) == ("lacking", {"libdemo-dev"})


def test_a_host_requirement(build: Builder) -> None:
    """Of what is built for what is built."""
    links, user = build.sdist.parent, build.directory / "user"
    shutil.copytree(build.project, user)
    backend = user / "backend/lacking_backend.py"
    backend.write_text(backend.read_text().replace("lacking", "user").replace("LACKING", "USER_LACKING"))
    table = user / "pyproject.toml"
    table.write_text(table.read_text().replace("lacking", "user"))
    (user / "backend/user_backend.py").write_text(backend.read_text())
    build.monkeypatch.setenv("USER_LACKING", "")
    words = ("wheel", user, "--find-links", links, "--host-requires", "lacking", "-w", "wheels")
    done = build(*words, lacking="get_requires_for_build_wheel")
    assert done.code == 0, done.err
    assert done.err.count(ADDED) == 1


def test_install(build: Builder) -> None:
    words = ("install", "lacking", "--find-links", build.sdist.parent, "--root", "image", "--prefix", "/usr")
    (build.directory / "image").mkdir()
    assert_added_once(build(*words, lacking="get_requires_for_build_wheel"), build)


def test_an_environment_for_a_project(build: Builder) -> None:
    hook = "get_requires_for_build_wheel"
    done = build("run", "--for", build.project, "--", "sh", "-c", 'test -e "$SYSROOT/usr/include/demo.h"', lacking=hook)
    assert_added_once(done, build)
    assert build.calls() == Counter({hook: 2})


def test_an_environment_that_cannot_be_made(build: Builder) -> None:
    """The output of the hook is kept, and the directory is as it was."""
    hook = "get_requires_for_build_wheel"
    done = build("env", "--for", build.sdist, "inside", lacking=hook, auto=False)
    assert done.code == 7
    assert f"hook {hook} failed for lacking-1.0" in done.err
    assert "Add: --sysroot-package libdemo-dev\n" in done.err
    assert not (build.directory / "inside").exists()
    (kept,) = build.left()
    assert f"log: {kept}/log.txt\n" in done.err
    assert "demo.h" in (kept / "log.txt").read_text()


def test_an_environment_for_several_projects(build: Builder) -> None:
    other = shutil.copytree(build.project, build.directory / "other")
    words = ("--for", build.sdist, "--for", other, "--", "true")
    done = build("run", *words, lacking="get_requires_for_build_wheel")
    assert_added_once(done, build)
    assert "crossbuild.toml" not in done.err, "it would be a guess which of them needs it"


def test_what_is_installed_for_the_host_in_an_environment(build: Builder) -> None:
    """By the same way as cross-pip."""
    words = ("run", "--with-host", "lacking", "--find-links", build.sdist.parent, "--", "true")
    assert_added_once(build(*words, lacking="get_requires_for_build_wheel"), build)


@pytest.mark.parametrize("hook", ["get_requires_for_build_wheel", "build_wheel"])
def test_a_backend_that_is_wrapped(hook: str, build: Builder) -> None:
    """As the wrapper calls the command."""
    table = build.project / "pyproject.toml"
    own = table.read_text().partition("build-backend")[2]
    wrapper = '[build-system]\nrequires = []\nbuild-backend = "crossbuild.backend_shim"\n'
    table.write_text(f"{wrapper}[tool.crossbuild]\nbuild-backend{own}")
    build.monkeypatch.chdir(build.project)
    done = build("wheel", ".", "--no-deps", "--json", "-w", build.directory / "wheels", lacking=hook)
    assert_added_once(done, build)
