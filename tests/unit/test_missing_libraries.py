"""What a user sees when a hook fails because a library is missing, for each hook of each command.

Commands, hooks and venvs are real. The distribution is a file that says which package has a header, and a sysroot is a
directory that has the header or not, which hooks see as a variable.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import crossbuild
from crossbuild import backend_shim
from crossbuild.__main__ import main
from crossbuild.build_python.discovery import BuildPython
from crossbuild.building.cross_environment import DEFAULTS, CrossEnvironment
from crossbuild.building.workspace import Workspace, build_venv
from crossbuild.session.described_target import DescribedTarget
from crossbuild.session.session import Session
from crossbuild.session.stages import Stages
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.sysroot.contents import Contents
from crossbuild.sysroot.model import Sysroot
from crossbuild.sysroot.names import SysrootName
from crossbuild.sysroot.store import SysrootStore
from crossbuild.wheels.audit import audit
from tests.commands import PROJECTS
from tests.unit.checkout_samples import git
from tests.unit.wheel_samples import make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from crossbuild.native.build_layout import BuildDirectory
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.options.passed_variables import Passed
    from crossbuild.session.target import Target
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.wheel_contents import WheelContents

HOST = "ubuntu:noble:arm64"
WHEEL_HOOKS = ["get_requires_for_build_wheel", "prepare_metadata_for_build_wheel", "build_wheel"]
SDIST_HOOKS = ["get_requires_for_build_sdist", "build_sdist"]
ADDED = "lacked the header demo.h: added libdemo-dev"
AT_ONCE = "To skip the retry next time: --sysroot-package libdemo-dev"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """One whose package libdemo-dev has the header demo.h."""

    directory: Path

    def contents(self) -> Contents:
        file = self.directory / "contents"
        file.write_text("usr/include/demo.h libdevel/libdemo-dev\n")
        return Contents(file=file)

    def described(self, options: BuildOptions, packages: Collection[str]) -> DescribedTarget:
        """Return the host with ``packages`` in its sysroot."""
        wanted = sorted({*options.sysroot_packages, *packages})
        sysroot = self.directory / "-".join(["sysroot", *wanted])
        (sysroot / "usr/include").mkdir(parents=True, exist_ok=True)
        if "libdemo-dev" in wanted:
            (sysroot / "usr/include/demo.h").touch()
        libraries = Sysroot(
            directory=sysroot,
            name=SysrootName.from_text(HOST),
            request=SourceRequest(),
            requested=tuple(wanted),
            packages=(),
        )
        host = make_host(libc="glibc 2.39", sysroot=sysroot)
        return DescribedTarget(described=host, sysroot=libraries, root=sysroot)


@dataclass(frozen=True, kw_only=True)
class Builder:
    """A machine on which the sample project ``lacking`` is built."""

    monkeypatch: pytest.MonkeyPatch
    capfd: pytest.CaptureFixture[str]
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

    @property
    def of_index(self) -> tuple[str | Path, ...]:
        """The words that name the project by its name alone."""
        return "lacking", "--find-links", self.sdist.parent

    def __call__(self, *words: str | Path, lacking: str = "", auto: bool = True) -> Ended:
        """Run a command for the host; ``lacking`` are hooks that fail until the header is there."""
        self.monkeypatch.setenv("LACKING", lacking)
        command, *rest = map(str, words)
        return self.run(command, "--host", HOST, *(["--auto-sysroot"] if auto else []), *rest)

    def run(self, *words: str) -> Ended:
        """Run a command in this process."""
        code = main(list(words))
        said = self.capfd.readouterr()
        assert "Traceback" not in said.err
        return Ended(code, said.out, said.err)

    def calls(self) -> Counter[str]:
        """Return how often each hook was called."""
        return Counter(hook for hook, *_ in self.told())

    def told(self) -> list[list[str]]:
        """Return for each call the hook, and what it saw of the settings."""
        file = self.directory / "calls"
        return [line.split() for line in file.read_text().splitlines()] if file.exists() else []

    def left(self) -> list[Path]:
        """Return what is left of builds."""
        return sorted((self.directory / "tmp").iterdir())


@pytest.fixture(scope="module")
def this_python() -> BuildPython:
    return BuildPython.from_executable(Path(str(getattr(sys, "_base_executable", sys.executable))).resolve())


@pytest.fixture
def build(
    this_python: BuildPython, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Builder:
    (tmp_path / "distribution").mkdir()
    (tmp_path / "tmp").mkdir()
    distribution = Distribution(directory=tmp_path / "distribution")
    monkeypatch.setattr(
        DescribedTarget, "from_options", lambda options, _, packages: distribution.described(options, packages)
    )
    monkeypatch.setattr(SysrootStore, "contents", lambda *_: distribution.contents())
    _compile_nothing(this_python, monkeypatch)
    for name in [name for name in os.environ if name.startswith(("CROSSBUILD_", "PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    own = {"CALLS": "calls", "TMPDIR": "tmp", "CROSSBUILD_CACHE_DIR": "cache", "HOME": "home"}
    for name, place in own.items():
        monkeypatch.setenv(name, str(tmp_path / place))
    monkeypatch.setenv("CROSSBUILD_PASS_ENV", "CALLS")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(PROJECTS / "lacking", tmp_path / "lacking", ignore=shutil.ignore_patterns("__pycache__"))
    return Builder(monkeypatch=monkeypatch, capfd=capfd, directory=tmp_path)


def _compile_nothing(python: BuildPython, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine's Python run the hooks, unpatched, with the host's sysroot as a variable."""

    def target(session: Session, packages: frozenset[str] = frozenset()) -> SimpleNamespace:
        plan = session.plan(packages)
        return SimpleNamespace(
            host=plan.described,
            build_python=python,
            cross_python=SimpleNamespace(prefix=plan.root, libraries=plan.root),
            toolchain=SimpleNamespace(kind="gnu"),
        )

    def make(
        directory: BuildDirectory, *, target: Target, session: Session, extra: Mapping[str, str], passed: Passed
    ) -> Workspace:
        venv = build_venv(directory, session, passed)
        venv.create(target.build_python.executable)
        directory.make()
        own = {**extra, "SYSROOT": str(target.host.sysroot)}
        environ = {**DEFAULTS, **session.services.environ, **own}
        environment = CrossEnvironment(python=venv.python, environ=environ, own=own, path=())
        return Workspace(directory=directory, target=target, session=session, venv=venv, environment=environment)

    monkeypatch.setattr(Stages, "build_python", lambda *_: python)
    monkeypatch.setattr(Session, "target", target)
    monkeypatch.setattr(Workspace, "make", make)
    monkeypatch.setattr("crossbuild.building.workspace.check_identity", lambda *_, **__: None)


