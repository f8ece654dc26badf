"""The tools beside the compilers on the cross PATH, those that are missing, and debugging information."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from crossbuild.advice.missing_files import Lack, lacks_in
from crossbuild.native.missing_tools import read_missing_tools, write_missing_tools
from crossbuild.platforms.platform import Platform
from crossbuild.toolchain import compilers as compilers_module
from crossbuild.toolchain.binutils import BINUTILS, binutils_for_zig
from crossbuild.toolchain.compile_record import RECORD_VARIABLE, read_answers
from crossbuild.toolchain.compilers import prepare_compilers
from crossbuild.toolchain.model import Toolchain

if TYPE_CHECKING:
    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.compilers import Compilers

ECHO_ALL = '#!/bin/sh\nfor a do echo "<$a>"; done\n'
ECHO = '#!/bin/sh\nfor a do case $a in -g0 | -Xlinker | -T | */runtime.ld) ;; *) echo "<$a>" ;; esac; done\n'
"""Does not print what zig is told of debugging information in every case."""
PLATFORM = Platform.from_tag("manylinux_2_28_aarch64")


def program(file: Path, text: str = ECHO) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)
    return file


def toolchain(directory: Path, kind: Literal["gnu", "zig"], text: str = ECHO) -> Toolchain:
    """Return one whose programs print their arguments."""
    command = (str(program(directory / "real", text)),)
    return Toolchain(
        kind=kind,
        platform=PLATFORM,
        version="1",
        cc=command,
        cxx=command,
        ar=command,
        ranlib=command,
        strip=command,
        binutils={"nm": command},
    )


@pytest.fixture(params=["zig", "gnu"])
def kind(request: pytest.FixtureRequest) -> Literal["gnu", "zig"]:
    return "zig" if request.param == "zig" else "gnu"


@pytest.fixture
def files(kind: Literal["gnu", "zig"], cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compilers:
    monkeypatch.setattr(compilers_module, "prove", lambda *_, **__: None)
    return prepare_compilers(toolchain(tmp_path, kind), cache)


@pytest.fixture
def zig(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compilers:
    monkeypatch.setattr(compilers_module, "prove", lambda *_, **__: None)
    return prepare_compilers(toolchain(tmp_path, "zig"), cache)


@pytest.fixture
def debugging(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compilers:
    monkeypatch.setattr(compilers_module, "prove", lambda *_, **__: None)
    return prepare_compilers(toolchain(tmp_path, "zig", ECHO_ALL), cache)


def run(
    program: Path, *arguments: str, path: str = "/usr/bin:/bin", **variables: str
) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": path, **variables}
    return subprocess.run([program, *arguments], env=environ, input="", capture_output=True, text=True, check=False)


def given(program: Path, *arguments: str) -> list[str]:
    """Return what reaches the real program."""
    return [line[1:-1] for line in run(program, *arguments).stdout.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["-x", "c", "-"]),
        (["-"], ["-x", "c", "-"]),
        (["-DX=1", "-U", "Y"], ["-x", "c", "-DX=1", "-U", "Y", "-"]),
        (["-x", "c++", "-std=c++17"], ["-x", "c++", "-std=c++17", "-"]),
        (["a.c"], ["a.c"]),
        (["-P", "table.in"], ["-x", "c", "-P", "table.in"]),
        (["a.h", "a.i"], ["a.h", "-o", "a.i"]),
        (["-I", "inc", "a.cpp", "-include", "b.h", "a.ii"], ["-I", "inc", "a.cpp", "-include", "b.h", "-o", "a.ii"]),
        (["-MF", "a.d", "-M", "-o", "a.i", "a.c"], ["-MF", "a.d", "-M", "-o", "a.i", "a.c"]),
        (["start.s"], ["-x", "assembler-with-cpp", "start.s"]),
        (["my file", "out file"], ["-x", "c", "my file", "-o", "out file"]),
        (["--version"], ["--version"]),
    ],
)
@pytest.mark.parametrize("name", ["cpp", "aarch64-linux-gnu-cpp"])
def test_cpp_reads_and_writes_as_gnus_does(
    name: str, arguments: list[str], expected: list[str], files: Compilers
) -> None:
    assert given(files.directory / name, *arguments) == ["-E", *expected]


@pytest.mark.parametrize("name", ["c89", "c99"])
def test_the_compilers_of_posix_are_the_hosts(name: str, files: Compilers) -> None:
    assert given(files.directory / name, "-c", "a.c") == [f"-std={name}", "-c", "a.c"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["-o", "a.out", "-"]),
        (["-o", "a.o", "--"], ["-o", "a.o", "-"]),
        (["-I", "include", "--noexecstack", "a.s", "-oa.o"], ["-I", "include", "-Wa,--noexecstack", "a.s", "-oa.o"]),
        (["--defsym", "X=1", "a.s"], ["-o", "a.out", "-Wa,--defsym,X=1", "a.s"]),
        (["--version"], ["--version"]),
    ],
)
def test_zigs_assembler_takes_the_arguments_of_gnus(arguments: list[str], expected: list[str], zig: Compilers) -> None:
    assert given(zig.directory / "as", *arguments) == ["-c", "-x", "assembler", *expected]


def test_strip_writes_the_file_that_it_is_told_to_write(zig: Compilers, tmp_path: Path) -> None:
    (tmp_path / "a.so").write_text("code")
    assert run(zig.strip, "--strip-unneeded", "-o", f"{tmp_path}/b.so", f"{tmp_path}/a.so").returncode == 0
    assert (tmp_path / "b.so").read_text() == "code"
    assert run(zig.strip, f"{tmp_path}/a.so", "-R", ".note", "-o", f"{tmp_path}/c.so").returncode == 0
    assert (tmp_path / "c.so").read_text() == "code"
    assert run(zig.strip, "-g", f"{tmp_path}/a.so").returncode == 0


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ([], ["-g0"]),
        (["-g0"], ["-g0"]),
        (["-g", "-g0"], ["-g0", "-g"]),
        (["-g"], ["-g"]),
        (["-g0", "-g"], ["-g"]),
        (["-ggdb3"], ["-ggdb3"]),
        (["-O2", "-gdwarf-4"], ["-gdwarf-4"]),
    ],
)
def test_zig_makes_debugging_information_for_those_who_want_it(
    options: list[str], wanted: list[str], debugging: Compilers
) -> None:
    words = given(debugging.cc, *options, "-c", "a.c")
    assert [word for word in words if word.startswith("-g")] == wanted
    assert "-Xlinker" not in words


def test_what_zig_links_of_its_own_is_without_debugging_information(debugging: Compilers) -> None:
    words = given(debugging.cxx, "-g", "-shared", "a.o")
    at = words.index("-T")
    assert words[at - 1 : at + 2 : 2] == ["-Xlinker", "-Xlinker"]
    assert ".debug_" in Path(words[at + 2]).read_text()
    assert "-Xlinker" not in given(debugging.cxx, "-shared", "a.o", "-T", "own.ld"), "it would take the place of that"


def test_zig_knows_where_its_tools_are(zig: Compilers) -> None:
    """Libtool asks for the linker so, and clang would name this machine's."""
    for question in ("-print-prog-name", "--print-prog-name"):
        assert run(zig.cc, f"{question}=nm").stdout == f"{zig.directory}/nm\n"
        assert run(zig.cc, f"{question}=objcopy").stdout == "objcopy\n", "it has none"


