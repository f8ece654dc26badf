"""What is shown of a failed build's output, as setuptools, make, ninja, CMake, Meson, Cargo and Cython print it.

The outputs are recorded, with shorter paths and less of what repeats.
"""

from __future__ import annotations

import pytest

from crossbuild.system.excerpt import excerpt
from crossbuild.system.failed_command import shortened

DISTUTILS = """\
running bdist_wheel
running build
running build_py
creating build/lib.linux-aarch64-cpython-311/thing
copying thing/__init__.py -> build/lib.linux-aarch64-cpython-311/thing
running egg_info
writing thing.egg-info/PKG-INFO
warning: build_py: byte-compiling is disabled, skipping.

running build_ext
building 'thing._a' extension
aarch64-linux-gnu-gcc -Wsign-compare -O3 -fPIC -I/cache/include/python3.11 -c a.c -o build/temp/a.o
aarch64-linux-gnu-gcc -shared build/temp/a.o -o build/lib.linux-aarch64-cpython-311/thing/_a.so
building 'thing._b' extension
aarch64-linux-gnu-gcc -Wsign-compare -O3 -fPIC -I/cache/include/python3.11 -c b.c -o build/temp/b.o
"""
ZIG = """\
b.c:3:17: error: unknown type name 'thing_t'
    3 | static int size(thing_t *thing) { int unused; return thing->size; }
      |                 ^
b.c:3:39: warning: unused variable 'unused' [-Wunused-variable]
    3 | static int size(thing_t *thing) { int unused; return thing->size; }
      |                                       ^~~~~~
b.c:4:34: error: use of undeclared identifier 'retrun'
    4 | PyMODINIT_FUNC PyInit__b(void) { retrun PyModule_Create(&m); }
      |                                  ^~~~~~
1 warning and 2 errors generated.
"""
OF_ZIG = """\
b.c:3:17: error: unknown type name 'thing_t'
    3 | static int size(thing_t *thing) { int unused; return thing->size; }
      |                 ^
b.c:4:34: error: use of undeclared identifier 'retrun'
    4 | PyMODINIT_FUNC PyInit__b(void) { retrun PyModule_Create(&m); }
      |                                  ^~~~~~
"""
GCC = """\
In file included from b.c:2:
b.h:3:2: error: #error "it needs libthing 3.0"
    3 | #error "it needs libthing 3.0"
      |  ^~~~~
b.c: In function 'size':
b.c:4:20: warning: unused variable 'unused' [-Wunused-variable]
    4 |     int unused;
      |         ^~~~~~
b.c:5:12: error: 'thing' undeclared (first use in this function)
    5 |     return thing;
      |            ^~~~~
b.c:5:12: note: each undeclared identifier is reported only once for each function it appears in
"""
OF_GCC = """\
In file included from b.c:2:
b.h:3:2: error: #error "it needs libthing 3.0"
    3 | #error "it needs libthing 3.0"
      |  ^~~~~
b.c:5:12: error: 'thing' undeclared (first use in this function)
    5 |     return thing;
      |            ^~~~~
b.c:5:12: note: each undeclared identifier is reported only once for each function it appears in
"""
OLD_CLANG = """\
b.c:3:2: error: it needs libthing 3.0
#error it needs libthing 3.0
 ^
1 error generated.
"""
STOPPED = (
    "error: Command '['aarch64-linux-gnu-gcc', '-Wsign-compare', '-c', 'b.c', '-o', 'build/temp/b.o']' returned "
    "non-zero exit status 1.\n"
)
LINKED = "aarch64-linux-gnu-gcc -shared build/temp/b.o -L/usr/lib -llcms2 -lm -o build/thing/_b.so\n"
LLD = 'error: unable to find dynamic system library "lcms2" using strategy paths_first. searched paths: none\n'
LD_SAYS = "/usr/lib/gcc-cross/aarch64-linux-gnu/12/../../../../bin/ld: cannot find -llcms2: No such file or directory\n"
LD = f"{LD_SAYS}collect2: error: ld returned 1 exit status\n"
MESON_CONFIGURE = """\
+ meson setup /x/thing /x/thing/.mesonpy-syvrzi_h --cross-file=/x/native/meson-cross.ini
The Meson build system
Version: 1.11.1
Build type: cross build
Program python found: YES (/x/cross-venv/bin/python)
Found pkg-config: YES (/x/bin/pkg-config) 3.0.7
Run-time dependency libpng found: NO  (tried pkg-config and cmake)

../meson.build:3:4: ERROR: Dependency "libpng" not found (tried pkg-config and cmake)

A full log can be found at /x/thing/.mesonpy-syvrzi_h/meson-logs/meson-log.txt
"""
NINJA = f"""\
Build targets in project: 1
Found ninja-1.11.1 at /usr/bin/ninja
+ /usr/bin/ninja -j2
[1/2] Compiling C object _b.so.p/b.c.o
FAILED: _b.so.p/b.c.o
aarch64-linux-gnu-gcc -I_b.so.p -I. -I/cache/include -fvisibility=hidden -MD -o _b.so.p/b.c.o -c ../b.c
{ZIG.replace("b.c", "../b.c")}ninja: build stopped: subcommand failed.
"""
GENERATOR = """\
[1/2] Generating table.h with a custom command
FAILED: [code=1] table.h
/x/bin/python ../generate.py --into table.h
no table for this machine
ninja: build stopped: subcommand failed.
"""
CMAKE_CONFIGURE = """\
*** scikit-build-core 1.1.2 using CMake 3.25.1 (wheel)
*** Configuring CMake...
-- The C compiler identification is Clang 22.1.8
-- Detecting C compile features - done
CMake Error at /usr/share/cmake-3.25/Modules/FindPackageHandleStandardArgs.cmake:230 (message):
  Could NOT find ZLIB (missing: ZLIB_LIBRARY ZLIB_INCLUDE_DIR)
Call Stack (most recent call first):
  /usr/share/cmake-3.25/Modules/FindZLIB.cmake:166 (FIND_PACKAGE_HANDLE_STANDARD_ARGS)
  CMakeLists.txt:4 (find_package)


-- Configuring incomplete, errors occurred!
See also "/x/build/CMakeFiles/CMakeOutput.log".

*** CMake configuration failed
"""
CMAKE_LINK = """\
*** Building project with Ninja...
[1/2] Building C object CMakeFiles/_b.dir/b.c.o
[2/2] Linking C shared module _b.so
FAILED: _b.so
: && /cache/aarch64-linux-gnu-gcc -fPIC -O3 -DNDEBUG -shared -o _b.so CMakeFiles/_b.dir/b.c.o -lthing && :
ld.lld: error: undefined symbol: thing_open
>>> referenced by b.c:5
>>>               CMakeFiles/_b.dir/b.c.o:(PyInit__b)
ninja: build stopped: subcommand failed.

*** CMake build failed
"""
HOOK = """\
Traceback (most recent call last):
  File "/x/lib/python3.11/site-packages/pyproject_hooks/_in_process/_in_process.py", line 406, in <module>
    main()
  File "/x/lib/python3.11/site-packages/setuptools/build_meta.py", line 317, in run_setup
    exec(code, locals())  # noqa: S102 # exec is intentional here
    ^^^^^^^^^^^^^^^^^^^^
  File "<string>", line 6, in <module>
"""
MAKE = f"""\
aarch64-linux-gnu-gcc -O2 -c a.c -o a.o
aarch64-linux-gnu-gcc -O2 -c b.c -o b.o
{ZIG}make: *** [Makefile:3: b.o] Error 1
make: *** Waiting for unfinished jobs....
{HOOK}  File "/x/lib/python3.11/subprocess.py", line 571, in run
    raise CalledProcessError(retcode, process.args,
subprocess.CalledProcessError: Command '['make', '-j2']' returned non-zero exit status 2.
"""
SETUP = f"""\
running egg_info
looking for a version
{HOOK}  File "<string>", line 4, in version
  File "<frozen os>", line 679, in __getitem__
KeyError: 'THING_VERSION'
"""
OF_SETUP = """\
looking for a version
Traceback (most recent call last):
  File "<string>", line 6, in <module>
  File "<string>", line 4, in version
  File "<frozen os>", line 679, in __getitem__
KeyError: 'THING_VERSION'
[6 lines omitted]
"""
OF_NINJA = """\
Traceback (most recent call last):
  File "<string>", line 6, in <module>
KeyError: 'm'
[8 lines omitted]
"""
CYTHON = f"""\
Compiling m.pyx because it changed.
[1/1] Cythonizing m.pyx

Error compiling Cython file:
------------------------------------------------------------
...
cdef class Thing:
    cdef thing_t *own

    def f(self):
        return undefined_name(
^
------------------------------------------------------------
m.pyx:8:0: Expected an identifier or literal
{HOOK}  File "/x/lib/python3.11/site-packages/Cython/Build/Dependencies.py", line 1265, in cythonize_one
    raise CompileError(None, pyx_file)
Cython.Compiler.Errors.CompileError: m.pyx
"""
CARGO = """\
   Compiling thing v0.1.0 (/x/thing)
error[E0308]: mismatched types
 --> src/lib.rs:2:18
  |
2 |     let x: u32 = "a";
  |            ---   ^^^ expected `u32`, found `&str`
  |            |
  |            expected due to this

error[E0433]: cannot find module or crate `thing` in this scope
 --> src/lib.rs:3:5
  |
3 |     thing::open();
  |     ^^^^^ use of unresolved module or unlinked crate `thing`

Some errors have detailed explanations: E0308, E0433.
For more information about an error, try `rustc --explain E0308`.
error: could not compile `thing` (lib) due to 2 previous errors
"""
CARGO_SCRIPT = """\
   Compiling thing v0.1.0 (/x/thing)
error: failed to run custom build command for `thing v0.1.0 (/x/thing)`
note: To improve backtraces for build dependencies, set CARGO_PROFILE_DEV_BUILD_OVERRIDE_DEBUG=true

Caused by:
  process didn't exit successfully: `/x/thing/target/debug/build/thing-819d/build-script-build` (exit status: 101)
  --- stdout
  cargo:rerun-if-changed=a
  cargo:rerun-if-env-changed=THING_LIB

  --- stderr
  looking for libthing

  thread 'main' (30431) panicked at build.rs:1:51:
  libthing 3.0 is needed
  stack backtrace:
     0: __rustc::rust_begin_unwind
               at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/panicking.rs:689:5
  note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
"""
OF_CARGO_SCRIPT = """\
error: failed to run custom build command for `thing v0.1.0 (/x/thing)`
  thread 'main' (30431) panicked at build.rs:1:51:
  libthing 3.0 is needed
[13 lines omitted]
"""