def assert_added_once(done: Ended, build: Builder) -> None:
    assert done.code == 0, done.err
    assert (done.err.count(ADDED), done.err.count(AT_ONCE)) == (1, 1), done.err
    assert build.left() == []


def assert_advised(done: Ended, hook: str, build: Builder) -> None:
    assert done.code == 7
    assert f"backend's hook {hook} failed." in done.err
    assert "hint: Missing: the header demo.h, provided by libdemo-dev.\n" in done.err
    assert "with --auto-sysroot to add missing packages" in done.err
    assert "with --sysroot-package libdemo-dev\n" in done.err
    (kept,) = build.left()
    assert re.search(rf"^log: \S*{kept.name}/log\.txt$", done.err, re.MULTILINE)
    assert "demo.h" in (kept / "log.txt").read_text()
    assert build.calls()[hook] == 1


@pytest.mark.parametrize("hook", WHEEL_HOOKS)
def test_a_project_of_an_index(hook: str, build: Builder) -> None:
    """The backend is asked for the wheel's dependencies before anything is built."""
    done = build("wheel", *build.of_index, "-w", "wheels", lacking=hook)
    assert_added_once(done, build)
    assert done.out == "wheels/lacking-1.0-py3-none-any.whl\n"
    without = Counter({"get_requires_for_build_wheel": 2, "prepare_metadata_for_build_wheel": 1, "build_wheel": 1})
    again = WHEEL_HOOKS[: WHEEL_HOOKS.index(hook) + 1]
    if hook == "build_wheel":
        again.remove("prepare_metadata_for_build_wheel")
    assert build.calls() == without + Counter(again), "no hook fails twice"


@pytest.mark.parametrize("hook", WHEEL_HOOKS)
def test_the_error_names_the_hook_and_the_package(hook: str, build: Builder) -> None:
    assert_advised(build("wheel", *build.of_index, "-w", "wheels", lacking=hook, auto=False), hook, build)


