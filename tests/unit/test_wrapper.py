"""A project that crossbuild's backend wraps: its own backend's hooks as long as no host is configured."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyproject_hooks import BuildBackendHookCaller, HookMissing

import crossbuild
from crossbuild.building.build_system import BuildSystem
from crossbuild.errors import SourceError, UsageError
from crossbuild.options.configuration import Configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

WRAPPER = "crossbuild.backend_shim"
TABLE = '[tool.crossbuild]\nbuild-backend = "own"\nbackend-path = ["backend"]\n'
PYPROJECT = f'[build-system]\nrequires = ["Crossbuild[x]>=0.1", "hatchling"]\nbuild-backend = "{WRAPPER}"\n\n'
MANDATORY = """
import sys

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return repr(("wheel", config_settings, metadata_directory))

def build_sdist(sdist_directory, config_settings=None):
    return repr(("sdist", config_settings))
"""
OPTIONAL = """
def get_requires_for_build_wheel(config_settings=None):
    return [name for name in sys.modules if name.partition(".")[0] == "crossbuild"]

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    return repr(("metadata", config_settings))

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return repr(("editable", config_settings, metadata_directory))

def get_requires_for_build_editable(config_settings=None):
    return []
"""


class HookError(Exception):
    """A hook's process ended with this status, and these words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