SHOWN = {
    "setuptools with zig": (
        f"{DISTUTILS}{ZIG}{STOPPED}",
        f"{OF_ZIG}Failed command: aarch64-linux-gnu-gcc … -c b.c\n[19 lines omitted]\n",
    ),
    "setuptools with gcc": (
        f"{DISTUTILS}{GCC}{STOPPED}",
        f"{OF_GCC}Failed command: aarch64-linux-gnu-gcc … -c b.c\n[19 lines omitted]\n",
    ),
    "setuptools with an old clang": (
        f"{DISTUTILS}{OLD_CLANG}{STOPPED}",
        OLD_CLANG.replace("1 error generated.", "Failed command: aarch64-linux-gnu-gcc … -c b.c\n[16 lines omitted]"),
    ),
    "a library, with zig": (
        f"{DISTUTILS}{LINKED}{LLD}{STOPPED}",
        f"{LLD}Failed command: aarch64-linux-gnu-gcc … -llcms2 … -o build/thing/_b.so\n[16 lines omitted]\n",
    ),
    "a library, with GNU's linker": (
        f"{DISTUTILS}{LINKED}{LD}{STOPPED}",
        f"{LD_SAYS}Failed command: aarch64-linux-gnu-gcc … -llcms2 … -o build/thing/_b.so\n[17 lines omitted]\n",
    ),
    "Meson that configures": (
        MESON_CONFIGURE,
        '../meson.build:3:4: ERROR: Dependency "libpng" not found (tried pkg-config and cmake)\n[8 lines omitted]\n',
    ),
    "ninja": (
        NINJA,
        f"{OF_ZIG.replace('b.c', '../b.c')}Failed command: aarch64-linux-gnu-gcc … -c ../b.c\n[11 lines omitted]\n",
    ),
    "ninja with another command": (
        GENERATOR,
        "no table for this machine\nFailed command: /x/bin/python ../generate.py --into table.h\n[4 lines omitted]\n",
    ),
    "CMake that configures": (
        CMAKE_CONFIGURE,
        "".join(f"{line}\n" for line in CMAKE_CONFIGURE.splitlines()[4:9]) + "[7 lines omitted]\n",
    ),
    "CMake that links": (
        CMAKE_LINK,
        "".join(f"{line}\n" for line in CMAKE_LINK.splitlines()[5:8])
        + "Failed command: aarch64-linux-gnu-gcc … -o _b.so\n[7 lines omitted]\n",
    ),
    "make in setup.py": (
        MAKE,
        f"{OF_ZIG}Failed command: aarch64-linux-gnu-gcc … -c b.c\n[18 lines omitted]\n",
    ),
    "setup.py": (
        SETUP,
        OF_SETUP,
    ),
    "a traceback of a command of ninja": (
        f"[1/2] Generating m.pyi\nFAILED: m.pyi\ncd /tmp/crossbuild-1/build && python stubs.py\n{HOOK}KeyError: 'm'\n",
        OF_NINJA,
    ),
    "a question of setup.py that nobody answered": (
        SETUP.replace("a version\nTraceback", "a version\nWhich? Traceback"),
        OF_SETUP.replace("Traceback", "Which? Traceback"),
    ),
    "Cython": (
        CYTHON,
        "".join(f"{line}\n" for line in CYTHON.splitlines()[3:14] if line)
        + "[11 lines omitted]\nCython.Compiler.Errors.CompileError: m.pyx\n",
    ),
    "Cargo": (
        CARGO,
        "".join(f"{line}\n" for line in CARGO.splitlines()[1:14] if line) + "[4 lines omitted]\n",
    ),
    "a build script of Cargo's": (
        CARGO_SCRIPT,
        OF_CARGO_SCRIPT,
    ),
}


