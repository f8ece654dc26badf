"""The compiler files on the cross PATH, in front of a stand-in that prints what it is given."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.platform import Platform
from crossbuild.toolchain import compilers as compilers_module
from crossbuild.toolchain.compile_record import RECORD_VARIABLE, read_dropped, read_record, read_refused
from crossbuild.toolchain.compilers import prepare_compilers
from crossbuild.toolchain.linkable import LIBRARIES_VARIABLE
from crossbuild.toolchain.model import Toolchain

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.compilers import Compilers


OF_DEBUGGING = "-g0 | -Xlinker | -T | */runtime.ld"
"""What zig is told in every case, which ``test_compiler_tools.py`` tests."""


def make(
    cache: Cache,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    sysroot: Path | None = None,
    tag: str = "manylinux_2_28_aarch64",
    cpu: tuple[str, ...] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Compilers:
    program = tmp_path / "program"
    program.write_text(
        f'#!/bin/sh\nfor a do case $a in {OF_DEBUGGING}) ;; *) echo "<$a>" ;; esac; done\n'
        "case $* in *broken* | *-msse* | *brand*) exit 3 ;; esac\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(compilers_module, "prove", lambda *_, **__: None)
    command: tuple[str, ...] = (str(program), "always", *cpu)
    if sysroot and kind == "zig":
        command += ("-idirafter", f"{sysroot}/usr/include", f"-L{sysroot}/usr/lib/multi", f"-L{sysroot}/usr/lib")
    toolchain = Toolchain(
        kind="zig" if kind == "zig" else "gnu",
        platform=Platform.from_tag(tag),
        version="1",
        cc=command,
        cxx=command,
        ar=command,
        ranlib=command,
        strip=command,
        sysroot=sysroot,
    )
    return prepare_compilers(toolchain, cache, tell)


@pytest.fixture(params=["zig", "gnu"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def files(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> Compilers:
    return make(cache, tmp_path, monkeypatch, kind)


def run(
    program: Path, *arguments: str, record: Path | None = None, libraries: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin"} | ({RECORD_VARIABLE: str(record)} if record else {})
    environ |= variables | ({LIBRARIES_VARIABLE: str(libraries)} if libraries else {})
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
        ["-I/usr/include/libxml2"],
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


@pytest.mark.parametrize(
    "argument", ["-I/opt/usr/include/python", "-Iinclude", "-L/opt/usr/lib", "-mbranch-protection=pac"]
)
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


@pytest.mark.parametrize("target", ["aarch64-unknown-linux-gnu", "aarch64-linux-gnu", "aarch64-pc-linux-gnu"])
def test_zig_is_not_told_in_clangs_words_what_it_compiles_for(files: Compilers, kind: str, target: str) -> None:
    option = f"--target={target}"
    assert given(files.cc, option, "a.c") == ["always", *([option] if kind == "gnu" else []), "a.c"]


def test_another_machine_than_the_host_is_asked_for_aloud(files: Compilers) -> None:
    assert given(files.cc, "--target=wasm32", "a.c") == ["always", "--target=wasm32", "a.c"]


ARM_OPTIONS = [
    ("-march=armv8-a", "-mcpu=generic+v8a"),
    ("-march=armv8.2-a+dotprod+fp16", "-mcpu=generic+v8_2a+dotprod+fullfp16"),
    ("-march=armv8.2-a+fp16+simd+crypto", "-mcpu=generic+v8_2a+fullfp16+neon+crypto"),
    ("-march=armv8.4-a+fp16fml", "-mcpu=generic+v8_4a+fp16fml"),
    ("-mcpu=cortex-a72", "-mcpu=cortex_a72"),
    ("-mcpu=power9", "-mcpu=pwr9"),
    ("-mtune=cortex-a72", ""),
    ("-maes", "-maes-is-for-x86"),
]
"""What GNU's compilers and clang take, and how zig is to be told the same."""


