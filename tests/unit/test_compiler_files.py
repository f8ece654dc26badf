"""The compiler files on the cross PATH, in front of a stand-in that prints what it is given."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms import Platform
from crossbuild.toolchain import compilers as compilers_module
from crossbuild.toolchain.compilers import prepare_compilers
from crossbuild.toolchain.model import Toolchain
from crossbuild.toolchain.record import RECORD_VARIABLE, read_record

if TYPE_CHECKING:
    from crossbuild.cache import Cache
    from crossbuild.toolchain.compilers import Compilers


def make(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> Compilers:
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\nfor a do echo "<$a>"; done\ncase $* in *broken*) exit 3 ;; esac\n')
    program.chmod(0o755)
    monkeypatch.setattr(compilers_module, "prove", lambda *_, **__: None)
    command = (str(program), "always")
    toolchain = Toolchain(
        kind="zig" if kind == "zig" else "gnu",
        platform=Platform.from_tag("manylinux_2_28_aarch64"),
        version="1",
        cc=command,
        cxx=command,
        ar=command,
        ranlib=command,
        strip=command,
    )
    return prepare_compilers(toolchain, cache)


@pytest.fixture(params=["zig", "gnu"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def files(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> Compilers:
    return make(cache, tmp_path, monkeypatch, kind)


def run(program: Path, *arguments: str, record: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin"} | ({RECORD_VARIABLE: str(record)} if record else {})
    return subprocess.run([program, *arguments], env=environ, capture_output=True, text=True, check=False)


def given(program: Path, *arguments: str) -> list[str]:
    return [line[1:-1] for line in run(program, *arguments).stdout.splitlines()]


def test_arguments_arrive_as_they_are(files: Compilers) -> None:
    arguments = ['-DA="b c"', "", "-I", "include dir", "a'b.c", "$HOME", "-o", "x y.o"]
    assert given(files.cc, *arguments) == ["always", *arguments]


@pytest.mark.parametrize(
    "arguments",
    [
        ["-I/usr/include"],
        ["-I", "/usr/include/"],
        ["-isystem", "/usr/local/include"],
        ["-L/usr/lib/x86_64-linux-gnu"],
        ["-L", "/usr/lib"],
        ["-march=native"],
    ],
)
def test_what_belongs_to_the_build_machine_is_dropped_and_named(files: Compilers, arguments: list[str]) -> None:
    done = run(files.cc, "-O2", *arguments, "-c", "a.c")
    assert done.stdout.splitlines() == ["<always>", "<-O2>", "<-c>", "<a.c>"]
    assert "".join(arguments) in done.stderr


@pytest.mark.parametrize("argument", ["-I/usr/include/python", "-Iinclude", "-L/opt/usr/lib", "-march=armv8-a"])
def test_what_may_be_the_hosts_is_kept(files: Compilers, argument: str) -> None:
    assert given(files.cc, argument, "a.c") == ["always", argument, "a.c"]


def test_options_that_do_zig_no_good_are_dropped_for_zig_only(files: Compilers, kind: str) -> None:
    options = ["-Wl,-Bsymbolic-functions", "-Wl,--exclude-libs,ALL", "-flto", "-flto=auto"]
    assert given(files.cc, *options, "-Wl,-O1", "a.o") == [
        "always",
        *(options if kind == "gnu" else []),
        "-Wl,-O1",
        "a.o",
    ]


@pytest.mark.parametrize(
    "name", ["cc", "gcc", "c++", "g++", "ar", "cpp", "aarch64-linux-gnu-cc", "aarch64-linux-gnu-gcc-ar"]
)
def test_there_is_a_file_for_every_name_that_builds_use(files: Compilers, name: str) -> None:
    assert given(files.directory / name, "x")[0] == "always"


def test_zig_answers_what_machine_it_compiles_for(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zig = make(cache, tmp_path, monkeypatch, "zig")
    assert run(zig.cc, "-dumpmachine").stdout == "aarch64-linux-gnu\n"


def test_standard_input_is_c_unless_said_otherwise(files: Compilers) -> None:
    assert given(files.cc, "-E", "-") == ["always", "-x", "c", "-E", "-"]
    assert given(files.cc, "-E", "-xc++", "-") == ["always", "-E", "-xc++", "-"]


def test_every_run_is_recorded_with_its_status(files: Compilers, tmp_path: Path) -> None:
    record = tmp_path / "record"
    record.mkdir()
    assert run(files.cc, "-c", "a b.c", "-o", "a\nb.o", record=record).returncode == 0
    assert run(files.cxx, "broken.cpp", record=record).returncode == 3
    good, bad = read_record(record)
    assert (good.tool, good.arguments, good.status) == ("cc", ("-c", "a b.c", "-o", "a\nb.o"), 0)
    assert good.output == "a\nb.o"
    assert good.cwd == Path.cwd()
    assert (bad.tool, bad.arguments, bad.status) == ("cxx", ("broken.cpp",), 3)