@pytest.mark.parametrize("tool", SHOWN)
def test_the_error_comes_first_and_the_rest_is_counted(tool: str) -> None:
    printed, shown = SHOWN[tool]
    assert excerpt(printed) == shown.rstrip("\n")


def test_the_rest_is_called_what_the_caller_says() -> None:
    assert excerpt(MESON_CONFIGURE, rest="more lines in the log").endswith("\n[8 more lines in the log]")
    assert excerpt(f"something\n{LLD}", rest="more lines in the log").endswith("\n[1 more line in the log]")


def test_of_many_errors_the_first_are_shown() -> None:
    errors = "".join(f"b.c:{n}:1: error: no thing_{n}\n{n:5} | thing_{n} x;\n      | ^~~~~\n" for n in range(1, 99))
    shown = excerpt(f"{DISTUTILS}{errors}fatal error: too many errors emitted, stopping now\n{STOPPED}").splitlines()
    assert [line for line in shown if "error" in line] == [f"b.c:{n}:1: error: no thing_{n}" for n in range(1, 7)]
    assert shown[-2:] == ["Failed command: aarch64-linux-gnu-gcc … -c b.c", f"[{14 + 98 * 3 + 2 - 18} lines omitted]"]


def test_a_command_of_another_source_is_not_the_one_that_failed() -> None:
    other = "aarch64-linux-gnu-gcc -O2 -c z.c -o z.o\n"
    assert "Failed command: aarch64-linux-gnu-gcc … -c b.c\n" in excerpt(f"{DISTUTILS}{other}{ZIG}{STOPPED}")
    assert "Failed command" not in excerpt(f"{other}{ZIG}{STOPPED}")