@pytest.mark.parametrize("name", ["gcc", "cpp", "c99"])
def test_compilers_may_be_called_by_links(name: str, debugging: Compilers, tmp_path: Path) -> None:
    link = tmp_path / "my-compiler"
    link.symlink_to(debugging.directory / name)
    assert given(link, "a.c") == given(debugging.directory / name, "a.c")
    assert given(link, "a.c")


@pytest.mark.parametrize(
    "said",
    [
        "<stdin>:1:10: fatal error: sys/capability.h: No such file or directory\n",
        "/scratch/tmp/81a2194b-stdin.c:1:10: fatal error: 'sys/capability.h' file not found\n",
    ],
)
def test_a_header_that_a_question_by_standard_input_lacked_is_known(
    said: str, files: Compilers, tmp_path: Path
) -> None:
    program(tmp_path / "real", f'#!/bin/sh\necho text\nprintf %s "{said}" >&2\nexit 3\n')
    (tmp_path / "record").mkdir()
    done = run(files.directory / "cpp", **{RECORD_VARIABLE: str(tmp_path / "record")})
    assert (done.returncode, done.stdout) == (3, "text\n")
    assert done.stderr == read_answers(tmp_path / "record") == said
    assert lacks_in(said) == (Lack(kind="header", name="sys/capability.h"),)


def test_programs_called_by_name_hold_no_path(files: Compilers) -> None:
    named = files.by_name.variables()
    assert named["CC"] == "aarch64-linux-gnu-gcc"
    assert named["NM"] == "aarch64-linux-gnu-nm"
    assert not [value for value in named.values() if "/" in value]
    assert {name: f"{files.directory}/{value}" for name, value in named.items()} == files.variables()
    for value in files.by_name.binutils.values():
        assert (files.directory / value).exists()


# --- where the tools come from ----------------------------------------------------------------------------------------


def machine(directory: Path, *names: str) -> str:
    for name in names:
        program(directory / name)
    return str(directory)


