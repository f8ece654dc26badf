"""pkg-config on the cross PATH, run: it answers from the sysroot alone, and remembers what it could not answer."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from crossbuild.host.model import Host
from crossbuild.native.pkgconfig import (
    pkg_config_variables,
    read_pkg_config_misses,
    read_pkg_config_other_versions,
    write_pkg_config,
)
from crossbuild.platforms.platform import Platform
from crossbuild.toolchain.compile_record import RECORD_VARIABLE

MULTIARCH = "aarch64-linux-gnu"


class Build:
    """A build for a host with a sysroot, on a machine whose own pkg-config knows every module."""

    def __init__(self, directory: Path) -> None:
        self.sysroot = directory / "sysroot"
        self.modules = self.sysroot / "usr/lib" / MULTIARCH / "pkgconfig"
        self.python_modules = directory / "cross python/pkgconfig"
        self.record = directory / "record"
        self.bin = directory / "bin"
        self.venv = directory / "build venv"
        machine = directory / "machine"
        for place in (self.modules, self.python_modules, self.record, self.bin, machine):
            place.mkdir(parents=True)
        (self.sysroot / "usr/include").mkdir()
        for name in ("pkg-config", "pkgconf"):
            (machine / name).write_text("#!/bin/sh\necho -I/usr/include/of-the-build-machine\n")
            (machine / name).chmod(0o755)
        host = Host(
            name="host",
            platform=Platform.from_tag("linux_aarch64"),
            python_version=(3, 11, 2),
            build_time_vars={"MULTIARCH": MULTIARCH},
            headers=directory,
            pyconfig="",
            sysroot=self.sysroot,
        )
        self.variables = pkg_config_variables(host, self.python_modules)
        write_pkg_config(self.bin, self.variables, gnu_type=MULTIARCH, venv=self.venv)
        self.path = f"{self.bin}:{machine}:/usr/bin:/bin"

    def add(self, name: str, *, version: str = "1.2", requires: str = "") -> None:
        (self.modules / f"{name}.pc").write_text(
            "prefix=/usr\n"
            f"Name: {name}\nDescription: {name}\nVersion: {version}\nRequires.private: {requires}\n"
            f"Cflags: -I${{prefix}}/include/{name} -I${{prefix}}/include\n"
            f"Libs: -L${{prefix}}/lib/{MULTIARCH} -l{name}\n"
        )

    def ask(self, question: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environ = {**self.variables, "PATH": self.path, RECORD_VARIABLE: str(self.record), **variables}
        return subprocess.run(["/bin/sh", "-c", question], env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return Build(tmp_path)


@pytest.mark.parametrize("name", ["pkg-config", "pkgconf", f"{MULTIARCH}-pkg-config", f"{MULTIARCH}-pkgconf"])
def test_it_answers_with_paths_of_the_sysroot(build: Build, name: str) -> None:
    build.add("one")
    done = build.ask(f"{name} --cflags --libs one")
    assert shlex.split(done.stdout) == [f"-I{build.sysroot}/usr/include/one", "-lone"], "no directory searched anyway"


def test_the_search_directories_of_compilers_are_told_to_who_asks(build: Build) -> None:
    build.add("one")
    assert build.ask("pkg-config --libs-only-L --keep-system-libs one").stdout.split() == [
        f"-L{build.sysroot}/usr/lib/{MULTIARCH}"
    ]


def test_the_cross_pythons_own_module_is_not_in_the_sysroot(build: Build) -> None:
    include = build.python_modules.parent
    (build.python_modules / "python3.pc").write_text(
        f'includedir={"/.." * 32}{include}\nName: Python\nDescription: P\nVersion: 3\nCflags: -I"${{includedir}}"\n'
    )
    (option,) = shlex.split(build.ask("pkg-config --cflags python3").stdout)
    assert (include / option.removeprefix("-I")).resolve() == include


@pytest.fixture(params=["lib/python3.11/site-packages/package/_core/lib/pkgconfig", "share/pkgconfig", "lib/pkgconfig"])
def installed(build: Build, request: pytest.FixtureRequest) -> Path:
    """The directory of a build requirement's modules, of which there is one."""
    directory = build.venv / str(request.param)
    directory.mkdir(parents=True)
    (directory / "tool.pc").write_text(
        "prefix=${pcfiledir}/../..\nincludedir=${prefix}/include\n"
        "Name: tool\nDescription: T\nVersion: 3\nRequires: one\nCflags: -I${includedir}\nLibs: -L${prefix}/lib -ltool\n"
    )
    return directory