@pytest.mark.parametrize(
    "words",
    [
        ("wheel", "./lacking", "-w", "wheels"),
        ("wheel", "./lacking", "--no-deps", "-w", "wheels"),
        ("wheel", "-r", "requirements.txt", "-w", "wheels"),
        ("install", "./lacking", "--root", "image", "--prefix", "/usr"),
        ("run", "--for", "./lacking", "--", "true"),
        ("env", "--for", "./lacking", "inside"),
        ("run", "--with-host", "./lacking", "--", "true"),
    ],
    ids=" ".join,
)
def test_every_command_names_the_package(words: tuple[str, ...], build: Builder) -> None:
    (build.directory / "requirements.txt").write_text("./lacking\n")
    (build.directory / "image").mkdir()
    hook = "get_requires_for_build_wheel"
    assert_advised(build(*words, lacking=hook, auto=False), hook, build)
    assert not (build.directory / "inside").exists()
    assert [*build.directory.glob("wheels/*"), *build.directory.glob("image/*")] == []


def test_a_later_build_starts_with_the_packages_that_the_metadata_needed(build: Builder) -> None:
    words = ("wheel", *build.of_index, "-w", "wheels")
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


def test_a_backend_without_a_metadata_hook_does_not_fail_twice(build: Builder) -> None:
    backend = build.project / "backend/lacking_backend.py"
    backend.write_text(backend.read_text().replace("def prepare_metadata", "def no_metadata"))
    words = ("wheel", *build.of_index, "-w", "wheels")
    assert_added_once(build(*words, lacking="get_requires_for_build_wheel"), build)
    assert build.calls() == Counter({"get_requires_for_build_wheel": 3, "build_wheel": 1})


@pytest.mark.parametrize("hook", [*SDIST_HOOKS, "get_requires_for_build_wheel", "build_wheel"])
def test_sdist_to_wheel_of_a_directory(hook: str, build: Builder) -> None:
    assert_added_once(build("sdist-to-wheel", build.project, "-w", "wheels", lacking=hook), build)
    assert build.calls()[hook] == 2


@pytest.mark.parametrize("hook", SDIST_HOOKS)
def test_the_error_of_an_sdist_hook_names_the_package(hook: str, build: Builder) -> None:
    assert_advised(build("sdist-to-wheel", build.project, "-w", "wheels", lacking=hook, auto=False), hook, build)


@pytest.mark.parametrize(
    ("hooks", "words"),
    [
        (WHEEL_HOOKS, ("wheel", "lacking", "--find-links", ".", "-w", "wheels")),
        ([*SDIST_HOOKS, *WHEEL_HOOKS[::2]], ("sdist-to-wheel", "./lacking", "--find-links", ".", "-w", "wheels")),
        (WHEEL_HOOKS[:1], ("run", "--for", "./lacking", "--find-links", ".", "--", "true")),
    ],
    ids=["wheel", "sdist-to-wheel", "run"],
)
def test_every_hook_sees_what_is_configured(hooks: list[str], words: tuple[str, ...], build: Builder) -> None:
    assert build.sdist.is_file()
    make_wheel(build.directory, {"helper.py": b""}, tag="py3-none-any", project="helper-1.0")
    (build.directory / "crossbuild.toml").write_text(
        "[packages.lacking]\nsysroot-packages = ['libdemo-dev']\nbuild-requires = ['helper']\n"
        "config-settings = { option = 'configured' }\nenvironment = { CONFIGURED = 'yes' }\n"
    )
    done = build(*words, lacking=" ".join(hooks), auto=False)
    assert done.code == 0, done.err
    assert set(build.calls()) == set(hooks)
    assert ("✓ Make an sdist of lacking  " in done.err) == (words[0] == "sdist-to-wheel")
    assert {tuple(settings) for _, *settings in build.told()} == {("option=configured", "variable=yes", "helper=True")}


@pytest.mark.parametrize("hook", ["get_requires_for_build_wheel", "build_wheel"])
def test_the_library(hook: str, build: Builder) -> None:
    build.monkeypatch.setenv("LACKING", hook)
    options = crossbuild.BuildOptions(cache_dir=build.directory / "cache", auto_sysroot=True)
    built = crossbuild.build_wheel(build.sdist, host=HOST, options=options, wheel_dir=build.directory / "wheels")
    assert (built.name, built.packages) == ("lacking", frozenset({"libdemo-dev"}))


