"""The compiler files on the cross PATH, in front of a stand-in that prints what it is given."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms import Platform
from crossbuild.toolchain import compilers as compilers_module
from crossbuild.toolchain.compilers import prepare_compilers
from crossbuild.toolchain.linkable import LIBRARIES_VARIABLE
from crossbuild.toolchain.model import Toolchain
from crossbuild.toolchain.record import RECORD_VARIABLE, read_record

if TYPE_CHECKING:
    from crossbuild.cache import Cache
    from crossbuild.toolchain.compilers import Compilers


def make(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, sysroot: Path | None = None
) -> Compilers:
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\nfor a do echo "<$a>"; done\ncase $* in *broken*) exit 3 ;; esac\n')
    program.chmod(0o755)
    monkeypatch.setattr(compilers_module, "prove", lambda *_, **__: None)
    command: tuple[str, ...] = (str(program), "always")
    if sysroot and kind == "zig":
        command += ("-idirafter", f"{sysroot}/usr/include", f"-L{sysroot}/usr/lib/multi", f"-L{sysroot}/usr/lib")
    toolchain = Toolchain(
        kind="zig" if kind == "zig" else "gnu",
        platform=Platform.from_tag("manylinux_2_28_aarch64"),
        version="1",
        cc=command,
        cxx=command,
        ar=command,
        ranlib=command,
        strip=command,
        sysroot=sysroot,
    )
    return prepare_compilers(toolchain, cache)


@pytest.fixture(params=["zig", "gnu"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def files(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> Compilers:
    return make(cache, tmp_path, monkeypatch, kind)


def run(
    program: Path, *arguments: str, record: Path | None = None, libraries: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin"} | ({RECORD_VARIABLE: str(record)} if record else {})
    environ |= {LIBRARIES_VARIABLE: str(libraries)} if libraries else {}
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
    assert given(zig.cc, "-print-search-dirs") == ["always", "-print-search-dirs"], "it knows none"


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


class Rooted:
    """The C compiler's file of a toolchain with a sysroot."""

    def __init__(self, sysroot: Path, cc: Path) -> None:
        self.sysroot = sysroot
        self.cc = cc
        self.libraries = sysroot.parent / "linkable"
        for place in ("usr/include/libone", "usr/lib/multi"):
            (sysroot / place).mkdir(parents=True)
        self.libraries.mkdir()

    def given(self, *arguments: str) -> list[str]:
        """Return what reaches the compiler of what a build gives it."""
        lines = run(self.cc, *arguments, libraries=self.libraries).stdout.splitlines()
        return [word for line in lines[1:] if (word := line[1:-1]) not in (*self.last(), "-idirafter", self.headers)]

    @property
    def headers(self) -> str:
        return f"{self.sysroot}/usr/include"

    def last(self) -> tuple[str, ...]:
        return (f"-L{self.libraries}", f"-L{self.sysroot}/usr/lib/multi", f"-L{self.sysroot}/usr/lib")


@pytest.fixture
def rooted(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> Rooted:
    sysroot = tmp_path / "sys root"
    return Rooted(sysroot, make(cache, tmp_path, monkeypatch, kind, sysroot).cc)


def test_a_directory_of_a_library_is_the_sysroots(rooted: Rooted) -> None:
    inside = f"{rooted.sysroot}/usr/include/libone"
    assert rooted.given("-I/usr/include/libone", "a.c") == [f"-I{inside}", "a.c"]
    assert rooted.given("-isystem", "/usr/include/libone/", "a.c") == [f"-isystem{inside}", "a.c"]
    assert rooted.given("-I", inside, "a.c") == ["-I", inside, "a.c"]


def test_headers_that_only_the_build_machine_has_are_dropped_and_named(rooted: Rooted) -> None:
    done = run(rooted.cc, "-I/usr/include/libtwo", "a.c")
    assert "-I/usr/include/libtwo" in done.stderr
    assert "libtwo" not in done.stdout


def test_the_sysroots_libc_never_comes_before_zigs_own(rooted: Rooted, kind: str) -> None:
    arguments = ["-I" + rooted.headers, "-isystem", rooted.headers + "/", f"-L{rooted.sysroot}/usr/lib/multi/", "a.c"]
    done = run(rooted.cc, *arguments)
    assert done.stderr == ""
    words = [line[1:-1] for line in done.stdout.splitlines()]
    before_source = words[: words.index("a.c")]
    assert before_source == (["always", "-idirafter", rooted.headers] if kind == "zig" else ["always", *arguments[:-1]])


def test_zig_answers_where_libraries_are(rooted: Rooted, kind: str) -> None:
    answer = run(rooted.cc, "-print-search-dirs").stdout
    places = f"{rooted.sysroot}/usr/lib/multi:{rooted.sysroot}/usr/lib"
    assert (answer == f"libraries: ={places}\n") == (kind == "zig")


def test_the_sysroots_libraries_come_after_those_of_the_build(rooted: Rooted, kind: str) -> None:
    words = run(rooted.cc, "a.c", "-Lown", "-lone", libraries=rooted.libraries).stdout.splitlines()
    expected = ["a.c", "-Lown", "-lone", *(rooted.last() if kind == "zig" else ())]
    assert [word[1:-1] for word in words][-len(expected) :] == expected


@pytest.mark.parametrize(
    ("library", "name"),
    [("libm.so", "m"), ("libm.so.6", "m"), ("libpthread.a", "pthread"), ("libstdc++.so.6", "stdc++"), ("libc.so", "c")],
)
def test_zig_links_its_own_libc_for_the_sysroots(rooted: Rooted, kind: str, library: str, name: str) -> None:
    file = f"{rooted.sysroot}/usr/lib/multi/{library}"
    assert rooted.given("a.o", file) == ["a.o", f"-l{name}" if kind == "zig" else file]


def test_other_libraries_of_the_sysroot_are_linked_as_they_are(rooted: Rooted) -> None:
    files = [f"{rooted.sysroot}/usr/lib/multi/{name}" for name in ("libxml2.so", "libmagic.so.1", "libcrypt.a")]
    own = ["build/libm.so", "/elsewhere/libc.so"]
    assert rooted.given(*files, *own) == [*files, *own]


def test_zig_gets_a_followable_copy_of_a_linker_script(rooted: Rooted, kind: str) -> None:
    (rooted.libraries / "libone.so").write_text("INPUT(/there/libone.so.1)")
    file = f"{rooted.sysroot}/usr/lib/multi/libone.so"
    assert rooted.given(file) == [f"{rooted.libraries}/libone.so" if kind == "zig" else file]


def test_archives_are_made_of_what_they_are_told(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    ar = make(cache, tmp_path, monkeypatch, kind, tmp_path).ar
    assert given(ar, "x", f"{tmp_path}/usr/lib/libm.a")[-2:] == ["x", f"{tmp_path}/usr/lib/libm.a"]
