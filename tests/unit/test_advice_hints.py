"""What is said of builds that zig, bindgen, or a host without libpython stopped. The texts are the tools'."""

from __future__ import annotations

import pytest

from crossbuild.advice.bindgen import bindgen_lines
from crossbuild.advice.build_requirements import machine_lines
from crossbuild.advice.gnu_c import gnu_lines, is_of_gnu
from crossbuild.advice.libpython import libpython_lines
from crossbuild.platforms.platform import Platform

ARM64, ARMV6 = Platform.from_tag("linux_aarch64"), Platform.from_tag("linux_armv6l")
MUSL, MANYLINUX = Platform.from_tag("musllinux_1_2_aarch64"), Platform.from_tag("manylinux_2_28_aarch64")

NESTED = "source/c_gpio.c:27:27: error: function definition is not allowed here\n"
ARRAY = "m.c:1:28: error: fields must have a constant size: 'variable length array in structure' extension\n"


@pytest.mark.parametrize(
    ("output", "what"),
    [
        (NESTED, "nested functions"),
        (f"\x1b[1m{NESTED}", "nested functions"),
        (ARRAY, "arrays of variable length in structures"),
        ("m.c:1:1: error: GNU decimal type extension not supported\n", "decimal floating point"),
        ("m.c:1:1: error: __float128 is not supported on this target\n", "__float128"),
        ("m.c:1:23: error: use of unknown builtin '__builtin_apply_args' [-Wx]\n", "a GNU built-in function"),
        ("m.S:1:1: error: unknown directive\n.func f\n^\n", "GNU assembler's directives"),
        ("m.cc:1:10: fatal error: 'bits/stdc++.h' file not found\n", "headers of GNU's C++ library"),
        ("m.cc:1:10: fatal error: 'ext/hash_map' file not found\n", "headers of GNU's C++ library"),
        ("m.c:1:10: fatal error: 'omp.h' file not found\n", "OpenMP"),
        ("ld.lld: error: undefined symbol: __kmpc_fork_call\n", "OpenMP"),
        ('error: unable to find dynamic system library "gomp" using strategy paths_first.\n', "OpenMP"),
        ("error: unsupported linker arg: --frob\n", "--frob"),
        ("error: unsupported linker extension flag: -z frob\n", "-z frob"),
        ('error: unknown clang option: "-fno-frob"\n', "-fno-frob"),
        (NESTED + ARRAY + NESTED, "nested functions, arrays of variable length in structures"),
    ],
)
def test_what_only_gnu_compiles(output: str, what: str) -> None:
    said, fix = gnu_lines(f"before\n{output}after\n", output, ARM64)
    assert said == f"The build needs GNU's compilers, for {what}; zig has clang and libc++."
    assert fix == (
        "Build with --toolchain gnu (Debian and Ubuntu: apt install gcc-aarch64-linux-gnu g++-aarch64-linux-gnu)."
    )


@pytest.mark.parametrize(
    "output",
    [
        "m.c:1:1: error: use of undeclared identifier 'thing'\n",
        "m.c:1:10: fatal error: 'thing.h' file not found\n",
        "/x/CMakeFiles/CMakeScratch/TryCompile-abc/omp.c:1:10: fatal error: 'omp.h' file not found\n",
        "conftest.c:1:23: error: use of unknown builtin '__builtin_apply_args'\n",
        'error: unknown clang option: "-msse4.2"\n',
        "m.c:1:23: error: use of unknown builtin '__builtin_ia32_pause' [-Wx]\n",
        "m.S:1:1: error: unknown directive\n.intel_syntax noprefix\n^\n",
        "m.S:3:5: error: unknown directive\n    .fpu neon\n    ^\n",
        "m.c:1:9: error: initializer element is not a compile-time constant\n",
    ],
)
def test_what_gnu_would_not_compile_either(output: str) -> None:
    assert gnu_lines(output, output, ARM64) == ()


def test_a_question_about_an_option_is_not_the_reason() -> None:
    assert gnu_lines("error: unsupported linker arg: --frob\n", "m.c:1:1: error: no thing", ARM64) == ()


@pytest.mark.parametrize(
    ("platform", "fix"),
    [
        (MUSL, "--toolchain gnu and aarch64-linux-musl-gcc on PATH, or give its prefix: --toolchain /opt/bin/aarch64"),
        (ARMV6, "--toolchain gnu and arm-linux-gnueabihf-gcc on PATH"),
        (MANYLINUX, "--toolchain gnu (Debian and Ubuntu: apt install gcc-aarch64-linux-gnu"),
    ],
)
def test_how_to_build_with_gnu(platform: Platform, fix: str) -> None:
    assert fix in gnu_lines(NESTED, NESTED, platform)[1]
    assert ("must not be newer than the host's" in gnu_lines(NESTED, NESTED, platform)[1]) == (platform == MANYLINUX)


