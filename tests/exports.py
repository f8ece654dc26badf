"""Other tools, building by themselves from what ``crossbuild host export`` wrote."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from uv import find_uv_bin

from tests.commands import copy_project
from tests.testbed.hosts import HostRoot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.commands import Crossbuild

PROJECT = "meson-c"
MODULE = "meson_c"
CMAKE_PROJECT = """
cmake_minimum_required(VERSION 3.26...4.2)
project(example C)
find_package(Python COMPONENTS Interpreter Development.Module REQUIRED)
python_add_library(meson_c MODULE facts.c WITH_SOABI)
"""
BY_HAND = """. "$FILE"
headers=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("include"))')
suffix=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
"$CC" -shared -fPIC "-I$headers" facts.c -o "meson_c$suffix"
"""


@dataclass(frozen=True, kw_only=True)
class Exports:
    """The files of one host, and the tools that read them."""

    crossbuild: Crossbuild
    host: HostRoot | str
    options: tuple[str, ...]
    tools: Path
    """The directory with meson, ninja, cmake and pkg-config."""
    directory: Path

    def file(self, form: str, name: str = "") -> Path:
        """Return the host in the format ``form``, in a file."""
        file = self.directory / (name or form)
        own = self.host.python if isinstance(self.host, HostRoot) else self.host
        done = self.crossbuild("host", "export", own, "--format", form, "-o", file, *self.options)
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        return file

    def run(self, *command: str | Path, cwd: Path, environ: Mapping[str, str] | None = None) -> str:
        """Run a tool outside of crossbuild, and return what it prints."""
        own = self.crossbuild.bed.environ
        path = os.pathsep.join(map(str, (self.tools, *self.crossbuild.programs, own.get("PATH", os.defpath))))
        done = subprocess.run(
            list(map(str, command)),
            cwd=cwd,
            env={**own, "PATH": path, **(environ or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def build(self, way: str) -> Path:
        """Return the extension module that is built in one of :data:`WAYS`."""
        project = copy_project(PROJECT, self.directory / f"project-{way}")
        WAYS[way](self, project)
        (built,) = project.rglob(f"{MODULE}.*.so")
        return built


def _with_meson(exports: Exports, project: Path) -> None:
    exports.run("meson", "setup", "build", "--cross-file", exports.file("meson"), cwd=project)
    exports.run("meson", "compile", "-C", "build", cwd=project)


def _with_build_details(exports: Exports, project: Path) -> None:
    file = exports.file("meson", "without-python.ini")
    drop_lines(file, "python = ")
    details = f"-Dpython.build_config={exports.file('build-details', 'build-details.json')}"
    exports.run("meson", "setup", "build", "--cross-file", file, details, cwd=project)
    exports.run("meson", "compile", "-C", "build", cwd=project)


def _with_cmake(exports: Exports, project: Path) -> None:
    (project / "CMakeLists.txt").write_text(CMAKE_PROJECT)
    exports.run("cmake", "-G", "Ninja", "--toolchain", exports.file("cmake"), "-B", "build", cwd=project)
    exports.run("cmake", "--build", "build", cwd=project)


def _by_hand(exports: Exports, project: Path) -> None:
    exports.run("sh", "-ec", BY_HAND, cwd=project, environ={"FILE": str(exports.file("env"))})


WAYS: dict[str, Callable[[Exports, Path], None]] = {
    "meson": _with_meson,
    "build-details": _with_build_details,
    "cmake": _with_cmake,
    "env": _by_hand,
}


def drop_lines(file: Path, beginning: str) -> None:
    """Take the lines of ``file`` that begin so out of it."""
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith(beginning)))


def install_tools(directory: Path) -> Path:
    """Install meson, ninja, cmake and pkg-config into a fresh environment, and return where they are."""
    uv = find_uv_bin()
    subprocess.run([uv, "venv", "--quiet", directory], check=True)
    wanted = ("meson>=1.10", "ninja", "cmake>=3.24", "pkgconf>=2.3")
    subprocess.run([uv, "pip", "install", "--quiet", "--python", directory / "bin/python", *wanted], check=True)
    return directory / "bin"
