"""The files that printed commands name: each is laid out where a command names it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from uv import find_uv_bin

from crossbuild.system.cache import Cache
from crossbuild.system.kept_places import keep_build
from tests.commands import PROJECTS
from tests.examples import REPOSITORY
from tests.host.test_capture import captured
from tests.ready import packed, ready_project
from tests.testbed.hosts import release_host
from tests.testbed.roots import linked_copy
from tests.wrapped import wrapped_project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.printed.desk import Desk

TAG = "manylinux_2_28_aarch64"
_NAMED_HOST = '\n[tool.crossbuild.hosts.pi]\nhost = "debian:bookworm:arm64"\n'


def _compiled(directory: Path, *, first: str = "") -> Path:
    """Make ``directory`` a project with an extension module of its name, whose source begins with ``first``."""
    name = directory.name.replace("-", "_")
    for file in ("pyproject.toml", "setup.py", "src/m.c"):
        copy = directory / file
        copy.parent.mkdir(exist_ok=True, parents=True)
        copy.write_text((PROJECTS / "here" / file).read_text().replace("here", name))
    source = directory / "src/m.c"
    source.write_text(first + source.read_text())
    (directory / "PKG-INFO").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    return directory


def _project(name: str, *, first: str = "") -> Callable[[Desk], object]:
    return lambda desk: _compiled(desk.here / name, first=first)


def _sample(sample: str, name: str) -> Callable[[Desk], None]:
    """Return what copies a sample project, and calls it ``name``."""

    package = sample.replace("-", "_")

    def lay_out(desk: Desk) -> None:
        shutil.copytree(PROJECTS / sample, desk.here / name, ignore=shutil.ignore_patterns("__pycache__"))
        for file in filter(Path.is_file, (desk.here / name).iterdir()):
            text = file.read_text().replace(sample, name)
            file.write_text(text.replace(package, name))
        if (desk.here / name / package).is_dir():
            (desk.here / name / package).rename(desk.here / name / name)

    return lay_out


def _index(desk: Desk) -> None:
    """Lay out projects as an index, and as directories of files."""
    downloads = desk.here / "downloads"
    downloads.mkdir()
    for name in ("our-thing", "mylibrary"):
        sdist = packed(ready_project(desk.directory / name), downloads)
        page = desk.directory / "index" / name / "index.html"
        page.parent.mkdir(parents=True)
        shutil.copy(sdist, page.parent)
        page.write_text(f'<!DOCTYPE html><a href="{sdist.name}">{sdist.name}</a>')
    if "our-thing" not in desk.text:
        desk.environ["PIP_FIND_LINKS"] = str(downloads)


def _wheel(directory: str, host: str = "", *options: str) -> Callable[[Desk], None]:
    """Return what puts a wheel for a host of the test bed, or a platform tag, into a directory."""

    def lay_out(desk: Desk) -> None:
        (desk.here / directory).mkdir()
        wheel = desk.wheels.sample("setuptools-c", *options, host=desk.host(host) if host else TAG)
        shutil.copy(wheel, desk.here / directory)

    return lay_out


def _tests(desk: Desk) -> None:
    """Write tests that pass for a wheel of any project, beside it and here."""
    for directory in filter(Path.is_dir, (desk.here, desk.here / "project")):
        (directory / "tests").mkdir()
        (directory / "tests/test_it.py").write_text(
            "import unittest\n\n\nclass Tests(unittest.TestCase):\n    def test_it(self):\n        pass\n"
        )


def _delivered(desk: Desk) -> None:
    """Have a wheel that was built for the host of the file ``board.json``."""
    project = _compiled(desk.directory / "thing")
    (desk.here / "wheelhouse").mkdir()
    shutil.copy(desk.wheels.build(str(project), host=desk.host("debian_arm64")), desk.here / "wheelhouse")


def _used_cache(desk: Desk) -> None:
    """Have a cache with entries, and a kept build."""
    cache = Cache(root=desk.cache)
    for kind in ("sdists", "host-wheels", "zig-compiler", "sysroot"):
        cache.entry(kind, "0123456789abcdef", lambda _: None)
    cache.open("zig")
    build = desk.temporary / "crossbuild-0123456789ab"
    build.mkdir()
    keep_build(build, cache)


def _venv(desk: Desk) -> None:
    """Make a virtual environment of the reader's own, with pip."""
    python = desk.directory / "venv"
    subprocess.run([find_uv_bin(), "venv", "--quiet", "--seed", python], check=True)
    words = ("pip", "install", "--quiet", "--python", python, "build", "meson", "ninja", "setuptools", "uv")
    subprocess.run([find_uv_bin(), *words], check=True)