def test_the_option_that_a_compiler_refuses_is_shown() -> None:
    command = "aarch64-linux-gnu-gcc -O2 -mthing=3 -c b.c -o b.o\n"
    said = "aarch64-linux-gnu-gcc: error: unrecognized command-line option '-mthing=3'\n"
    shown = excerpt(f"{DISTUTILS}{command}{said}{STOPPED}")
    assert shown.startswith(f"{said}Failed command: aarch64-linux-gnu-gcc … -mthing=3 … -c b.c\n")


@pytest.mark.parametrize(
    ("printed", "first"),
    [
        (
            f"{DISTUTILS}swigging m.i to m_wrap.c\nerror: command 'swig' failed: No such file or directory\n",
            "error: command 'swig' failed: No such file or directory",
        ),
        (
            f"{DISTUTILS}{HOOK}FileNotFoundError: [Errno 2] No such file or directory: 'protoc'\n",
            "Traceback (most recent call last):",
        ),
        ("configure: error: cannot find libthing\nSee `config.log' for more details\n", "configure: error: "),
        ("ninja: error: 'a.c', needed by 'a.o', missing and no known rule to make it\n", "ninja: error: 'a.c'"),
        ("make: *** No rule to make target 'a.c', needed by 'a.o'.  Stop.\n", "make: *** No rule to make target"),
        ("../meson.build:1:0: ERROR: Program 'swig' not found or not executable\n", "../meson.build:1:0: ERROR: "),
    ],
    ids=["distutils", "Python", "configure", "ninja", "make", "Meson"],
)
def test_what_is_missing_leads(printed: str, first: str) -> None:
    shown = excerpt(printed)
    assert shown.startswith(first)
    assert all(line in shown for line in printed.splitlines()[-1:])


