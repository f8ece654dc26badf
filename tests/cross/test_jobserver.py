"""What several builds run at once, all in all, with the programs that people build with."""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

from crossbuild.native.jobserver import jobserver, parallel_variables, write_make, write_ninja
from tests.cross.ways import SYNTHESISED
from tests.testbed.tools import make

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.native.jobserver import Jobserver
    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.rust import Rust

pytestmark = pytest.mark.cross

RECIPES = 8
COMPILER = """#!/bin/sh
# Says when it begins and ends.
echo "$(date +%s%N) 1" >>{record}
sleep 0.1
echo "$(date +%s%N) -1" >>{record}
[ $# = 0 ] || touch "$@"
"""
CMAKE = """
cmake_minimum_required(VERSION 3.15)
project(one NONE)
foreach(number RANGE 1 {recipes})
  add_custom_target(t${{number}} ALL COMMAND {compiler})
endforeach()
"""


BACKEND = """
import subprocess
from flit_core import buildapi


def build_wheel(*arguments):
    subprocess.run({command}, cwd={project!r}, check=True)
    return buildapi.build_wheel(*arguments)
"""
PROJECT = """
project = {{ name = "{name}", version = "1.0", description = "Compiles." }}
build-system = {{ requires = ["flit_core>=3.11"], build-backend = "backend", backend-path = ["."] }}
"""
MESON = """
project('three')
foreach number : range({recipes})
  custom_target(output: f't@number@', command: ['{compiler}', '@OUTPUT@'], build_by_default: true)
endforeach
"""
MESON_PROJECT = """
project = { name = "three", version = "1.0" }
build-system = { requires = ["meson-python"], build-backend = "mesonpy" }
"""


@dataclass(frozen=True, kw_only=True)
class Builds:
    """Projects with eight things to compile each, and builds of them."""

    directory: Path
    path: str

    @property
    def compiler(self) -> Path:
        return self.directory / "compiler"

    def run(self, *tools: str, jobs: int) -> int:
        """Build a project with each of ``tools``, all at once, and return how many compilers ran at the same time."""
        wrappers = self.directory / "wrappers"
        wrappers.mkdir()
        environ = {"PATH": f"{wrappers}:{self.path}", "HOME": str(self.directory)}
        write_make(wrappers, path=self.path)
        projects = [(tool, self.project(str(number), tool, environ)) for number, tool in enumerate(tools)]
        with jobserver(jobs, self.directory, at_once=len(tools)) as server, ThreadPoolExecutor() as threads:
            write_ninja(wrappers, server, environ, newer=None)
            environ |= parallel_variables(jobs, server)
            done = [threads.submit(self.build, tool, project, server, environ) for tool, project in projects]
        for future in done:
            future.result()
        return self.at_once(len(tools))

    def at_once(self, builds: int) -> int:
        """Return how many compilers ran at the same time, in all of so many builds."""
        lines = [line.split() for line in (self.directory / "record").read_text().splitlines()]
        changes = [int(change) for _, change in sorted(lines)]
        assert changes.count(1) == changes.count(-1) == RECIPES * builds
        return max(sum(changes[:end]) for end in range(len(changes)))

    def build(self, tool: str, project: Path, server: Jobserver, environ: Mapping[str, str]) -> None:
        with server.slot():
            run(*command(tool), cwd=project, environ=environ)

    def project(self, name: str, tool: str, environ: Mapping[str, str]) -> Path:
        """Write a project that ``tool`` builds."""
        directory, targets = self.directory / name, [f"t{number}" for number in range(RECIPES)]
        directory.mkdir()
        self.compiler.write_text(COMPILER.format(record=self.directory / "record"))
        self.compiler.chmod(0o755)
        if tool.startswith("make"):
            rules = f"all: {' '.join(targets)}\nt%:\n\t{self.compiler}\nbelow:\n\t$(MAKE) all\n"
            (directory / "Makefile").write_text(rules)
        elif tool == "ninja":
            edges = "".join(f"build {target}: compile\n" for target in targets)
            (directory / "build.ninja").write_text(f"rule compile\n  command = {self.compiler}\n{edges}")
        elif tool.startswith("cmake"):
            (directory / "CMakeLists.txt").write_text(CMAKE.format(recipes=RECIPES, compiler=self.compiler))
            run("cmake", "-G", tool.removeprefix("cmake "), ".", cwd=directory, environ=environ)
        else:
            self.write_crates(directory, targets)
        return directory

    def write_crates(self, directory: Path, names: list[str]) -> None:
        """Write crates with a rustc that is one of our compilers, too."""
        rustc = directory / "rustc"
        rustc.write_text(f'#!/bin/sh\ncase "$*" in *"--crate-name t"*) {self.compiler} ;; esac\nexec "$@"\n')
        rustc.chmod(0o755)
        (directory / ".cargo").mkdir()
        (directory / ".cargo/config.toml").write_text(f'build.rustc-wrapper = "{rustc}"\n')
        (directory / "Cargo.toml").write_text(f"[workspace]\nmembers = {names}\n")
        for name in names:
            (directory / name / "src").mkdir(parents=True)
            (directory / name / "src/lib.rs").touch()
            (directory / name / "Cargo.toml").write_text(f'[package]\nname = "{name}"\nversion = "1.0.0"\n')