def committed(project: Path) -> Path:
    """Return the project as a repository in which all is committed."""
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "all")
    return project


@pytest.fixture
def library(build: Builder) -> Callable[[str | Path], crossbuild.BuiltWheel]:
    """Return the library's function, with the sample's hooks in order."""
    options = crossbuild.BuildOptions(cache_dir=build.directory / "cache")
    build.monkeypatch.setenv("LACKING", "")
    return partial(crossbuild.build_wheel, host=HOST, options=options, wheel_dir=build.directory / "wheels")


def test_the_library_builds_what_is_unchanged_once(
    build: Builder, library: Callable[[str | Path], crossbuild.BuiltWheel]
) -> None:
    sdist = build.sdist
    first, second = library(sdist), library(str(sdist))
    assert (first.how, second.how) == ("built", "from cache")
    assert replace(first, seconds=0.0, how="") == replace(second, seconds=0.0, how="")
    assert first.seconds > 0.0
    assert build.calls()["build_wheel"] == 1


@pytest.mark.parametrize("how", ["wheel", "URL", "name @ URL", "repository", "wheel URL"])
def test_the_library_takes_what_the_command_line_takes(
    how: str, build: Builder, library: Callable[[str | Path], crossbuild.BuiltWheel]
) -> None:
    there = make_wheel(build.directory, {"lacking.py": b""}, tag="py3-none-any", project="lacking-1.0")
    specs = {
        "wheel": str(there),
        "wheel URL": there.as_uri(),
        "URL": build.sdist.as_uri(),
        "name @ URL": f"lacking @ {build.sdist.as_uri()}",
        "repository": f"git+{committed(build.project).as_uri()}",
    }
    built = library(specs[how])
    assert (built.name, built.path.is_file()) == ("lacking", True)
    assert built.origin
    assert built.origin.is_wheel == how.startswith("wheel")


def test_the_library_says_that_a_marker_leaves_nothing(
    library: Callable[[str | Path], crossbuild.BuiltWheel],
) -> None:
    with pytest.raises(crossbuild.UsageError, match="no marker of lacking; os_name == 'nt' holds on the host"):
        library("lacking; os_name == 'nt'")


def audits(build: Builder) -> list[Path]:
    """Return a list that gets each wheel that is audited from now on."""
    audited: list[Path] = []

    def noted(contents: WheelContents, *rest: Any, **more: Any) -> WheelReport:
        audited.append(contents.path)
        return audit(contents, *rest, **more)

    for place in ("crossbuild.building.wheel", "crossbuild.wheels.check"):
        build.monkeypatch.setattr(f"{place}.audit", noted)
    return audited


@pytest.mark.parametrize("words", [("wheel",), ("sdist-to-wheel",)], ids=" ".join)
def test_a_wheel_is_audited_once(words: tuple[str, ...], build: Builder) -> None:
    sdist, audited = build.sdist, audits(build)
    assert build(*words, sdist, "-w", "wheels").code == 0
    assert len(audited) == 1, "when it was built"
    assert "lacking 1.0 is unchanged; using its wheel from the cache" in build(*words, sdist, "-w", "wheels").err
    assert len(audited) == 2, "when it was taken from the cache"


def test_an_environment_for_a_repository(build: Builder) -> None:
    repository = committed(build.project)
    done = build("run", "--for", f"git+{repository.as_uri()}", "--", "true")
    assert done.code == 0, done.err
    assert build.calls() == Counter({"get_requires_for_build_wheel": 1})


def test_a_wheel_is_no_project_that_an_environment_is_for(build: Builder) -> None:
    wheel = make_wheel(build.directory, {"lacking.py": b""}, tag="py3-none-any", project="lacking-1.0")
    done = build("run", "--for", wheel, "--", "true")
    assert (done.code, "is a wheel, which is built already" in done.err) == (2, True)


def test_the_error_of_the_library_names_the_package(build: Builder) -> None:
    build.monkeypatch.setenv("LACKING", "get_requires_for_build_wheel")
    options = crossbuild.BuildOptions(cache_dir=build.directory / "cache")
    with pytest.raises(crossbuild.BackendError) as caught:
        crossbuild.build_wheel(build.sdist, host=HOST, options=options, wheel_dir=build.directory / "wheels")
    assert "with --sysroot-package libdemo-dev" in caught.value.fix
    kept = caught.value.kept
    assert kept
    assert (caught.value.log, caught.value.record) == (kept / "log.txt", kept / "record")
    assert kept.joinpath("record").is_dir()