@dataclass(frozen=True, kw_only=True)
class Project:
    directory: Path

    def write(self, table: str = TABLE, backend: str = MANDATORY + OPTIONAL) -> Project:
        (self.directory / "backend").mkdir()
        (self.directory / "backend/own.py").write_text(backend)
        (self.directory / "pyproject.toml").write_text(PYPROJECT + table)
        return self

    def hooks(self, *, first: str = "", **environ: str) -> BuildBackendHookCaller:
        """Return its hooks, as frontends call them, in an environment without a host but for ``environ``.

        ``first`` is code that runs before them.
        """
        variables = {name: value for name, value in os.environ.items() if not name.startswith("CROSSBUILD_")}
        variables["PYTHONPATH"] = str(Path(crossbuild.__file__).parents[1])

        def run(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
            python, script, *arguments = cmd
            code = f"import runpy, sys; {first}\nrunpy.run_path({script!r}, run_name='__main__')"
            done = subprocess.run(
                [python, "-c", code, *arguments],
                cwd=cwd,
                env={**variables, **environ, **(extra_environ or {})},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise HookError(done.returncode, done.stderr)

        return BuildBackendHookCaller(str(self.directory), WRAPPER, runner=run, python_executable=sys.executable)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(directory=tmp_path)


SETTINGS = {"--global-option": "x", "setup-args": ["a", "b"]}


def test_hooks_are_those_of_the_projects_own_backend(project: Project) -> None:
    hooks = project.write().hooks()
    assert hooks.build_wheel("dist", SETTINGS) == repr(("wheel", SETTINGS, None))
    assert hooks.build_wheel("dist", None) == repr(("wheel", None, None))
    assert hooks.build_sdist("dist", SETTINGS) == repr(("sdist", SETTINGS))
    assert hooks.build_editable("dist", {}) == repr(("editable", {}, None))
    assert hooks.prepare_metadata_for_build_wheel("dist", SETTINGS) == repr(("metadata", SETTINGS))


def test_hooks_that_the_projects_own_backend_lacks_are_missing(project: Project) -> None:
    hooks = project.write(backend=MANDATORY).hooks()
    assert hooks.get_requires_for_build_wheel() == []
    assert "build_editable" not in hooks._supported_features()
    for hook in (hooks.prepare_metadata_for_build_wheel, hooks.prepare_metadata_for_build_editable):
        with pytest.raises(HookMissing):
            hook("dist", _allow_fallback=False)


def test_passing_through_imports_nothing_else_of_crossbuild(project: Project) -> None:
    assert sorted(project.write().hooks().get_requires_for_build_wheel()) == ["crossbuild", WRAPPER]


@pytest.mark.parametrize("backend", ["own:backend", "own:backend.inner"])
def test_a_backend_that_is_an_object(backend: str, project: Project) -> None:
    inner = "class backend:\n    class inner:\n        build_sdist = staticmethod(lambda *_: 'inner')\n"
    project.write(TABLE.replace("own", backend), inner + "    build_sdist = inner.build_sdist\n")
    assert project.hooks().build_sdist("dist") == "inner"


def test_an_empty_setting_undoes_the_variable(project: Project) -> None:
    hooks = project.write().hooks(CROSSBUILD_HOST="pi")
    assert hooks.build_wheel("dist", {"crossbuild-host": "", "a": "b"}) == repr(("wheel", {"a": "b"}, None))


def test_sdists_are_native_whatever_is_configured(project: Project) -> None:
    hooks = project.write().hooks(CROSSBUILD_HOST="pi")
    assert hooks.build_sdist("dist", {"crossbuild-python": "3.12", "a": "b"}) == repr(("sdist", {"a": "b"}))


def test_in_a_cross_python_the_projects_own_backend_is_what_builds_for_the_host(project: Project) -> None:
    hooks = project.write().hooks(first="sys.cross_compiling = True", CROSSBUILD_HOST="pi")
    assert hooks.build_wheel("dist") == repr(("wheel", None, None))


def test_a_cross_build_needs_nothing_of_the_frontend(project: Project) -> None:
    assert project.write().hooks(CROSSBUILD_HOST="pi").get_requires_for_build_wheel() == []


@pytest.mark.parametrize(
    "call",
    [
        lambda hooks: hooks.build_editable("dist"),
        lambda hooks: hooks.get_requires_for_build_editable(),
        lambda hooks: hooks.build_editable("dist", {"crossbuild-host": "pi"}),
    ],
)
def test_no_editable_for_another_machine(call: Callable[[BuildBackendHookCaller], Any], project: Project) -> None:
    failed = _fail(lambda: call(project.write().hooks(CROSSBUILD_HOST="pi")))
    assert failed.status == 2
    assert failed.words.startswith("error: ")
    assert "pi" in failed.words
    assert "\nhint: " in failed.words
    assert "CROSSBUILD_HOST" in failed.words


@pytest.mark.parametrize("hook", ["build_wheel", "prepare_metadata_for_build_wheel"])
def test_an_error_of_the_cross_build_is_that_of_the_command(hook: str, project: Project) -> None:
    """Each option is one of the command line's, which refuses the host."""
    hooks = project.write().hooks()
    settings = {"crossbuild-host": "linux_z80", "crossbuild-quiet": "true", "-O": ["1", "2"]}
    failed = _fail(lambda: getattr(hooks, hook)("dist", settings))
    assert failed.status == 3
    assert "linux_z80" in failed.words
    assert "Traceback" not in failed.words
    assert _fail(lambda: getattr(hooks, hook)("dist", {**settings, "crossbuild-pyhton": "3.12"})).status == 2


def test_a_setting_without_a_host(project: Project) -> None:
    failed = _fail(lambda: project.write().hooks().build_wheel("dist", {"crossbuild-hots": "pi"}))
    assert (failed.status, "crossbuild-hots" in failed.words) == (2, True)


def _fail(call: Callable[[], Any]) -> HookError:
    with pytest.raises(HookError) as caught:
        call()
    return caught.value


# --- Projects that are wrapped wrongly -----------------------------------------------------------------------------

WRONG = [
    ("", "which build-backend"),
    ("[tool.crossbuild.hosts.pi]\nhost = 'linux_armv7l'\n", "which build-backend"),
    ("[tool]\ncrossbuild = 1\n", "which build-backend"),
    ("[tool.crossbuild]\nbuild-backend = 1\n", "which build-backend"),
    (f"[tool.crossbuild]\nbuild-backend = '{WRAPPER}'\n", "wraps itself"),
    ("[tool.crossbuild]\nbuild-backend = 'own'\nbackend-path = 'backend'\n", "backend-path"),
]


@pytest.mark.parametrize(("table", "words"), WRONG)
def test_what_is_wrong_is_said_to_frontends_and_by_crossbuild(table: str, words: str, project: Project) -> None:
    project.write(table)
    failed = _fail(lambda: project.hooks().build_wheel("dist"))
    assert (failed.status, words in failed.words) == (6, True)
    assert "\nhint: " in failed.words
    assert "Traceback" not in failed.words
    with pytest.raises(SourceError, match=words) as caught:
        BuildSystem.from_directory(project.directory)
    assert caught.value.fix


@pytest.mark.parametrize("backend", ["not_installed", "own:not_there"])
def test_a_backend_that_is_not_there(backend: str, project: Project) -> None:
    project.write(TABLE.replace("own", backend))
    for name in ("build_wheel", "build_editable"):
        hook = getattr(project.hooks(), name)
        failed = _fail(partial(hook, "dist"))
        assert failed.status == 7
        assert backend in failed.words
        assert "requires" in failed.words


# --- What crossbuild itself makes of it ----------------------------------------------------------------------------


def test_crossbuild_takes_the_wrapped_backend_and_does_not_install_itself(project: Project) -> None:
    system = BuildSystem.from_directory(project.write().directory)
    assert system == BuildSystem(requires=frozenset({"hatchling"}), backend="own", backend_path=("backend",))


def test_a_backend_that_is_not_wrapped(project: Project) -> None:
    (project.directory / "pyproject.toml").write_text('[build-system]\nrequires = ["crossbuild", "x"]\n')
    system = BuildSystem.from_directory(project.directory)
    assert system.requires == {"crossbuild", "x"}
    assert system.backend == "setuptools.build_meta:__legacy__"


@pytest.mark.parametrize("table", ['backend-path = ["absent"]', 'backend-path = [""]\nbuild-backend = 1'])
def test_a_table_that_is_broken(table: str, project: Project) -> None:
    (project.directory / "pyproject.toml").write_text(f"[build-system]\nrequires = []\n{table}\n")
    with pytest.raises(SourceError, match="no usable build-system table"):
        BuildSystem.from_directory(project.directory)


def test_the_keys_belong_into_pyproject_toml(project: Project) -> None:
    assert Configuration.from_directory(project.write().directory) == Configuration()
    (project.directory / "crossbuild.toml").write_text('build-backend = "own"\n')
    with pytest.raises(UsageError, match="build-backend"):
        Configuration.from_directory(project.directory)