@pytest.mark.parametrize(("argument", "for_zig"), ARM_OPTIONS)
def test_what_chooses_instructions_means_the_same_to_all(
    files: Compilers, kind: str, argument: str, for_zig: str
) -> None:
    done = run(files.cc, argument, "a.c")
    expected = argument if kind == "gnu" else for_zig
    assert done.stdout.splitlines() == ["<always>", *([f"<{expected}>"] if expected else []), "<a.c>"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("argument", "for_zig"),
    [("-march=armv7-a", []), ("-mfpu=neon", ["-mcpu=generic+v7a+vfp4"]), ("-mthumb", ["-mthumb"])],
)
def test_zig_keeps_to_the_hosts_instructions_on_older_arms(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str, for_zig: list[str]
) -> None:
    baseline = "-mcpu=generic+v7a+vfp3d16-neon-d32"
    zig = make(cache, tmp_path, monkeypatch, "zig", tag="linux_armv7l", cpu=(baseline,))
    assert given(zig.cc, argument, "a.c") == ["always", baseline, *for_zig, "a.c"]


def test_zig_takes_x86s_options_for_x86(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zig = make(cache, tmp_path, monkeypatch, "zig", tag="manylinux_2_28_x86_64")
    assert given(zig.cc, "-maes", "-march=x86-64-v2", "a.c") == ["always", "-maes", "-mcpu=x86_64_v2", "a.c"]


def test_an_option_for_another_machine_fails_and_whoever_passed_it_is_named(files: Compilers, tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "make-it").write_text(f"{files.cxx} -O2 -msse4.2 -march=armv8-a -c a.cpp\nexit $?\n")
    command = ["/bin/sh", str(tmp_path / "make-it"), "all"]
    done = subprocess.run(command, cwd=tmp_path / "package", capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "-msse4.2" in done.stderr
    assert f"sh make-it all in {tmp_path}/package" in done.stderr
    assert "-march" not in done.stderr
    assert "-mcpu" not in done.stderr


def test_an_option_of_the_environment_is_remembered_as_it_was_given(files: Compilers, tmp_path: Path) -> None:
    flags = ("-O2", "-mcpu=brand-new", "-msse4.2")
    done = run(files.cc, *flags, "a.c", record=tmp_path, CXXFLAGS="-g", CFLAGS=" ".join(flags))
    assert "-mcpu=brand-new -msse4.2 (passed" in done.stderr
    (told,) = read_refused(tmp_path)
    assert "-mcpu=brand-new -msse4.2" in told
    assert "CFLAGS" in told
    assert read_dropped(tmp_path) == ()


def test_what_a_build_asks_for_itself_may_be_refused(files: Compilers, tmp_path: Path) -> None:
    assert run(files.cc, "-msse4.2", "a.c", record=tmp_path).returncode == 3
    assert read_refused(tmp_path) == ()


def test_what_fails_for_another_reason_is_nobodys_fault(files: Compilers) -> None:
    done = run(files.cc, "-march=armv8-a", "broken.c")
    assert (done.returncode, done.stderr) == (3, "")


def test_what_was_dropped_is_remembered_with_who_passed_it(files: Compilers, tmp_path: Path) -> None:
    record = tmp_path / "record"
    record.mkdir()
    lines = [f"{files.cc} -march=native -I/usr/include -c {name}.c" for name in "abc"]
    (tmp_path / "make-it").write_text("\n".join([*lines, f"{files.cc} -L/usr/lib a.o", ""]))
    command = ["/bin/sh", str(tmp_path / "make-it")]
    subprocess.run(command, cwd=tmp_path, env={RECORD_VARIABLE: str(record)}, capture_output=True, check=True)
    (told,) = read_dropped(record)
    assert told.startswith("-march=native -I/usr/include -L/usr/lib ")
    assert f"sh make-it passed it in {tmp_path}" in told


def test_a_shell_that_runs_a_command_for_another_program_is_not_named(files: Compilers, tmp_path: Path) -> None:
    """Programs have their commands run so, and makefiles set such options as .SHELLFLAGS."""
    (tmp_path / "make-it").write_text(f"sh -eu -o errexit -c '{files.cc} -march=native -c a.c; :'\n:\n")
    command = ["/bin/sh", str(tmp_path / "make-it")]
    environ = {RECORD_VARIABLE: str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, check=True)
    (told,) = read_dropped(tmp_path)
    assert f"; sh make-it passed it in {tmp_path}" in told


def test_nothing_was_dropped_of_what_is_right(files: Compilers, tmp_path: Path) -> None:
    run(files.cc, "-O2", "-flto", "-mtune=generic", "-c", "a.c", record=tmp_path)
    assert read_dropped(tmp_path) == ()


def test_the_users_own_search_path_is_for_builds_only_if_they_set_it(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    cc = make(cache, tmp_path, monkeypatch, kind).cc
    (tmp_path / "program").write_text('#!/bin/sh\necho "$CPATH"\n')
    assert run(cc, "a.c", CPATH="/usr/include").stdout == "\n"
    assert run(cc, "a.c", CPATH="bundled", CROSSBUILD_DIRECTORY="/there").stdout == "bundled\n"


def test_what_is_compiled_does_not_know_where_the_build_was(files: Compilers, tmp_path: Path) -> None:
    tree = "/there it is/source/home/my tree"
    done = run(
        files.cc, "-c", "/there/a.c", CROSSBUILD_DIRECTORY="/there it is", CROSSBUILD_TREE=tree, CROSSBUILD_PREFIX="/py"
    )
    maps = [word[1:-1].partition("=")[2] for word in done.stdout.splitlines() if word.startswith("<-ffile-prefix-map=")]
    assert maps == [
        f"{tmp_path}/cache=/crossbuild/cache",
        "/py=/crossbuild/python",
        "/there it is=/crossbuild",
        f"{tree}=/crossbuild/source",
        f"{Path.cwd()}=/crossbuild/build",
    ]
    assert done.stdout.splitlines()[-2:] == ["<-c>", "</there/a.c>"]
    assert not [word for word in given(files.cc, "a.c") if "prefix-map" in word]


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


def test_a_directory_that_the_root_has_is_the_hosts_wherever_it_is(rooted: Rooted) -> None:
    for place in ("opt/vendor/include", "opt/vendor/lib", "srv/x"):
        (rooted.sysroot / place).mkdir(parents=True)
    given = [
        "-I/opt/vendor/include",
        "-L",
        "/opt/vendor/lib/",
        "-isystem/srv/x",
        "-Wl,-rpath-link,/opt/vendor/lib",
        "-L/opt/no",
    ]
    root = rooted.sysroot
    assert rooted.given(*given, "a.c") == [
        f"-I{root}/opt/vendor/include",
        f"-L{root}/opt/vendor/lib",
        f"-isystem{root}/srv/x",
        f"-Wl,-rpath-link,{root}/opt/vendor/lib",
        "-L/opt/no",
        "a.c",
    ]
    assert rooted.given("-I=/opt/vendor/include", "-Wl,-rpath,/opt/vendor/lib") == [
        f"-I{root}/opt/vendor/include",
        "-Wl,-rpath,/opt/vendor/lib",
    ]


def test_a_library_that_the_root_has_is_the_hosts(rooted: Rooted) -> None:
    (rooted.sysroot / "opt/vendor").mkdir(parents=True)
    (rooted.sysroot / "opt/vendor/libv.so.1").touch()
    assert rooted.given("/opt/vendor/libv.so.1", "/opt/vendor/libw.so") == [
        f"{rooted.sysroot}/opt/vendor/libv.so.1",
        "/opt/vendor/libw.so",
    ]


def test_links_to_absolute_paths_lead_to_places_in_the_root(rooted: Rooted) -> None:
    for place in ("etc/alternatives", "usr/local/vendor-2/lib", "opt"):
        (rooted.sysroot / place).mkdir(parents=True)
    (rooted.sysroot / "etc/alternatives/vendor").symlink_to("/usr/local/vendor-2")
    (rooted.sysroot / "usr/local/vendor").symlink_to("/etc/alternatives/vendor")
    (rooted.sysroot / "usr/local/newest").symlink_to("vendor-2")
    (rooted.sysroot / "opt/loop").symlink_to("/opt/loop")
    (rooted.sysroot / "usr/local/vendor-2/lib/libv.so").touch()
    root = f"{rooted.sysroot}/usr/local"
    given = rooted.given("-L/usr/local/vendor/lib", "-L/usr/local/newest/lib", "/usr/local/vendor/lib/libv.so")
    assert given == [f"-L{root}/vendor-2/lib", f"-L{root}/newest/lib", f"{root}/vendor-2/lib/libv.so"]
    assert rooted.given("-I/opt/loop", "a.c") == ["-I/opt/loop", "a.c"]


def test_a_directory_of_the_project_is_not_looked_for_in_the_root(rooted: Rooted, tmp_path: Path) -> None:
    """Not even where the root has one of the same name."""
    own = tmp_path / "own/include"
    own.mkdir(parents=True)
    Path(f"{rooted.sysroot}{own}").mkdir(parents=True)
    assert rooted.given(f"-I{own}", "a.c") == [f"-I{own}", "a.c"]


def test_a_directory_where_zig_looks_last_is_not_looked_at_first(rooted: Rooted, kind: str) -> None:
    words = [line[1:-1] for line in run(rooted.cc, "-L/usr/lib/multi", "a.c").stdout.splitlines()]
    assert (f"-L{rooted.sysroot}/usr/lib/multi" in words[: words.index("a.c")]) == (kind == "gnu")


def test_pkg_configs_way_out_of_the_sysroot_is_cut_short(rooted: Rooted) -> None:
    way = f"{rooted.sysroot}{'/..' * 32}"
    assert rooted.given(f"-I{way}/venv/include", "-L", f"{way}/venv/lib", "a.c") == [
        "-I/venv/include",
        "-L/venv/lib",
        "a.c",
    ]


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


@pytest.mark.parametrize(
    ("arguments", "tool"),
    [
        (["-c", "a.c"], "cc"),
        (["-c", "a.cpp"], "cxx"),
        (["-O2", "-c", "a.C", "-o", "a.o"], "cxx"),
        (["-c", "a.c", "b.cc"], "cc"),
        (["-shared", "a.cpp"], "cc"),
    ],
)
def test_the_c_compiler_has_cxx_compiled_by_the_one_that_finds_its_headers(
    files: Compilers, tmp_path: Path, arguments: list[str], tool: str
) -> None:
    (tmp_path / "record").mkdir()
    assert run(files.cc, *arguments, record=tmp_path / "record").returncode == 0
    assert [one.tool for one in read_record(tmp_path / "record")] == [tool]


def test_zig_is_shown_the_objects_of_scons_by_a_name_that_it_knows(files: Compilers, kind: str, tmp_path: Path) -> None:
    made = tmp_path / "facts.os"
    made.write_text("an object")
    assert given(files.cc, "-c", "facts.c", "-o", str(made))[-2:] == ["-o", str(made)]
    last = given(files.cc, "-shared", "-o", "facts.so", str(made))[-1]
    assert last == (f"{made}.o" if kind == "zig" else str(made))
    assert Path(last).read_text() == "an object"


ZIG_CACHES = """
#!/bin/sh
echo "$ZIG_GLOBAL_CACHE_DIR"
echo "$ZIG_LOCAL_CACHE_DIR"
"""


@pytest.mark.parametrize("permissions", [0o755, 0o555])
def test_zig_keeps_nothing_in_a_cache_that_cannot_be_written_to(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unprivileged: list[str], permissions: int
) -> None:
    compilers = make(cache, tmp_path, monkeypatch, "zig")
    (tmp_path / "program").write_text(ZIG_CACHES.lstrip())
    (cache.root / "zig").mkdir()
    (cache.root / "zig").chmod(permissions)
    environ = {"PATH": "/usr/bin:/bin", "CROSSBUILD_SCRATCH": "/scratch"}
    done = subprocess.run([*unprivileged, compilers.cc, "a.c"], env=environ, capture_output=True, text=True, check=True)
    expected = {0o755: str(cache.root / "zig"), 0o555: "/scratch"}[permissions]
    assert done.stdout.splitlines() == [expected, "/scratch"]


ZIG_THAT_COMPILES_ITS_LIBRARY = """
#!/bin/sh
for a do echo "<$a>"; done
case "$ZIG_VERBOSE_LINK $*" in
    *broken*) exit 1 ;;
    1*)
        mkdir -p "$ZIG_GLOBAL_CACHE_DIR/o/1a"
        for name in c++abi c++ unwind; do echo "$*" >"$ZIG_GLOBAL_CACHE_DIR/o/1a/lib$name.a"; done
        cat <<.
/the zig/zig clang program.cpp -nostdinc -isystem /the zig/lib/libcxx/include -D_LIBCPP_X=1 -isystem /the zig/lib -O2
ld.lld -o program zig/o/1a/libc++abi.a zig/o/1a/libc++.a $ZIG_GLOBAL_CACHE_DIR/o/1a/libunwind.a
.
esac
"""


@dataclass(frozen=True, kw_only=True)
class WithLibrary:
    """Compilers that are a zig which has to compile its C++ library, for several hosts."""

    cache: Cache
    tmp_path: Path
    monkeypatch: pytest.MonkeyPatch

    def compilers(self, tag: str = "manylinux_2_28_aarch64") -> Compilers:
        compilers = make(self.cache, self.tmp_path, self.monkeypatch, "zig", tag=tag)
        (self.tmp_path / "program").write_text(ZIG_THAT_COMPILES_ITS_LIBRARY.lstrip())
        return compilers

    def linked(self, program: Path, *arguments: str) -> tuple[str, list[str]]:
        """Return where the library is that takes the place of zig's own, and what else zig is told."""
        told = given(program, *arguments)
        if "-nostdlib++" not in told:
            return "", told
        *own, place = [word for word in told if word.startswith("-L")]
        assert told[-4:] == [place, "-lcrossbuild-c++abi", "-lcrossbuild-c++", "-lcrossbuild-unwind"]
        return Path(place.removeprefix("-L")).name, [*own, *told[:-4]]

    def is_slow(self, program: Path, *arguments: str) -> bool:
        record = self.tmp_path / "record"
        record.mkdir(exist_ok=True)
        (record / "slow").unlink(missing_ok=True)
        run(program, *arguments, record=record)
        return (record / "slow").exists()


@pytest.fixture
def zig(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WithLibrary:
    return WithLibrary(cache=cache, tmp_path=tmp_path, monkeypatch=monkeypatch)


def test_who_links_c_plus_plus_first_says_that_it_is_slow(zig: WithLibrary) -> None:
    cc, cxx = zig.compilers().cc, zig.compilers().cxx
    assert not zig.is_slow(cc, "-shared", "a.c")
    for arguments in (["--version"], ["-v"], ["-c", "a.cpp"], ["-nostdlib++", "a.o"], ["-dM", "-E", "-x", "c++", "-"]):
        assert not zig.is_slow(cxx, *arguments)
    assert zig.is_slow(cxx, "-shared", "a.o")
    for arguments in (["a.cpp", "-o", "a.so"], ["-g", "a.cpp"], ["-O3", "-march=armv8.2-a", "a.o"]):
        assert not zig.is_slow(cxx, *arguments)


def test_a_library_that_could_not_be_compiled_is_zigs_own_affair(zig: WithLibrary) -> None:
    """It will say why, and the next link may have more luck."""
    cxx = zig.compilers().cxx
    own = (zig.tmp_path / "program").read_text()
    (zig.tmp_path / "program").write_text(own.replace("1*)", "1*) exit 1 ;; 2*)"))
    assert zig.is_slow(cxx, "a.o")
    assert zig.linked(cxx, "a.o")[0] == ""
    (zig.tmp_path / "program").write_text(own)
    assert zig.is_slow(cxx, "a.o")
    assert not zig.is_slow(cxx, "a.o")


def test_only_zig_compiles_a_library_first(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = make(cache, tmp_path, monkeypatch, "gnu")
    run(files.cxx, "-shared", "a.o", record=tmp_path)
    assert not (tmp_path / "slow").exists()


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("manylinux_2_17_aarch64", "c++-aarch64-linux-gnu.2.17-aarch64"),
        ("manylinux_2_28_aarch64", "c++-aarch64-linux-gnu.2.17-aarch64"),
        ("linux_aarch64", "c++-aarch64-linux-gnu.2.17-aarch64"),
        ("manylinux_2_31_armv7l", "c++-arm-linux-gnueabihf.2.17-armv7l"),
        ("linux_armv6l", "c++-arm-linux-gnueabihf.2.17-armv6l"),
        ("manylinux_2_39_riscv64", "c++-riscv64-linux-gnu.2.27-riscv64"),
        ("musllinux_1_2_aarch64", "c++-aarch64-linux-musl-aarch64"),
    ],
)
def test_every_glibc_shares_the_c_plus_plus_library_of_the_oldest(zig: WithLibrary, tag: str, name: str) -> None:
    assert zig.linked(zig.compilers(tag).cxx, "a.o")[0] == name
    library = zig.cache.root / "zig" / name / "libcrossbuild-c++.a"
    oldest = name.removeprefix("c++-").rpartition("-")[0]
    assert f"-target {oldest} -rtlib=none -s" in library.read_text(), "for the oldest, without debugging information"


def test_a_link_that_also_compiles_finds_the_headers(zig: WithLibrary) -> None:
    library, told = zig.linked(zig.compilers().cxx, "-Iown", "a.cpp", "-o", "a")
    headers = zig.cache.root / "zig" / library / "headers"
    assert told.index("-Iown") < told.index(f"@{headers}")
    assert headers.read_text().splitlines() == ['"-I/the zig/lib/libcxx/include"', '"-D_LIBCPP_X=1"']
    assert f"@{headers}" not in zig.linked(zig.compilers().cxx, "a.o", "-o", "a")[1]


def test_the_c_compiler_links_the_library_that_it_is_told_to(zig: WithLibrary) -> None:
    cc = zig.compilers().cc
    for name in ("-lstdc++", "-lc++"):
        library, told = zig.linked(cc, "-shared", "a.o", name)
        assert library
        assert name not in told
    assert zig.linked(cc, "-shared", "a.o", "-lm")[0] == ""


@pytest.mark.parametrize("text", ["-c a.cpp -o a.o", "a.cpp -o a", "-c\na.C\n"])
def test_objects_may_be_in_a_file_of_arguments(zig: WithLibrary, text: str) -> None:
    cxx, file = zig.compilers().cxx, zig.tmp_path / "arguments"
    file.write_text('"a.o"\n"-o"\n"a.so"')
    assert zig.linked(cxx, f"@{file}")[0]
    file.write_text(text)
    assert not zig.linked(cxx, f"@{file}")[0]


def test_what_makes_the_first_use_of_zig_for_a_host_slow_is_said_once(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    (cache.root / "zig").mkdir(parents=True)
    for tag in ("manylinux_2_28_aarch64", "manylinux_2_28_aarch64", "manylinux_2_31_armv7l"):
        for number in range(2):  # with another sysroot, say
            make(cache, tmp_path, monkeypatch, "zig", tag=tag, cpu=(f"-D{number}",), tell=told.append)
    assert len(told) == 2
    assert told[0].startswith("zig first compiles parts of its C library for this host")
