"""What a build used of what it had built for the host: its output is what tools print, word for word."""

from __future__ import annotations

import pytest

from crossbuild.advice.host_code import HostCode, Use, host_code_lines

IMPORTED = """\
FAILED: module.pyi
Traceback (most recent call last):
  File "/b/build-venv/lib/python3.11/site-packages/generator/stubs.py", line 1680, in main
    imported = importlib.import_module(name)
  File "/c/lib/python3.11/importlib/__init__.py", line 126, in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
  File "<frozen importlib._bootstrap>", line 1204, in _gcd_import
ModuleNotFoundError: No module named 'package.module'
ninja: build stopped: subcommand failed.
"""
FROM_PACKAGE = "ImportError: cannot import name 'module' from 'package' (/b/source/package/__init__.py)\n"
NOT_OPENED = "ImportError: /b/module.abi3.so: cannot open shared object file: No such file or directory\n"
WRONG_CLASS = "OSError: /b/libone.so: wrong ELF class: ELFCLASS32\n"
WRONG_ORDER = "ImportError: /b/module.so: ELF file data encoding not little-endian\n"


def told(output: str, *made: str) -> str:
    return "\n".join(host_code_lines(output, made))


@pytest.mark.parametrize(
    ("output", "made"),
    [
        (IMPORTED, "module.cpython-311-aarch64-linux-gnu.so"),
        (IMPORTED, "module.abi3.so"),
        (FROM_PACKAGE, "module.so"),
        (NOT_OPENED, "module.abi3.so"),
        (WRONG_CLASS, "libone.so"),
        (WRONG_ORDER, "module.so"),
        ("/bin/sh: 1: ./gen: Exec format error\n", "gen"),
        ("/bin/sh: 1: /b/build/gen: Exec format error\n", "gen"),
        ("bash: ./gen: cannot execute binary file: Exec format error\n", "gen"),
        ("OSError: [Errno 8] Exec format error: './gen'\n", "gen"),
        ('./gen: 1: Syntax error: "(" unexpected\n', "gen"),
        ("/bin/sh: 1: gen: not found\n", "gen"),
        ("/bin/sh: line 1: gen: command not found\n", "gen"),
    ],
)
def test_use_of_what_was_made_for_the_host_is_named(output: str, made: str) -> None:
    assert f" {made}, which is for the host and cannot run on this machine" in told(output, "other.so", made)
    assert "cmake.define" in told(output, made)
    assert told(output, "other.so", "modul.so", "generator") == ""


def test_who_imported_it_is_named() -> None:
    assert "(in generator/stubs.py, line 1680)" in told(IMPORTED, "module.so")


def test_what_is_said_often_is_told_once() -> None:
    assert len(host_code_lines(NOT_OPENED * 3, {"module.abi3.so"})) == 2


def test_cmakes_questions_to_the_host_come_with_where_to_answer() -> None:
    question = (
        "CMake Error: {} invoked in cross-compiling mode, please set the following cache variables appropriately:\n"
    )
    output = question.format("TRY_RUN()") + "\n   HAVE_LUCK_EXITCODE (advanced)\n For details see x\n"
    output += question.format("try_run()") + "\n   R (advanced)\n   R__TRYRUN_OUTPUT (advanced)\n"
    text = told(output)
    assert "to learn HAVE_LUCK_EXITCODE, R, R__TRYRUN_OUTPUT." in text
    assert "-C cmake.define.HAVE_LUCK_EXITCODE=… -C cmake.define.R=…" in text


def test_mesons_refusal_to_run_a_program_is_put_into_words() -> None:
    refusal = "ERROR: An exe_wrapper is needed for /b/gen but was not found. Please define one in cross file and check"
    text = told(f"\n../meson.build:9:8: {refusal} the command and/or add it to PATH.\n")
    assert "Meson would run gen, which is for the host and cannot run on this machine." in text
    assert "native: true" in text