def test_what_no_package_has_for_zig() -> None:
    assert [name for name in ("omp.h", "gomp", "ext/hash_map", "text/x.h", "libfoo", "foo.h") if is_of_gnu(name)] == [
        *("omp.h", "gomp", "ext/hash_map")
    ]


CMAKE = """\
CMake Error at /usr/share/cmake-3.25/Modules/FindPackageHandleStandardArgs.cmake:230 (message):
  Could NOT find Python3 (missing: Python3_LIBRARIES Development
  Development.Embed) (found version "3.11.2")
"""
CMAKE_LIBS = "CMake Error at x:1 (message):\n  Could NOT find PythonLibs (missing: PYTHON_LIBRARIES)\n"


@pytest.mark.parametrize("output", [CMAKE, CMAKE_LIBS])
def test_libpython_of_cmake(output: str) -> None:
    said, enough, other = libpython_lines(output)
    assert "libpython" in said
    assert "find_package(Python COMPONENTS Interpreter Development.Module) is enough" in enough
    assert "debian:bookworm:arm64" in other


@pytest.mark.parametrize(
    "output",
    [
        "/usr/bin/ld: cannot find -lpython3.11: No such file or directory\n",
        "ld.lld: error: unable to find library -lpython3.11\n",
        'error: unable to find dynamic system library "python3.11" using strategy paths_first.\n',
        '../meson.build:3:0: ERROR: Dependency "python3-embed" not found, tried pkgconfig\n',
        "../meson.build:3:0: ERROR: Python dependency not found\n",
        "No package 'python-3.11-embed' found\n",
    ],
)
def test_libpython_of_others(output: str) -> None:
    assert "An extension is not linked to it" in libpython_lines(output)[1]


@pytest.mark.parametrize(
    "output",
    [
        "-- Could NOT find Python3 (missing: Python3_EXECUTABLE Interpreter)\n",
        "CMake Error at x:1 (message):\n  Could NOT find Python (missing: Python_NumPy_INCLUDE_DIRS NumPy)\n",
        "/usr/bin/ld: cannot find -lpythonize\n",
    ],
)
def test_other_parts_of_python(output: str) -> None:
    assert libpython_lines(output) == ()


NO_LIBCLANG = """\
thread 'main' panicked at bindgen-0.71.1/lib.rs:616:27:
Unable to find libclang: "couldn't find any valid shared libraries matching: ['libclang.so', 'libclang-*.so'], set the \
`LIBCLANG_PATH` environment variable to a path where one of these files can be found (invalid: [])"
"""
NO_HEADERS = """\
/x/usr/include/stdlib.h:32:10: fatal error: 'stddef.h' file not found
thread 'main' panicked at build.rs:5:60:
bindgen failed: ClangDiagnostic("/x/usr/include/stdlib.h:32:10: fatal error: 'stddef.h' file not found\\n")
"""


def test_bindgen_without_libclang() -> None:
    said, fix = bindgen_lines(NO_LIBCLANG, ARM64)
    assert said == "bindgen found no libclang on this machine."
    assert "apt install libclang-dev" in fix


def test_bindgen_without_headers_of_its_libclang() -> None:
    said, fix, other = bindgen_lines(NO_HEADERS, ARM64)
    assert said == "bindgen's libclang has no stddef.h: its own headers are not installed beside it."
    assert "apt install libclang-dev" in fix
    assert "--env 'BINDGEN_EXTRA_CLANG_ARGS_aarch64_unknown_linux_gnu+= -isystem DIRECTORY'" in other


@pytest.mark.parametrize(
    "output",
    ["m.c:1:1: fatal error: 'stddef.h' file not found\n", NO_HEADERS.replace("stddef.h", "zlib.h"), "bindgen failed\n"],
)
def test_other_headers(output: str) -> None:
    assert bindgen_lines(output, ARM64) == ()


def test_what_this_machine_lacks() -> None:
    output = 'Run-time dependency cairo found: NO\n../meson.build:3:0: ERROR: Dependency "cairo" not found\n'
    said, _, fix, other = machine_lines(output)
    assert said == "Missing on this machine, where build requirements run: the pkg-config module cairo."
    assert "apt-file search cairo.pc" in fix
    assert "--build-constraint" in other
    assert machine_lines("make: swig: No such file or directory\n")[2] == "Install swig here."
    assert machine_lines("nothing is missing\n") == ()
