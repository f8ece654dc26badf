"""What is installed for the host: found by compilers and their kin, run on the host, imported by nothing here."""

from __future__ import annotations

import os
import subprocess
import tarfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.elf import read_elf
from tests.commands import PROJECTS, copy_project
from tests.inside import run_inside
from tests.testbed import tools
from tests.testbed.hosts import run_on_host
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

PROGRAM = """
#include <stdio.h>
#include <devfiles.h>
#ifdef BY_PKG_CONFIG
# include <zlib.h>
#endif
int main(void) { printf("%d %d", DEVFILES_ANSWER, devfiles_long_bits()); return 0; }
"""
CMAKE = """
cmake_minimum_required(VERSION 3.15)
project(program C)
find_path(DEVFILES_INCLUDE devfiles.h REQUIRED)
find_library(DEVFILES_LIBRARY devfiles REQUIRED)
add_executable(program program.c)
target_include_directories(program PRIVATE ${DEVFILES_INCLUDE})
target_link_libraries(program PRIVATE ${DEVFILES_LIBRARY})
"""
SCRIPT = """
cross-pip install ./project
cc program.c -ldevfiles -o plain
flags=$(pkg-config --cflags --libs devfiles zlib)
cc program.c $flags -o pkg-config
cmake -G Ninja -S . -B cmake >&2
cmake --build cmake >&2
cp -R "$CROSSBUILD_HOST_SITE" site
if python -c 'import jinja2' 2>/dev/null || build-python -c 'import jinja2' 2>/dev/null; then exit 9; fi
cross-pip uninstall -y Jinja2
test ! -e "$CROSSBUILD_HOST_SITE"/lib/python3.11/site-packages/jinja2
echo left:
cross-pip list
"""
RENDER = """
import jinja2, markupsafe
assert markupsafe._escape_inner.__module__ == "markupsafe._speedups"
print(jinja2.Template("{{ text|e }}").render(text="<>"))
"""


def test_what_is_installed_is_found_and_runs_on_the_host(
    crossbuild: Crossbuild, debian_arm64: HostRoot, tmp_path: Path
) -> None:
    copy_project("setuptools-devfiles", tmp_path / "project")
    (tmp_path / "program.c").write_text(PROGRAM)
    (tmp_path / "CMakeLists.txt").write_text(CMAKE)
    options = ("--toolchain=zig", "--with-host=jinja2", "--with=cmake", "--with=ninja")
    printed = run_inside(crossbuild, SCRIPT, *options, host=debian_arm64, cwd=tmp_path).split()
    assert printed[0] == "setuptools-devfiles==1.0"
    assert [line.partition("==")[0] for line in printed[1:]] == ["left:", "markupsafe", "setuptools-devfiles"]
    for program in ("plain", "pkg-config", "cmake/program"):
        assert run_program(debian_arm64, tmp_path / program) == "42 64"
    packages = tmp_path / "site/lib/python3.11/site-packages"
    assert machines(packages) == {"EM_AARCH64"}
    done = run_on_host(debian_arm64, RENDER, packages)
    assert (done.stdout, done.stderr) == ("&lt;&gt;\n", "")
    script = (tmp_path / "site/bin/devfiles-machine").read_text()
    assert script.startswith("#!/usr/bin/python3.11\n")
    assert run_on_host(debian_arm64, script, packages).stdout == "aarch64\n"