def test_mesons_refusal_to_run_a_test_is_put_into_words() -> None:
    text = told("../meson.build:88:2: ERROR: Can not run test applications in this cross environment.\n")
    assert "Meson would run a test program on the host (in ../meson.build, line 88)." in text
    assert "can_run_host_binaries" in text


def test_who_loaded_a_library_is_not_ctypes() -> None:
    output = (
        "Traceback (most recent call last):\n"
        '  File "/b/setup.py", line 12, in <module>\n'
        '  File "/c/lib/python3.11/ctypes/__init__.py", line 376, in __init__\n' + WRONG_CLASS
    )
    assert "(in /b/setup.py, line 12)" in told(output, "libone.so")


REFUSED_BY_CONFIGURE = """\
configure: error: in `/b/source/asking':
configure: error: cannot run test program while cross compiling
See `config.log' for more details
"""


def test_autoconfs_refusal_to_run_a_test_is_put_into_words() -> None:
    text = told(REFUSED_BY_CONFIGURE)
    assert text.startswith("A configure script would run a test program on the host.\n")
    assert "--env NAME=ANSWER" in text
    assert told("checking whether we can run test programs while cross compiling... no\n") == ""


@pytest.mark.parametrize(
    ("output", "level", "needed"),
    [
        (REFUSED_BY_CONFIGURE, "programs", "a test program of a configure script"),
        ("/bin/sh: 1: ./gen: Exec format error\n", "programs", "gen"),
        (
            "CMake Error: TRY_RUN() invoked in cross-compiling mode, please set\n   LUCK (advanced)\n   R (advanced)\n",
            "programs",
            "CMake's questions LUCK, R",
        ),
        ("ERROR: An exe_wrapper is needed for /b/gen but was not found.\n", "programs", "gen"),
        (
            "../meson.build:88:2: ERROR: Can not run test applications in this cross environment.\n",
            "programs",
            "a test program (../meson.build, line 88)",
        ),
        (IMPORTED, "python", "module.so (generator/stubs.py, line 1680)"),
        (WRONG_CLASS, "python", "libone.so"),
        ("ninja: build stopped: subcommand failed.\n", "none", ""),
    ],
)
def test_what_an_emulator_could_run(output: str, level: str, needed: str) -> None:
    code = HostCode.from_output(output, {"gen", "module.so", "libone.so"})
    assert (code.level, str(code)) == (level, needed)


def test_what_was_noticed_could_be_run_too() -> None:
    noticed = [Use(verb="ran", file="/b/probe", who="setup.py, line 3"), Use(verb="imported", file="/b/m.so")]
    code = HostCode.from_output("", (), noticed)
    assert (code.level, str(code)) == ("python", "probe (setup.py, line 3), m.so")
    assert HostCode.from_output("", (), noticed[:1]).level == "programs"


@pytest.mark.parametrize(
    ("output", "offered"),
    [
        (REFUSED_BY_CONFIGURE, "Add --emulate programs."),
        ("/bin/sh: 1: ./gen: Exec format error\n", "Add --emulate programs."),
        (
            "../meson.build:88:2: ERROR: Can not run test applications in this cross environment.\n",
            "Add --emulate programs.",
        ),
        (IMPORTED, "Add --emulate python."),
    ],
)
def test_an_emulator_is_offered_before_any_other_way_out(output: str, offered: str) -> None:
    _, second, *_ = host_code_lines(output, {"gen", "module.so"}, emulate="Add --emulate {}.")
    assert second == offered


def test_of_many_programs_the_first_are_named() -> None:
    noticed = [Use(verb="ran", file=f"/b/test{number}", who="make check") for number in range(9)]
    assert str(HostCode.from_output("", (), noticed)).endswith("test2 (make check), 6 more")
    *_, third, more, _ = host_code_lines("", (), noticed)
    assert "test2" in third
    assert more == "It used 6 more files that are for the host."


def test_no_emulator_is_offered_for_other_failures() -> None:
    assert host_code_lines("ninja: build stopped: subcommand failed.\n", {"gen"}, emulate="Add --emulate {}.") == ()