COMPILED = "aarch64-linux-gnu-gcc … -c b.c"


@pytest.mark.parametrize(
    "said",
    [
        "cc1: out of memory allocating 65536 bytes after a total of 123456 bytes",
        "virtual memory exhausted: Cannot allocate memory",
        "aarch64-linux-gnu-gcc: fatal error: Killed signal terminated program cc1",
        "Segmentation fault (core dumped)",
        "cc1: fatal error: error closing /tmp/ccAbCdEf.s: No space left on device",
    ],
)
@pytest.mark.parametrize("stopped", [STOPPED, "error: command '/x/aarch64-linux-gnu-gcc' failed with exit code 1\n"])
def test_what_the_machine_lacks_leads(said: str, stopped: str) -> None:
    shown = excerpt(f"{DISTUTILS}{said}\n{stopped}").splitlines()
    assert shown[:-1] == [said, f"Failed command: {COMPILED}"]


@pytest.mark.parametrize(
    ("said", "stopped"),
    [
        ("/bin/sh: 1: protoc: not found", "error: command 'protoc' failed\n"),
        ("/bin/bash: line 1: protoc: command not found", "make: *** [Makefile:2: thing.pb.cc] Error 127\n"),
        ("/bin/sh: 1: ./generate: Exec format error", "make[1]: *** [Makefile:2: thing.pb.cc] Error 126\n"),
        ("make: protoc: No such file or directory", "make: *** [Makefile:2: thing.pb.cc] Error 127\n"),
    ],
)
def test_a_program_that_cannot_be_run_leads(said: str, stopped: str) -> None:
    printed = f"{DISTUTILS}protoc --cpp_out=. thing.proto\n{said}\n{stopped}"
    assert excerpt(printed) == f"{said}\n[{len(printed.splitlines()) - 2} lines omitted]"