def run_program(host: HostRoot, program: Path) -> str:
    """Return what ``program`` prints on ``host``."""
    *emulator, _ = host.command
    done = subprocess.run([*emulator, program], env={"PATH": os.defpath}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def machines(directory: Path) -> set[str]:
    """Return the machines of the extensions below ``directory``."""
    return {read_elf(path.name, path.read_bytes(), symbols=False).machine for path in directory.rglob("*.so")}


# --- An environment that stands -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A cross environment whose programs are run from anywhere."""

    directory: Path
    crossbuild: Crossbuild

    def command(self, *words: str | Path) -> tuple[list[str], Mapping[str, str]]:
        """Return a command of its ``bin``, and the variables to run it with."""
        name, *rest = map(str, words)
        own = self.crossbuild
        path = os.pathsep.join((*map(str, own.programs), own.bed.environ.get("PATH", os.defpath)))
        environ = {**own.bed.environ, "PATH": path, "TMPDIR": str(own.temporary)}
        return [str(self.directory / "bin" / name), *rest], environ

    def __call__(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command of its ``bin`` to its end, in a directory that has nothing to do with it."""
        command, environ = self.command(*words)
        return subprocess.run(command, env=environ, cwd="/", capture_output=True, text=True, check=False)

    def printed(self, *words: str | Path) -> list[str]:
        """Return the lines that a command prints, which must succeed."""
        done = self(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()

    def files(self) -> dict[Path, bytes]:
        """Return what is in the host site."""
        return {path: path.read_bytes() for path in (self.directory / "host").rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def environment(
    bed: Bed, crossbuild: Crossbuild, debian_arm64: HostRoot, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """One with three sdists at hand, made with relative paths on a machine that has compilers of its own."""
    base = tmp_path_factory.mktemp("standing")
    (base / "links").mkdir()
    for name in ("setuptools-c", "setuptools-library", "setuptools-uses-library"):
        with tarfile.open(base / "links" / f"{name.replace('-', '_')}-1.0.tar.gz", "w:gz") as archive:
            archive.add(PROJECTS / name, f"{name.replace('-', '_')}-1.0")
    both = replace(crossbuild, programs=(*tools.native_compilers(bed), *crossbuild.programs))
    host = os.path.relpath(debian_arm64.python, base)
    options = ("--toolchain", "zig", "--find-links", "links", *crossbuild.build_python_for(debian_arm64.version))
    done = both("env", "cross", *options, host=host, cwd=base)
    assert done.returncode == 0, done.stderr
    return Environment(directory=base / "cross", crossbuild=both)


def test_an_sdist_is_built_for_the_host(environment: Environment, debian_arm64: HostRoot) -> None:
    assert environment.printed("cross-pip", "install", "setuptools-c") == ["setuptools-c==1.0"]
    packages = environment.directory / "host/lib/python3.11/site-packages"
    about = (packages / "setuptools_c-1.0.dist-info/WHEEL").read_text()
    assert "Tag: cp311-cp311-linux_aarch64\n" in about
    done = run_on_host(debian_arm64, "import setuptools_c as m; print(m.facts()['sizeof_pointer'])", packages)
    assert (done.stdout, done.stderr) == ("8\n", "")


def test_what_builds_install_is_fit_to_be_compiled_against(environment: Environment) -> None:
    environment.printed("build-pip", "install", "setuptools-library")
    archive = environment.printed("cross-python", "-c", "import setuptools_library as l; print(l.lib/'liblibrary.a')")
    content = (environment.directory / archive[0]).read_bytes()
    offset = content.index(b"\x7fELF")
    assert read_elf("library.o", content[offset:], symbols=False).machine == "EM_AARCH64"
    assert environment("cross-pip", "uninstall", "setuptools-library").returncode == 10


def test_builds_take_what_is_installed(environment: Environment, debian_arm64: HostRoot) -> None:
    environment.printed("cross-pip", "install", "setuptools-library")
    done = environment("cross-pip", "install", "setuptools-uses-library")
    assert done.returncode == 0, done.stderr
    assert "Lay setuptools-library 1.0 for the host" in done.stderr
    assert "Build setuptools-library" not in done.stderr
    packages = environment.directory / "host/lib/python3.11/site-packages"
    facts = "import setuptools_uses_library as m; print(m.facts()['header'], m.facts()['archive'])"
    assert run_on_host(debian_arm64, facts, packages).stdout == "64 64\n"
    environment.printed("cross-pip", "uninstall", "setuptools-library", "setuptools-uses-library")


def test_two_at_once(environment: Environment) -> None:
    both = [environment.command("cross-pip", "install", name) for name in ("markupsafe", "six")]
    running = [subprocess.Popen(command, env=environ, stderr=subprocess.PIPE) for command, environ in both]
    for process in running:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert {"markupsafe", "six"} <= {line.partition("==")[0] for line in environment.printed("cross-pip", "list")}


@pytest.mark.parametrize(("kind", "code"), [("hostile", 8), ("of another machine", 8), ("unknown", 6)])
def test_a_failure_changes_nothing(environment: Environment, tmp_path: Path, kind: str, code: int) -> None:
    wanted: str | Path = "setuptools-c-that-is-not-there==9"
    if kind == "hostile":
        wanted = make_wheel(tmp_path, {"../../../../evil": b"evil"})
    elif kind == "of another machine":
        wanted = make_wheel(tmp_path, {}, tag="cp311-cp311-linux_x86_64")
    environment.printed("cross-pip", "install", "six")
    before, listed = environment.files(), environment.printed("cross-pip", "list")
    done = environment("cross-pip", "install", "--upgrade", "iniconfig", wanted)
    assert done.returncode == code
    assert (environment.files(), environment.printed("cross-pip", "list")) == (before, listed)
    assert not [*environment.directory.rglob("evil")]


def test_pip_alone_is_neither(environment: Environment) -> None:
    done = environment("pip", "install", "numpy")
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == [
        "  build-pip install numpy : for this machine, what builds run and import",
        "  cross-pip install numpy : for the host, what is taken there",
    ]
