"""What a user is shown of a failed build's output. The texts are what the tools printed, shortened."""

from __future__ import annotations

import time

import pytest

from crossbuild.system.excerpt import excerpt

MANY = "".join(f"{n}.c:{n}:1: error: unknown type name 'thing_{n}'\n{n} | thing_{n} x;\n  | ^~~~\n" for n in range(40))
PLAIN = "".join(f"something about the file {n}\n" for n in range(60))
GCC = """\
In file included from src/a.h:3,
                 from src/m.c:1:
src/b.h:3:2: error: #error "it needs libthing 3.0 or later"
    3 | #error "it needs libthing 3.0 or later"
      |  ^~~~~
"""
TEMPLATE = """\
In file included from src/m.cpp:1:
src/thing.hpp: In instantiation of 'struct thing<int>':
src/m.cpp:9:5:   required from here
src/thing.hpp:3:3: error: static assertion failed: it needs libthing 3.0 or later
"""
CLANG = """\
src/m.c:3:2: error: "it needs libthing 3.0 or later"
    3 | #error "it needs libthing 3.0 or later"
      |  ^
"""
COLOURED = "\x1b[01m\x1b[Ksrc/m.c:3:2:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kit needs libthing 3.0\n"
LINKER = """\
/usr/bin/ld: build/m.o: in function `PyInit_m':
m.c:(.text+0x14): undefined reference to `thing_open'
collect2: error: ld returned 1 exit status
"""
OPTION = """\
/usr/bin/aarch64-linux-gnu-ld: unrecognized option '--thing'
/usr/bin/aarch64-linux-gnu-ld: use the --help option for usage information
collect2: error: ld returned 1 exit status
"""
LLD = "ld.lld: error: undefined symbol: thing_open\n>>> referenced by m.c\n"
CANNOT_FIND = """\
/usr/bin/ld: cannot find -lthing: No such file or directory
collect2: error: ld returned 1 exit status
"""
ASSEMBLER = """\
m.c: In function `m':
/tmp/ccB2cdEf.s: Assembler messages:
/tmp/ccB2cdEf.s:12: Error: selected processor does not support `dmb'
"""
PIPED = """\
{standard input}: Assembler messages:
{standard input}:12: Error: selected processor does not support `dmb'
"""
CARGO = """\
error[E0433]: failed to resolve: use of undeclared crate or module `thing`
 --> src/lib.rs:3:5
  |
3 |     thing::open();
  |     ^^^^^ use of undeclared crate or module `thing`
"""
RUSTC = "error: expected one of `!` or `::`, found `thing`\n --> src/lib.rs:3:5\n  |\n"
BUILD_SCRIPT = "error: failed to run custom build command for `thing-sys v1.0.0`\n\nCaused by:\n  process didn't exit\n"
CC_CRATE = "  cargo:warning=src/m.c:3:2: error: it needs libthing 3.0\n".lstrip()
FORTRAN = """\
src/m.f90:3:9:

    3 |     use thing
      |         1
Fatal Error: Cannot open module file 'thing.mod' for reading at (1): No such file or directory
compilation terminated.
"""
CYTHON = """\
Error compiling Cython file:
------------------------------------------------------------
...
from libc.stdlib cimport malloc


cdef class Thing:
    cdef thing_t *own
         ^
------------------------------------------------------------

src/m.pyx:5:9: 'thing_t' is not a type identifier
"""
SWIG = "src/m.i:3: Error: Unable to find 'thing.i'\n"
CMAKE = """\
CMake Error at CMakeLists.txt:3 (message):
  it needs libthing 3.0 or later


Call Stack (most recent call first):
  CMakeLists.txt:9 (need)
"""
MESON = '../meson.build:3:0: ERROR: Dependency "thing" not found, tried pkgconfig\n'
SUBPROJECT = "subprojects/thing/meson.build:3:0: ERROR: Problem encountered: it needs libthing 3.0\n"
CONFIGURE = "configure: error: it needs libthing 3.0 or later\nSee `config.log' for more details\n"
MAKE = "thing-config: it needs a directory\nmake[1]: *** [Makefile:3: thing.h] Error 1\nmake: *** [all] Error 2\n"
NO_RULE = "make: *** No rule to make target 'thing.h', needed by 'm.o'.  Stop.\n"
NINJA = "FAILED: thing.h \npython gen.py --long option\nthing: it needs a directory\n"
TRACEBACK = """\
Traceback (most recent call last):
  File "setup.py", line 3, in <module>
    open_thing()
  File "thing.py", line 7, in open_thing
    raise ValueError("it needs libthing 3.0")
ValueError: it needs libthing 3.0
"""
TOOL = "gcc: error: unrecognized command-line option '-mthing'\n"
PREPROCESSOR = "cc1: fatal error: thing.c: No such file or directory\ncompilation terminated.\n"
ICE = "src/m.c:3:2: internal compiler error: Segmentation fault\n"
PROTOC = "thing.proto:3.1-7: error: it needs a package\n"

