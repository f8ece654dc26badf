"""Failed compiler runs: which are extensions that were lost, and which were only questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossbuild.toolchain.compile_record import Invocation
from crossbuild.wheels.missing import linked_extensions, lost_extensions
from tests.unit.wheel_samples import SUFFIX, make_host

HOST = make_host(libc="glibc 2.36")
PROJECT = Path("/nowhere/tmpq1w2e3r4/probe-1.0")
PYTHON = "-I/cache/shadow/include/python3.11"
TEMP = "build/temp.linux-aarch64-cpython-311"
RANDOM = "tmpz6y5_4w3"
LIB = "build/lib.linux-aarch64-cpython-311"
FLAGS = ("-Wsign-compare", "-DNDEBUG", "-O2", "-fPIC")


def run(*arguments: str, status: int = 1, tool: str = "cc", cwd: Path = PROJECT) -> Invocation:
    return Invocation(tool=tool, cwd=cwd, arguments=arguments, status=status)


def compiling(source: str, output: str, *options: str, status: int = 1, cwd: Path = PROJECT) -> Invocation:
    return run(*FLAGS, *options, PYTHON, "-c", source, "-o", output, status=status, cwd=cwd)


def lost(*invocations: Invocation) -> list[str]:
    found = lost_extensions(invocations, host=HOST, build_paths=[PROJECT.parent])
    return [str(extension).partition(",")[0] for extension in found]


@pytest.mark.parametrize(
    ("invocation", "said"),
    [
        pytest.param(
            compiling("src/markupsafe/_speedups.c", f"{TEMP}/src/markupsafe/_speedups.o"),
            "src/markupsafe/_speedups.c failed to compile",
            id="optional extension (markupsafe)",
        ),
        pytest.param(
            compiling("yaml/_yaml.c", f"{TEMP}/yaml/_yaml.o"), "yaml/_yaml.c failed to compile", id="no header (pyyaml)"
        ),
        pytest.param(
            compiling("build/cython/fast.cpp", f"{TEMP}/build/cython/fast.o", "-std=c++17"),
            "build/cython/fast.cpp failed to compile",
            id="generated source",
        ),
        pytest.param(
            compiling(f"{PROJECT}/csrc/op.cpp", f"{PROJECT}/{TEMP}/csrc/op.o", cwd=PROJECT / "build"),
            f"{PROJECT}/csrc/op.cpp failed to compile",
            id="absolute source, compiled elsewhere in the build",
        ),
        pytest.param(
            run("-I", "/cache/include/python3.11", "-c", "x.c", "-o", f"{TEMP}/x.o"),
            "x.c failed to compile",
            id="the include path as two arguments",
        ),
        pytest.param(
            run("-isystem", "/root/usr/include/python3.11", "-c", "x.c"), "x.c failed to compile", id="no output named"
        ),
        pytest.param(
            run("-shared", f"{TEMP}/_yaml.o", "-lyaml", "-o", f"{LIB}/yaml/_yaml{SUFFIX}"),
            f"{LIB}/yaml/_yaml{SUFFIX} failed to link",
            id="a library that is missing",
        ),
        pytest.param(
            run("-shared", "x.o", "-o", f"{LIB}/probe/_x.abi3.so", tool="cxx"),
            f"{LIB}/probe/_x.abi3.so failed to link",
            id="stable ABI",
        ),
        pytest.param(
            run("-shared", "x.o", "-o", "target/aarch64/release/libprobe.so"),
            "target/aarch64/release/libprobe.so failed to link",
            id="cargo's linker",
        ),
    ],
)
def test_a_lost_extension_is_found(invocation: Invocation, said: str) -> None:
    assert lost(invocation) == [said]


CMAKE = Path("/nowhere/tmpq1w2e3r4/build/CMakeFiles")
MESON = Path("/nowhere/tmpq1w2e3r4/probe-1.0/.mesonpy-x1/meson-private")


@pytest.mark.parametrize(
    "probe",
    [
        pytest.param(run(PYTHON, "-c", "conftest.c"), id="autoconf compile"),
        pytest.param(run("-shared", "conftest.o", "-o", "conftest.so"), id="autoconf link"),
        pytest.param(run(PYTHON, "-o", "conftest", "conftest.c", "-lfoo"), id="autoconf program"),
        pytest.param(compiling("_configtest.c", "_configtest.o"), id="distutils config"),
        pytest.param(compiling("/scratch/printf8x2v1k9q.c", "scratch/printf8x2v1k9q.o"), id="distutils has_function"),
        pytest.param(compiling(f"/scratch/{RANDOM}/flagcheck.cpp", f"/scratch/{RANDOM}/flagcheck.o"), id="flag check"),
        pytest.param(compiling(f"{TEMP}/{RANDOM}/have.c", f"{TEMP}/{RANDOM}/have.o"), id="temporary directory"),
        pytest.param(compiling(f"{RANDOM}.c", f"{RANDOM}.o"), id="temporary file in the project"),
        pytest.param(run("-c", "src/atomics_check.c", "-o", f"{TEMP}/x.o"), id="without the Python headers"),
        pytest.param(run(PYTHON, "-E", "src/x.c", "-o", "x.i"), id="preprocessor"),
        pytest.param(run(PYTHON, "-fsyntax-only", "src/x.c"), id="syntax only"),
        pytest.param(run(PYTHON, "-x", "c", "-c", "-", "-o", "/dev/null"), id="standard input"),
        pytest.param(run("-Wl,--version"), id="linker version"),
        pytest.param(run("--version"), id="compiler version"),
        pytest.param(run("rcs", "x.a", "x.o", tool="ar"), id="archiver"),
        pytest.param(
            compiling("testCCompiler.c", "CMakeFiles/cmTC_1a2b3.dir/x.o", cwd=CMAKE / "CMakeScratch/TryCompile-a1"),
            id="CMake try_compile",
        ),
        pytest.param(compiling(f"{CMAKE}/CMakeTmp/src.c", "x.o", cwd=CMAKE / "CMakeTmp"), id="older CMake"),
        pytest.param(
            compiling("CMakeCCompilerId.c", "x.o", cwd=CMAKE / "3.25.1/CompilerIdC"), id="CMake compiler identification"
        ),
        pytest.param(
            run("-shared", "x.o", "-o", "libcmTC_1.so", cwd=CMAKE / "CMakeScratch/TryCompile-a1"), id="CMake link"
        ),
        pytest.param(
            compiling(f"{MESON}/{RANDOM}/testfile.c", f"{MESON}/{RANDOM}/output.obj", cwd=MESON.parent),
            id="Meson check",
        ),
        pytest.param(compiling("sanitycheckc.c", "sanitycheckc.exe", cwd=MESON), id="Meson sanity check"),
        pytest.param(compiling("build/.conf_check_0/test.c", "build/.conf_check_0/test.o"), id="waf"),
        pytest.param(run("-shared", "x.o", "-o", "/scratch/has_shared.so"), id="link outside the build"),
    ],
)
def test_a_question_to_the_compiler_is_no_loss(probe: Invocation) -> None:
    assert lost(probe) == []


def test_what_a_probe_tidied_up_is_no_loss_and_what_is_there_still_is(tmp_path: Path) -> None:
    (tmp_path / "fast.c").write_text("")
    runs = [compiling(name, "x.o", cwd=tmp_path) for name in ("fast.c", "check.c")]
    found = lost_extensions(runs, host=HOST, build_paths=[tmp_path])
    assert [extension.file for extension in found] == ["fast.c"]


@pytest.mark.parametrize(
    "retry",
    [
        compiling("src/x.c", f"{TEMP}/src/x.o", "-DPORTABLE", status=0),
        compiling("src/x.c", f"{TEMP}/plain/x.o", status=0),
        compiling("src/x.cpp", f"{TEMP}/src/x.o", status=0),
        compiling(f"{PROJECT}/src/x.c", f"{PROJECT}/{TEMP}/src/x.o", status=0, cwd=Path("/nowhere")),
    ],
    ids=["other flags", "other output", "other language", "absolute paths"],
)
def test_a_retry_that_succeeds_makes_it_good(retry: Invocation) -> None:
    failure = compiling("src/x.c", f"{TEMP}/src/x.o", "-march=armv9-a")
    assert lost(failure) == ["src/x.c failed to compile"]
    assert lost(failure, retry) == []


@pytest.mark.parametrize(
    "other",
    [
        compiling("src/y.c", f"{TEMP}/src/y.o", status=0),
        compiling("other/x.c", f"{TEMP}/other/x.o", status=0),
        compiling("src/x.c", f"{TEMP}/src/x.o", "-O0"),
    ],
    ids=["another file", "another directory", "another failure"],
)
def test_other_runs_do_not_make_it_good(other: Invocation) -> None:
    assert lost(compiling("src/x.c", f"{TEMP}/src/x.o"), other) == ["src/x.c failed to compile"]


def test_success_before_the_failure_does_not_make_it_good() -> None:
    output = f"{LIB}/probe/_x{SUFFIX}"
    success, failure = (run("-shared", "x.o", "-o", output, status=status) for status in (0, 1))
    assert lost(success, failure) == [f"{output} failed to link"]
    assert lost(failure, success) == []


def test_a_build_that_succeeds_loses_nothing() -> None:
    assert lost(compiling("src/x.c", f"{TEMP}/src/x.o", status=0)) == []


def test_linked_extensions_are_known_by_their_suffix() -> None:
    outputs = {
        f"{LIB}/probe/_x{SUFFIX}": 0,
        f"{LIB}/probe/_stable.abi3.so": 0,
        f"{LIB}/probe/_failed{SUFFIX}": 1,
        f"{LIB}/probe/libplain.so": 0,
        "meson-private/_y.abi3.so": 0,
    }
    runs = [run("-shared", "x.o", "-o", output, status=status) for output, status in outputs.items()]
    assert linked_extensions([*runs, *runs], HOST) == (f"_x{SUFFIX}", "_stable.abi3.so")