def _clone(desk: Desk) -> None:
    """Make the directory a clone of this repository, as far as it is installed."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, desk.here)
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("src", "data"):
        shutil.copytree(REPOSITORY / name, desk.here / name, ignore=ignored, dirs_exist_ok=True)


def _wrapped(desk: Desk) -> None:
    """Make the directory a project that crossbuild's backend wraps."""
    shutil.rmtree(desk.here)
    wrapped_project("setuptools-c", desk.here, requirement=f"crossbuild @ {REPOSITORY.as_uri()}", more=_NAMED_HOST)


def _compiler_of_c(desk: Desk) -> None:
    """Have a compiler without that for C++ beside it."""
    compiler = desk.here / "riscv/riscv64-linux-gnu-gcc"
    compiler.parent.mkdir()
    compiler.symlink_to(desk.fixture("gnu_riscv64") / compiler.name)


def _listed(desk: Desk) -> None:
    """Have a sysroot in the cache, and a compiler on PATH."""
    release_host(desk.crossbuild.bed, "debian:bookworm:arm64")
    desk.environ["PATH"] = str(desk.fixture("gnu_riscv64"))


def _variables_of_github(desk: Desk) -> None:
    for name in ("GITHUB_ENV", "GITHUB_PATH"):
        desk.environ[name] = str(desk.directory / name)
        (desk.directory / name).touch()


FILES: Mapping[str, Callable[[Desk], object]] = {
    r"\A(cross|build)-pip ": lambda desk: desk.before.append(f"crossbuild env env --host {TAG} && . env/activate"),
    r"&& \.venv/bin|^\.venv/bin/pip": _clone,
    r"^CROSSBUILD_HOST=": _wrapped,
    r"^(pip|python|meson) ": _venv,
    **{rf"\./{name}\b": _project(name) for name in ("a", "app", "app1", "app2", "project")},
    r"\./thing\b": _project("thing", first='#include <Python.h>\n\n#error "it needs libthing 3.0 or later"\n'),
    r"\./reader\b": _project("reader", first="#include <yaml.h>\n"),
    r"\./asker\b": _sample("asker", "asker"),
    r"\./demo\b": _sample("skbuild-core-nanobind-stubs", "demo"),
    r"\./stamped\b": _sample("not-reproducible", "stamped"),
    r"\./generated\b": _sample("reports/generator-option", "generated"),
    r"\./formulas\b": _sample("meson-fortran", "formulas"),
    r"b-1\.0\.tar\.gz": lambda desk: packed(_compiled(desk.directory / "b"), desk.here),
    r"our-thing|mylibrary": _index,
    r"wheelhouse/thing-": _delivered,
    r"check dist/": _wheel("dist"),
    r"(?:test|repair) dist/": _wheel("dist", "", "--python", "3.11"),
    r"--test-sources tests": _tests,
    r"\./app dist/": _wheel("dist", "debian_arm64"),
    r"\bsysroot/usr": lambda desk: (desk.here / "sysroot").symlink_to(desk.host("debian_arm64").root),
    r"\broot/usr": lambda desk: linked_copy(desk.host("debian_arm64"), desk.here / "root"),
    r"\bimage\b": lambda desk: (desk.here / "image").mkdir(),
    r"--host board\.json": lambda desk: captured(desk.host("debian_arm64"), desk.here),
    r"riscv:\$PATH": _compiler_of_c,
    r"host list": _listed,
    r"crossbuild cache": _used_cache,
    r"--github": _variables_of_github,
    r"scipy|--strip": lambda desk: desk.environ.update(PATH=str(desk.fixture("gnu_fortran_aarch64"))),
    r"bcrypt|cryptography|cargo": lambda desk: desk.environ.update(PATH=str(desk.fixture("rust").programs)),
}
"""What is laid out, by a pattern of the commands that need it."""
