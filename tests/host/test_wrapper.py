"""A project that crossbuild's backend wraps, built by other people's frontends: the newest, and the oldest that can."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

from crossbuild.system.cache import digest
from tests.breadth import alone
from tests.examples import REPOSITORY
from tests.host.test_samples import facts_on
from tests.testbed.tools import native_compilers
from tests.wrapped import wrapped_project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crossbuild.build_python.discovery import BuildPython
    from tests.commands import BuiltWheels
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

TAG = "manylinux_2_28_aarch64"
# The first pip with backend-path, the first build that is not an alpha, the first uv with `uv build`.
OLDEST = ["pip==20.0.2", "build==0.1.0", "uv==0.4.5"]
NEWEST = ["pip", "build", "uv"]

Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True, kw_only=True)
class Frontend:
    """pip, build or uv, installed somewhere, as people call it."""

    name: str
    python: Path
    environ: Mapping[str, str]

    def __call__(self, *words: str | Path, **environ: str) -> Done:
        start = [self.python.with_name("uv")] if self.name == "uv" else [self.python, "-m", self.name]
        return subprocess.run(
            [*map(str, (*start, *words))],
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def build(self, project: Path, into: Path, *words: str, isolated: bool = True, **environ: str) -> Path:
        """Return the wheel that it builds of ``project``; an sdist comes first where the frontend makes one."""
        shared = ["--python", str(self.python)] if self.name == "uv" else []
        commands: dict[str, list[str | Path]] = {
            "pip": ["wheel", "--no-deps", "--wheel-dir", into, project],
            "build": ["--outdir", into, project],
            "uv": ["build", "--out-dir", into, *shared, project],
        }
        apart = {"pip": "--no-build-isolation", "build": "--no-isolation", "uv": "--no-build-isolation"}[self.name]
        done = self(*commands[self.name], *words, *([] if isolated else [apart]), **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        (wheel,) = into.glob("*.whl")
        return wheel


@pytest.fixture(scope="session")
def environ(bed: Bed, built_wheels: BuiltWheels) -> dict[str, str]:
    """The variables of frontends; what compiles for this machine is on ``PATH``."""
    inherited = {name: value for name, value in bed.environ.items() if not name.startswith(("CROSSBUILD_", "PYTHON"))}
    path = os.pathsep.join((*map(str, native_compilers(bed)), inherited.get("PATH", os.defpath)))
    return inherited | {"PATH": path, "CROSSBUILD_CACHE_DIR": str(built_wheels.crossbuild.cache_dir)}


@pytest.fixture(scope="session")
def own_wheel(built_wheels: BuiltWheels, environ: dict[str, str]) -> Path:
    """The wheel of crossbuild itself."""

    def make(scratch: Path) -> None:
        built_wheels.crossbuild.bed.run([find_uv_bin(), "build", "--wheel", "--out-dir", scratch, REPOSITORY])

    (wheel,) = built_wheels.cache.entry("own", "wheel", make).glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def venv(
    bed: Bed, build_python: Callable[[tuple[int, int]], BuildPython], environ: dict[str, str]
) -> Callable[..., Path]:
    """A function that makes a virtual environment with ``requirements`` and returns its Python."""
    base = build_python((3, 11)).executable

    def make(directory: Path, *requirements: str | Path) -> Path:
        uv, python = find_uv_bin(), directory / "bin/python"
        bed.run([uv, "venv", "--quiet", "--allow-existing", "--python", base, directory], environ=environ)
        bed.run([uv, "pip", "install", "--quiet", "--python", python, *requirements], environ=environ)
        return python

    return make


@pytest.fixture(scope="session")
def frontend(bed: Bed, venv: Callable[..., Path], environ: dict[str, str]) -> Callable[[str], Frontend]:
    """A function that returns a frontend that has nothing else beside it."""

    def install(requirement: str) -> Frontend:
        def make(scratch: Path) -> None:
            venv(scratch, requirement)

        entry = bed.cache.entry("frontends", digest(requirement), make)
        return Frontend(name=requirement.partition("=")[0], python=entry / "bin/python", environ=environ)

    return install


@pytest.fixture
def workshop(
    venv: Callable[..., Path], own_wheel: Path, environ: dict[str, str], tmp_path: Path
) -> dict[str, Frontend]:
    """The newest frontends in one environment, with crossbuild and setuptools to build without isolation."""
    python = venv(tmp_path / "workshop", own_wheel, "setuptools", "pip", "build", "uv")
    return {name: Frontend(name=name, python=python, environ=environ) for name in ("pip", "build", "uv")}


@pytest.fixture
def project(own_wheel: Path, tmp_path: Path) -> Path:
    """A sample project, wrapped."""
    host = f'\n[tool.crossbuild.hosts.board]\nhost = "{TAG}"\n'
    requirement = f"crossbuild @ {own_wheel.as_uri()}"
    return wrapped_project("setuptools-c", tmp_path / "project", requirement=requirement, more=host)


# --- For another machine -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("requirement", alone([*OLDEST, *NEWEST], quick=["uv"]))
def test_a_host_in_the_environment(
    requirement: str, frontend: Callable[[str], Frontend], project: Path, debian_arm64: HostRoot, tmp_path: Path
) -> None:
    """As frontends build by themselves: in an environment of their own that has the project's requirements."""
    only = ["--wheel"] if requirement == "build==0.1.0" else []
    wheel = frontend(requirement).build(project, tmp_path / "dist", *only, CROSSBUILD_HOST=TAG)
    assert wheel.name == f"setuptools_c-1.0-cp311-cp311-{TAG}.whl"
    assert facts_on(debian_arm64, wheel, tmp_path)