ERRORS = {
    name: value
    for name, value in list(globals().items())
    if name.isupper() and name not in {"MANY", "PLAIN"} and isinstance(value, str)
}

FOLDED = {
    "collect2: error: ld returned 1 exit status",
    "compilation terminated.",
    "make: *** [all] Error 2",
    *NINJA.splitlines()[:2],
}
"""What adds nothing to the error, or is shown in another way."""


@pytest.mark.parametrize("behind", [MANY, PLAIN], ids=["errors", "words"])
@pytest.mark.parametrize("before", ["", PLAIN], ids=["first", "later"])
@pytest.mark.parametrize("name", ERRORS)
def test_the_first_error_and_the_end(name: str, before: str, behind: str) -> None:
    error, behind = ERRORS[name], PLAIN if name == "NINJA" else behind
    shown = excerpt(f"{before}{error}{behind}the end\n")
    for line in filter(str.strip, error.splitlines()[-8:]):
        assert line in shown.splitlines() or line in FOLDED
    assert shown.endswith("the end")
    assert " lines omitted]\n" in shown
    assert len(shown.splitlines()) <= 26
    assert sum(line in shown for line in PLAIN.splitlines()[:40]) <= (4 if behind == MANY else 8)


REASON = 'src/m.c:3:2: error: #error "it needs libthing 3.0"\n'
CC = "aarch64-linux-gnu-gcc -O2 -c {0}.c -o build/{0}.o\n"

SURVIVED = {
    "a question of configure's": "checking for thing... conftest.c:3:2: error: no thing\nno\n",
    "a program that configure asks": "checking for it...\nerror: invalid option, no thing\nno\nchecking for x... no\n",
    "a flag that configure tries": "gcc: error: unrecognized command-line option '-mthing'\nchecking for more... no\n",
    "a source that configure tries": "confdefs.c:3:2: error: no thing\nchecking for more... no\n",
    "a configure script": f"configure: error: no thing\nchecking for more... no\n{CC.format('a')}",
    "a question of distutils'": "_configtest.c:1:2: error: no thing\nfailure.\n",
    "a question of setup.py's": "cargo:warning=/tmp/tmpab12cd34/flagcheck.cpp:1:1: error: no thing\n",
    "a function that setup.py looks for": (
        "gcc -c /tmp/thingabc12def.c -o /tmp/tmpab12cd34/thing.o\n"
        "/tmp/thingabc12def.c:3:5: error: no thing\n"
        "/usr/bin/ld: /tmp/ccAbCdEf.o: in function `main':\nthing.c:(.text+0x1): undefined reference to `thing'\n"
        "collect2: error: ld returned 1 exit status\n"
    ),
    "a question of CMake's": "/x/CMakeFiles/CMakeScratch/TryCompile-abc/src.c:3:2: error: no thing\n",
    "a question of Meson's": "/x/meson-private/tmpabc/testfile.c:3:2: error: no thing\n",
    "a generator of CMake's": f"CMake Error: no thing\n-- Configuring done (0.1s)\n{CC.format('a')}",
    "an optional extension": (
        f"building 'fast' extension\n{CC.format('fast')}fast.c:3:2: error: no thing\n"
        "warning: build_ext: building extension \"fast\" failed: command 'gcc' failed with exit code 1\n"
    ),
    "a command of setup.py's": "fast.c:3:2: error: no thing\nmake: *** [fast.o] Error 1\nrunning build_ext\n",
    "an ignored recipe": f"thing: error: no thing\nmake: [Makefile:3: x] Error 1 (ignored)\n{CC.format('a')}",
    "an ignored stop": f"thing: error: no thing\nmake: *** [Makefile:3: x] Error 1 (ignored)\n{CC.format('a')}",
    "a traceback": f'Traceback (most recent call last):\n  File "x"\nValueError: no thing\n{CC.format("a")}',
    "a message": f"error: no thing\ncopying a.py -> build\n{CC.format('a')}",
    "words": (
        "gcc -Werror=format -DTHING='error: no thing' -c error.c -o error.o\n"
        "error.c:3:2: warning: the error: no thing [-Werror=format]\n0 errors, 3 warnings: no thing\n"
        "a.c:3:2: note: error: no thing\nRunning the error tests: no thing\n  error: no thing, indented\n"
        "thing.c:3: warning: error in thing: no thing\nerrors: no thing\n[3/9] Building C object error.c.o: no thing\n"
    ),
}


@pytest.mark.parametrize(
    "end", ["", "make: *** [Makefile:3: m.o] Error 1\n", "error: command 'gcc' failed with exit code 1\n"]
)
@pytest.mark.parametrize("name", SURVIVED)
def test_what_the_build_got_over_is_not_its_error(name: str, end: str) -> None:
    """A compiler's message without a place is the reason if it is the last word before make stops."""
    shown = excerpt(f"{PLAIN}{SURVIVED[name]}{PLAIN}{CC.format('m')}{REASON}{MANY}{end}")
    assert REASON.strip() in shown.splitlines()
    assert "no thing" not in shown