def test_where_the_python_of_the_build_is_does_not_fill_the_screen() -> None:
    frame = '  File "/home/me/.cache/crossbuild/cross-python/e597f56de9/lib/python3.11/subprocess.py", line 1950, in x'
    shown = excerpt(f"{HOOK}{frame}\nFileNotFoundError: [Errno 2] No such file or directory: 'protoc'\n")
    assert '  File "…/lib/python3.11/subprocess.py", line 1950, in x' in shown.splitlines()


def test_a_program_that_make_did_without_is_not_the_reason() -> None:
    printed = f"/bin/sh: 1: git: not found\n{DISTUTILS}no table for it\nmake: *** [Makefile:2: all] Error 1\n"
    assert excerpt(printed).startswith("no table for it\nmake: *** [Makefile:2: all] Error 1\n")


def test_a_linker_that_was_killed_leads() -> None:
    killed = "collect2: fatal error: ld terminated with signal 9 [Killed]"
    command = ": && aarch64-linux-gnu-gcc -O3 -shared -o _b.so b.c.o && :"
    stopped = "compilation terminated.\nninja: build stopped: subcommand failed.\n"
    shown = excerpt(f"[2/2] Linking C shared module _b.so\nFAILED: _b.so \n{command}\n{killed}\n{stopped}")
    assert shown == f"{killed}\nFailed command: aarch64-linux-gnu-gcc … -o _b.so\n[5 lines omitted]"


@pytest.mark.parametrize("called", ["aarch64-linux-gnu-gcc -shared -o _b.so b.o", ": && cc -shared -o _b.so b.o && :"])
def test_what_an_unknown_linker_said_leads(called: str) -> None:
    said = "mold: fatal: library not found: thing\ncollect2: error: ld returned 1 exit status\n"
    shown = excerpt(f"{DISTUTILS}FAILED: [code=1] _b.so\n{called}\n{said}ninja: build stopped: subcommand failed.\n")
    assert shown.startswith(f"{said}Failed command: ")


def test_all_of_the_message_of_an_exception_is_shown() -> None:
    message = "RuntimeError: The configuration is invalid:\n  - project must contain ['version'] properties\n"
    assert message in excerpt(f"{DISTUTILS}{HOOK}{message}")


def test_a_command_that_is_quoted_has_its_output_once() -> None:
    assert shortened("cc -shared -o a.so a.o", ["FAILED: a.so", "cc -shared -o a.so a.o"]) == "cc -shared … -o a.so"


def test_what_more_a_configuring_tool_says_is_part_of_its_error() -> None:
    more = 'The following exception(s) were encountered:\nRunning `cython -V` gave "No such file or directory"\n'
    error = "../meson.build:1:0: ERROR: Unknown compiler(s): [['cython']]\n"
    assert excerpt(f"Version: 1.11.1\n{error}{more}\nA full log can be found at /x\n").startswith(f"{error}{more}[")


def test_the_command_of_the_rust_linker_is_left_out() -> None:
    command = " ".join(f'"/x/target/release/deps/thing-{n:016x}.rcgu.o"' for n in range(99))
    error = "error: linking with `aarch64-linux-gnu-gcc` failed: exit status: 1\n  |\n"
    notes = (
        "  = note: some arguments are omitted. use `--verbose` to show all linker arguments\n"
        "  = note: /usr/bin/ld: cannot find -lssl: No such file or directory\n"
        "          collect2: error: ld returned 1 exit status\n"
    )
    stopped = "error: could not compile `thing` (lib) due to 1 previous error\n💥 maturin failed\n"
    shown = excerpt(f'   Compiling thing v0.1.0\n{error}  = note:  "cc" {command}\n{notes}\n{stopped}')
    assert shown == f"{error}{''.join(notes.splitlines(keepends=True)[1:])}[5 lines omitted]"


def test_that_a_frontend_stopped_for_it_is_no_news() -> None:
    stopped = '💥 maturin failed\n  Caused by: Cargo build finished with "exit status: 101": `cargo rustc --release`\n'
    assert excerpt(f"{CARGO}{stopped}") == SHOWN["Cargo"][1].rstrip("\n").replace("[4 ", "[6 ")