@pytest.mark.parametrize(("name", "option"), [("pip", "--config-settings="), ("build", "-C"), ("uv", "-C")])
def test_a_host_in_a_setting(
    name: str,
    option: str,
    workshop: dict[str, Frontend],
    project: Path,
    debian_arm64: HostRoot,
    tmp_path: Path,
) -> None:
    """Without isolation; the host is one that the project names. Settings of the backend go on to it."""
    settings = ("crossbuild-host=board", "crossbuild-toolchain=zig", "--build-option=--build-number=7")
    words = [f"{option}{setting}" for setting in settings]
    wheel = workshop[name].build(project, tmp_path / "dist", *words, isolated=False)
    assert wheel.name == f"setuptools_c-1.0-7-cp311-cp311-{TAG}.whl"
    assert facts_on(debian_arm64, wheel, tmp_path)


@pytest.mark.parametrize("name", ["pip", "uv"])
def test_no_editable_installation(name: str, workshop: dict[str, Frontend], project: Path) -> None:
    done = _install(workshop[name], "--editable", project, CROSSBUILD_HOST=TAG)
    assert done.returncode != 0
    said = " ".join((done.stderr + done.stdout).split())
    assert f"error: No project can be installed editable for another machine, {TAG}." in said, said
    assert "hint: This machine's Python would import it. Unset CROSSBUILD_HOST" in said
    assert "Traceback" not in done.stderr + done.stdout


@pytest.mark.parametrize("name", ["pip", "uv"])
def test_what_went_wrong_is_said(name: str, workshop: dict[str, Frontend], project: Path, tmp_path: Path) -> None:
    (project / "facts.c").write_text("no C at all")
    with pytest.raises(AssertionError) as caught:
        workshop[name].build(project, tmp_path, isolated=False, CROSSBUILD_HOST=TAG)
    assert "backend's hook build_wheel failed" in str(caught.value)
    assert "facts.c:1" in str(caught.value)


# --- For this machine ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pip", "build", "uv"])
def test_without_a_host_the_wheel_is_this_machines(
    name: str, workshop: dict[str, Frontend], project: Path, tmp_path: Path
) -> None:
    wheel = workshop[name].build(project, tmp_path / "dist", isolated=False)
    assert wheel.name == f"setuptools_c-1.0-cp311-cp311-linux_{os.uname().machine}.whl"
    done = workshop["uv"]("pip", "install", "--python", workshop["uv"].python, wheel)
    assert done.returncode == 0, done.stderr
    assert _imported_from(workshop[name].python).is_relative_to(tmp_path / "workshop")


@pytest.mark.parametrize("name", ["pip", "uv"])
def test_without_a_host_it_is_installed(
    name: str, workshop: dict[str, Frontend], project: Path, tmp_path: Path
) -> None:
    for words, place in ((), tmp_path / "workshop"), (("--editable",), project):
        done = _install(workshop[name], *words, project)
        assert done.returncode == 0, done.stdout + done.stderr
        assert _imported_from(workshop[name].python).is_relative_to(place)


@pytest.mark.matrix
def test_without_a_host_the_oldest_pip_builds_it(
    frontend: Callable[[str], Frontend], workshop: dict[str, Frontend], project: Path, tmp_path: Path
) -> None:
    """In isolation, which has to find the backend that is wrapped."""
    wheel = frontend("pip==20.0.2").build(project, tmp_path / "dist")
    assert wheel.name == f"setuptools_c-1.0-cp311-cp311-linux_{os.uname().machine}.whl"


def _install(frontend: Frontend, *words: str | Path, **environ: str) -> Done:
    start = ["install"] if frontend.name == "pip" else ["pip", "install", "--python", frontend.python]
    return frontend(*start, "--no-build-isolation", "--no-deps", "--force-reinstall", *words, **environ)


def _imported_from(python: Path) -> Path:
    """Let the module tell what it was compiled for, which is this machine, and return where it is."""
    code = "import setuptools_c, sys; print(setuptools_c.__file__, setuptools_c.facts()['PY_VERSION'] in sys.version)"
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    file, fits = done.stdout.split()
    assert fits == "True"
    return Path(file)