@pytest.mark.parametrize(
    ("there", "name", "found"),
    [
        (["objcopy", "llvm-objcopy", "aarch64-linux-gnu-objcopy"], "objcopy", "aarch64-linux-gnu-objcopy"),
        (["objcopy", "llvm-objcopy", "llvm-objcopy-19"], "objcopy", "llvm-objcopy"),
        (["objdump", "llvm-objdump-9", "llvm-objdump-14"], "objdump", "llvm-objdump-14"),
        (["c++filt", "llvm-cxxfilt"], "c++filt", "llvm-cxxfilt"),
        (["readelf"], "readelf", "readelf"),
        (["objcopy", "objdump", "as", "ld", "ld.bfd", "dwp"], "objcopy", None),
        (["as", "llvm-as", "aarch64-linux-gnu-as"], "as", None),
    ],
)
def test_zig_borrows_tools_that_know_the_hosts_files(
    there: list[str], name: str, found: str | None, tmp_path: Path
) -> None:
    tools = binutils_for_zig(PLATFORM, machine(tmp_path, *there))
    assert tools.get(name) == ((f"{tmp_path}/{found}",) if found else None)


def test_without_a_path_zig_borrows_nothing() -> None:
    assert binutils_for_zig(PLATFORM, "") == {}


def test_what_cannot_be_read_on_a_path_is_left_out(tmp_path: Path) -> None:
    program(tmp_path / "llvm-nm")
    path = f"{tmp_path}/{'x' * 300}:{tmp_path}/no-such:{program(tmp_path / 'a file')}:{tmp_path}"
    assert binutils_for_zig(PLATFORM, path)["nm"] == (f"{tmp_path}/llvm-nm",)


@pytest.fixture
def path(files: Compilers, kind: Literal["gnu", "zig"], tmp_path: Path) -> str:
    """The cross PATH on a machine that has all tools for itself."""
    own = machine(tmp_path / "own", *BINUTILS, "gcc-12", "cpp-12", "clang-14", "gcc", "cpp")
    (tmp_path / "host-bin").mkdir()
    write_missing_tools(tmp_path / "host-bin", toolchain(tmp_path, kind), files.directory, path=own)
    return f"{files.directory}:{tmp_path / 'host-bin'}:{own}:/usr/bin:/bin"


@pytest.mark.parametrize(
    "name", ["objcopy", "aarch64-linux-gnu-objcopy", "objdump", "ld.gold", "gcc-12", "cpp-12", "clang-14 -c"]
)
def test_a_tool_that_the_toolchain_lacks_is_never_the_build_machines(name: str, path: str, tmp_path: Path) -> None:
    (tmp_path / "record").mkdir()
    command = Path("/bin/sh")
    done = run(command, "-c", f"{name} a.c", path=path, **{RECORD_VARIABLE: str(tmp_path / "record")})
    assert (done.returncode, done.stdout) == (127, "")
    tool, *_ = name.split()
    (told,) = read_missing_tools(tmp_path / "record")
    assert done.stderr == f"crossbuild: {told}\n"
    assert told.startswith(f"no {tool} for the host: ")


def test_who_lacks_a_tool_is_told_how_to_get_it(path: str, kind: str) -> None:
    said = run(Path("/bin/sh"), "-c", "objcopy a b", path=path).stderr
    if kind == "zig":
        assert "apt install llvm or binutils-aarch64-linux-gnu" in said
        assert "--toolchain gnu" in said
    else:
        assert "Install the binutils of that toolchain" in said


@pytest.mark.parametrize("name", ["nm", "cpp", "gcc", "c99", "gcc-nm"])
def test_a_tool_that_the_toolchain_has_is_its_own(name: str, path: str, files: Compilers) -> None:
    done = run(Path("/bin/sh"), "-c", f"command -v {name}", path=path)
    assert done.stdout == f"{files.directory}/{name}\n"


@pytest.mark.parametrize("kind", ["zig"], indirect=True)
def test_a_compiler_for_this_machine_has_its_own_assembler(path: str, tmp_path: Path) -> None:
    program(tmp_path / "own/as", "#!/bin/sh\necho own $*\n")
    done = run(Path("/bin/sh"), "-c", "as --64 a.s", path=path, COLLECT_GCC="/usr/bin/gcc")
    assert done.stdout == "own --64 a.s\n"


def test_clang_compiles_for_whatever_it_is_told(path: str) -> None:
    said = run(Path("/bin/sh"), "-c", "clang-14 --target=bpf -c a.c; clang-14 --version", path=path).stdout
    assert said.splitlines() == ["<--target=bpf>", "<-c>", "<a.c>", "<--version>"]