def test_build_requirements_answer_with_where_they_are(build: Build, installed: Path) -> None:
    build.add("one")
    build.add("tool")
    done = build.ask("pkg-config --cflags --libs tool")
    own_headers, headers, own_libraries, *libraries = shlex.split(done.stdout)
    prefix = installed.parent.parent
    assert Path(own_headers.removeprefix("-I")).resolve(strict=False) == prefix / "include"
    assert Path(own_libraries.removeprefix("-L")).resolve(strict=False) == prefix / "lib"
    assert [headers, *libraries] == [f"-I{build.sysroot}/usr/include/one", "-ltool", "-lone"]
    (include,) = shlex.split(build.ask("pkg-config --variable=includedir tool").stdout)
    assert Path(include).resolve(strict=False) == prefix / "include"


@pytest.mark.usefixtures("installed")
def test_build_requirements_answer_whatever_a_tool_says_of_the_sysroot(build: Build) -> None:
    build.add("one")
    assert build.ask("pkg-config --modversion tool", PKG_CONFIG_LIBDIR=str(build.modules)).stdout == "3\n"


def test_the_build_machine_never_answers(build: Build) -> None:
    done = build.ask("pkg-config --cflags zlib")
    assert (done.returncode, done.stdout) == (1, "")
    assert "zlib" in done.stderr


def test_an_emptied_environment_changes_nothing(build: Build) -> None:
    build.add("one")
    done = build.ask(f"env -i {build.bin}/pkg-config --cflags one")
    assert done.stdout.split() == [f"-I{build.sysroot}/usr/include/one"]


def test_what_is_not_there_is_remembered_once_and_without_its_version(build: Build) -> None:
    build.add("one", requires="absent-too")
    build.ask("pkg-config --exists 'absent >= 2.0'")
    build.ask("pkg-config --atleast-version=3 absent")
    build.ask("pkg-config --cflags one")
    assert read_pkg_config_misses(build.record) == ("absent", "absent-too")


def test_what_is_found_in_the_end_was_not_missed(build: Build, tmp_path: Path) -> None:
    assert build.ask("pkg-config --modversion one").returncode == 1
    assert read_pkg_config_misses(build.record) == ("one",)
    build.add("one")
    (tmp_path / "more").mkdir()
    (build.modules / "one.pc").rename(tmp_path / "more/one.pc")
    assert build.ask("pkg-config --modversion one", PKG_CONFIG_PATH=str(tmp_path / "more")).stdout == "1.2\n"
    assert read_pkg_config_misses(build.record) == ()


@pytest.mark.parametrize("question", ["--exists 'one >= 2'", "--atleast-version=2 one", "--cflags one '>=' 2"])
def test_another_version_is_not_a_miss(build: Build, question: str) -> None:
    build.add("one", version="1.2")
    assert build.ask(f"pkg-config {question}").returncode == 1
    assert read_pkg_config_misses(build.record) == ()
    (sentence,) = read_pkg_config_other_versions(build.record)
    assert "'one'" in sentence
    assert "1.2" in sentence
    assert "2" in sentence.rpartition("required")[2]


def test_questions_asked_at_once_are_all_remembered(build: Build) -> None:
    build.ask("for n in 1 2 3 4 5 6 7 8; do pkg-config --exists no$n & done; wait")
    assert sorted(read_pkg_config_misses(build.record)) == [f"no{n}" for n in range(1, 9)]


def test_without_a_sysroot_only_the_cross_python_is_known(tmp_path: Path) -> None:
    host = Host(
        name="host",
        platform=Platform.from_tag("linux_aarch64"),
        python_version=(3, 11, 2),
        build_time_vars={},
        headers=tmp_path,
        pyconfig="",
    )
    variables = pkg_config_variables(host, tmp_path)
    assert variables["PKG_CONFIG_LIBDIR"] == str(tmp_path)
    assert "PKG_CONFIG_SYSROOT_DIR" not in variables