@pytest.mark.parametrize("name", SURVIVED)
def test_of_an_output_without_an_error_the_end_is_shown(name: str) -> None:
    shown = excerpt(f"{PLAIN}{SURVIVED[name]}{PLAIN}")
    omitted, *end = shown.splitlines()
    assert end == PLAIN.splitlines()[-20:]
    assert omitted.endswith(" lines omitted]")


def test_parallel_make() -> None:
    """Other commands begin, and warn, while the first one fails."""
    between = "".join(f"{CC.format(n)}{n}.c:3:2: warning: unused\n" for n in range(20))
    error = "make[2]: *** [Makefile:9: b.o] Error 1\nmake[2]: *** Waiting for unfinished jobs....\n"
    shown = excerpt(f"{between}{CC.format('b')}{REASON}{between}{error}{between}make: *** [all] Error 2\n")
    assert shown.startswith(REASON)
    tool = "generate: error: it needs libthing 3.0\n"
    shown = excerpt(f"{between}{tool}{CC.format('x') * 20}{error}{between}make: *** [all] Error 2\n")
    assert shown.startswith(tool)


def test_parallel_ninja() -> None:
    steps = "".join(f"[{n}/99] Building C object {n}.c.o\n{n}.c:3:2: warning: unused\n" for n in range(20))
    failed = f"FAILED: m.o \ncc {'-Ia ' * 40} -c ../src/m.c -o m.o\n{GCC}"
    shown = excerpt(f"{steps}{failed}{steps}FAILED: z.o \ncc -c z.c\n{MANY}ninja: build stopped: subcommand failed.\n")
    assert shown.startswith(f"{GCC}Failed command: cc … -c ../src/m.c\n[")
    assert shown.endswith(" lines omitted]"), "that ninja stopped is no news"


@pytest.mark.parametrize(
    "end",
    ["command '/x/gcc' failed with exit code 1", "Command '['/x/gcc', '-c']' returned non-zero exit status 1."],
)
def test_the_command_that_made_distutils_stop(end: str) -> None:
    trial = f"{CC.format('trial')}trial.c:3:2: error: no thing\n{PLAIN}"
    shown = excerpt(f"{trial}{CC.format('m')}{REASON}{MANY}error: {end}\n")
    assert shown.startswith(f"{REASON}0.c")


def test_a_short_output_without_an_error_in_known_words_is_shown_whole() -> None:
    assert excerpt("a\n\n" + "d\n" * 19) == "a\n" + "\n".join("d" * 19)
    assert excerpt("") == ""


def test_what_is_shown_twice_is_shown_once() -> None:
    lines = excerpt(f"{'x' * 9}\n{REASON}" + "".join(f"line {n}\n" for n in range(30))).splitlines()
    assert len(lines) == len(set(lines))


def test_the_root_of_a_chain_of_exceptions() -> None:
    frames = "".join(f'  File "x{n}.py", line {n}\n' for n in range(9))
    another = (
        "\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n"
        f"{frames}OSError: again\n"
    )
    shown = excerpt(f"{PLAIN}{TRACEBACK}{another * 9}")
    assert "ValueError: it needs libthing 3.0" in shown.splitlines()


def test_a_long_output_takes_no_time() -> None:
    noise = "x" * 3000 + ": warning: something\n" + "a.c:3:2: warning: error\n" * 20
    started = time.process_time()
    shown = excerpt(f"{noise * 3000}{REASON}{MANY * 100}")
    assert time.process_time() - started < 10
    assert REASON.strip() in shown


def test_what_make_could_not_make() -> None:
    """A script asked the compiler by itself before."""
    question = f"{CC.format('probe')}probe.c:3:2: error: no thing\n"
    stop = "make: *** [Makefile:3: src/m.o] Error 1\n"
    shown = excerpt(f"{question}{PLAIN}{CC.format('m')}{REASON}{MANY}{stop}")
    assert shown.startswith(REASON)
    header = REASON.replace("m.c", "m.h")
    shown = excerpt(f"{question}{PLAIN}In file included from src/m.c:1:\n{header}{MANY}{stop}")
    assert shown.startswith(f"In file included from src/m.c:1:\n{header}")
    shown = excerpt(f"{REASON}{MANY}{stop.replace('m.o', 'all')}")
    assert shown.startswith(REASON), "if it says nothing of the sort, the first error is it"


def test_what_ninja_could_not_make() -> None:
    shown = excerpt(f"probe.c:3:2: error: no thing\n{PLAIN}FAILED: m.o \ncc -c m.c\n{REASON}{MANY}")
    assert shown.startswith(REASON)