def test_a_host_requirement(build: Builder) -> None:
    links, user = build.sdist.parent, build.directory / "user"
    shutil.copytree(build.project, user)
    backend = user / "backend/lacking_backend.py"
    backend.write_text(backend.read_text().replace("lacking", "user").replace("LACKING", "USER_LACKING"))
    table = user / "pyproject.toml"
    table.write_text(table.read_text().replace("lacking", "user"))
    (user / "backend/user_backend.py").write_text(backend.read_text())
    build.monkeypatch.setenv("USER_LACKING", "")
    words, audited = ("wheel", user, "--find-links", links, "--host-requires", "lacking", "-w", "wheels"), audits(build)
    done = build(*words, lacking="get_requires_for_build_wheel")
    assert done.code == 0, done.err
    assert done.err.count(ADDED) == 1
    assert [wheel.name.partition("-")[0] for wheel in audited] == ["lacking", "user"]


def test_install(build: Builder) -> None:
    words = ("install", *build.of_index, "--root", "image", "--prefix", "/usr")
    (build.directory / "image").mkdir()
    assert_added_once(build(*words, lacking="get_requires_for_build_wheel"), build)


def test_an_environment_for_a_project(build: Builder) -> None:
    hook = "get_requires_for_build_wheel"
    done = build("run", "--for", build.project, "--", "sh", "-c", 'test -e "$SYSROOT/usr/include/demo.h"', lacking=hook)
    assert_added_once(done, build)
    assert build.calls() == Counter({hook: 2})


def test_an_environment_for_several_projects(build: Builder) -> None:
    other = shutil.copytree(build.project, build.directory / "other")
    words = ("--for", build.sdist, "--for", other, "--", "true")
    done = build("run", *words, lacking="get_requires_for_build_wheel")
    assert_added_once(done, build)
    assert "crossbuild.toml" not in done.err, "it would be a guess which of them needs it"


def test_a_project_that_is_installed_for_the_host_in_an_environment(build: Builder) -> None:
    words = ("run", "--with-host", *build.of_index, "--", "true")
    assert_added_once(build(*words, lacking="get_requires_for_build_wheel"), build)


@pytest.mark.parametrize("hook", ["get_requires_for_build_wheel", "build_wheel"])
def test_the_backend_that_wraps_another(hook: str, build: Builder) -> None:
    with _inside_the_wrapper(build, hook) as commands:
        settings = {"crossbuild-host": HOST, "crossbuild-auto-sysroot": "true"}
        options, _ = backend_shim._separate("wheel", settings)
        assert backend_shim._cross_metadata(str(build.directory / "metadata"), options) == "lacking-1.0.dist-info"
    (done,) = commands
    assert_added_once(done, build)


def test_the_error_of_a_wrapped_backend_names_the_package(build: Builder) -> None:
    hook = "get_requires_for_build_wheel"
    with _inside_the_wrapper(build, hook) as commands, pytest.raises(SystemExit, match="7"):
        backend_shim._cross_wheel(str(build.directory / "wheels"), [f"--host={HOST}"])
    (done,) = commands
    assert_advised(done, hook, build)


@contextmanager
def _inside_the_wrapper(build: Builder, lacking: str) -> Iterator[list[Ended]]:
    """Wrap the project's backend, and run the commands of the wrapper in this process; give how they ended."""
    table = build.project / "pyproject.toml"
    own = table.read_text().partition("build-backend")[2]
    wrapper = '[build-system]\nrequires = []\nbuild-backend = "crossbuild.backend_shim"\n'
    table.write_text(f"{wrapper}[tool.crossbuild]\nbuild-backend{own}")
    commands: list[Ended] = []
    run: Any = subprocess.run

    def run_here(command: Sequence[str], **options: Any) -> Any:
        if list(command[:4]) != [sys.executable, "-P", "-m", "crossbuild"]:
            return run(command, **options)
        commands.append(build.run(*command[4:]))
        return SimpleNamespace(returncode=commands[-1].code, stdout=commands[-1].out)

    with build.monkeypatch.context() as patched:
        patched.setattr(subprocess, "run", run_here)
        patched.setenv("LACKING", lacking)
        patched.chdir(build.project)
        yield commands