def command(tool: str) -> list[str]:
    return ["cmake", "--build", "."] if tool.startswith("cmake") else tool.split()


def run(*command: str, cwd: Path, environ: Mapping[str, str]) -> None:
    program = shutil.which(command[0], path=environ["PATH"])
    assert program
    done = subprocess.run(
        [program, *command[1:]], cwd=cwd, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with a ninja that knows jobservers, and cmake."""
    uv = find_uv_bin()
    directory = tmp_path_factory.mktemp("tools") / "venv"
    subprocess.run([uv, "venv", "--quiet", directory], check=True)
    pip = [uv, "pip", "install", "--quiet", "--python", str(directory / "bin/python")]
    subprocess.run([*pip, "ninja>=1.13", "cmake"], check=True)
    return directory / "bin"


@pytest.fixture
def builds(tools: Path, bed: Bed, tmp_path: Path) -> Builds:
    return Builds(directory=tmp_path, path=os.pathsep.join(map(str, (tools, *make(bed), bed.environ["PATH"]))))


@pytest.mark.parametrize(
    "tools_at_once",
    [
        ["make"],
        ["ninja"],
        ["make", "make below"],
        ["ninja", "ninja"],
        ["make below", "ninja"],
        ["cmake Unix Makefiles", "cmake Ninja"],
    ],
    ids=" + ".join,
)
def test_builds_run_as_many_compilers_as_there_are_jobs(tools_at_once: list[str], builds: Builds) -> None:
    assert builds.run(*tools_at_once, jobs=3) == 3


def write_package(directory: Path, tool: str, builds: Builds) -> None:
    """Write a Python project whose backend builds a project with ``tool``."""
    name = directory.name
    project = builds.project(f"{name}-native", tool, {"PATH": builds.path})
    directory.mkdir()
    (directory / "pyproject.toml").write_text(PROJECT.format(name=name))
    (directory / "backend.py").write_text(BACKEND.format(command=command(tool), project=str(project)))
    (directory / f"{name}.py").touch()


def test_packages_that_are_built_at_once_share_the_jobs(
    tools: Path, builds: Builds, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    write_package(one, "make below", builds)
    write_package(two, "cmake Ninja", builds)
    three.mkdir()
    (three / "pyproject.toml").write_text(MESON_PROJECT)
    (three / "meson.build").write_text(MESON.format(recipes=RECIPES, compiler=builds.compiler))
    done = replace(crossbuild, programs=(tools, *crossbuild.programs))(
        *("wheel", one, two, three, "-w", tmp_path / "wheels", "--jobs", "4"),
        host=SYNTHESISED,
        # What the user has for his own builds does not count.
        environ={"CMAKE_BUILD_PARALLEL_LEVEL": "8", "MAKEFLAGS": "-j8"},
    )
    assert done.returncode == 0, done.stderr
    assert builds.at_once(3) <= 4


def test_cargo_keeps_to_it_too(builds: Builds, rust: Rust, tmp_path: Path) -> None:
    own = Builds(directory=tmp_path, path=os.pathsep.join((str(rust.programs), builds.path)))
    assert own.run("cargo build --offline", "make", jobs=4) == 4
