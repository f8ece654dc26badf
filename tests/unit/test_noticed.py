"""What was noticed while a build ran, as its user reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.advice.host_code import Use, host_code_lines
from crossbuild.advice.host_code_used import NOTICED, Question, noticed_warnings, read_questions, read_uses

if TYPE_CHECKING:
    from pathlib import Path

READ = Question(kind="read", subject="/usr/include/linux/input.h", who="setup.py, line 3")
ASKED = Question(kind="asked", subject="os.sysconf('SC_PAGE_SIZE')", who="setup.py, line 4")


def write(record: Path, *notices: tuple[str, str, str]) -> None:
    text = "".join("\0".join((*notice, "/b/project")) + "\0" for notice in notices)
    (record / NOTICED).write_text(text)


def test_nothing_noticed_is_nothing_to_say(tmp_path: Path) -> None:
    assert (read_uses(tmp_path), read_questions(tmp_path)) == ((), ())
    assert list(noticed_warnings((), (), has_root=True)) == []


def test_of_two_notices_of_a_program_the_one_with_a_line_of_code_is_told(tmp_path: Path) -> None:
    write(tmp_path, ("ran", "/b/probe", "python setup.py"), ("ran", "/b/probe", "setup.py, line 9"))
    assert read_uses(tmp_path) == (Use(verb="ran", file="/b/probe", who="setup.py, line 9"),)


def test_a_configure_script_may_ask_once_whether_it_cross_compiles(tmp_path: Path) -> None:
    once = ("ran", "/b/conftest", "sh ./configure")
    write(tmp_path, once)
    assert read_uses(tmp_path) == ()
    write(tmp_path, once, once)
    assert [use.name for use in read_uses(tmp_path)] == ["conftest"]


def test_a_warning_names_file_caller_and_way_out() -> None:
    uses = [
        Use(verb="ran", file="/b/probe", who="make all"),
        Use(verb="imported", file="/b/one.so", who="a.py, line 3"),
    ]
    (warning,) = noticed_warnings(uses, (), has_root=True)
    assert warning.startswith(
        "The build ran probe (make all) and imported one.so (a.py, line 3), which are for the host"
    )
    assert "-C NAME=VALUE" in warning
    (warning,) = noticed_warnings(uses[:1], (), has_root=True)
    assert warning.startswith("The build ran probe (make all), which is for the host, on this machine.")


def test_questions_that_a_root_would_answer_come_with_how_to_give_one() -> None:
    (warning,) = noticed_warnings((), [READ, ASKED], has_root=False)
    assert "/usr/include/linux/input.h (setup.py, line 3) and os.sysconf('SC_PAGE_SIZE') (setup.py, line 4)" in warning
    assert "--sysroot" in warning
    for questions, has_root in (([ASKED], False), ([READ], True)):
        (warning,) = noticed_warnings((), questions, has_root=has_root)
        assert "--sysroot" not in warning
        assert 'sys, "cross_compiling"' in warning


def test_a_file_that_is_read_by_several_lines_is_named_once() -> None:
    again = Question(kind="read", subject=READ.subject, who="generate.py, line 1")
    (warning,) = noticed_warnings((), [READ, again, ASKED], has_root=False)
    assert f"host: {READ.subject} (setup.py, line 3) and {ASKED.subject} (setup.py, line 4)." in warning


def test_many_are_not_all_listed() -> None:
    uses = [Use(verb="ran", file=f"probe{number}", who="make") for number in range(20)]
    (warning,) = noticed_warnings(uses, (), has_root=True)
    assert "probe5 (make) and 14 more, which are" in warning


def test_a_failed_build_hears_of_what_was_noticed_too() -> None:
    noticed = [Use(verb="loaded", file="/usr/lib/libiio.so.0", who="setup.py, line 14")]
    first, fix = host_code_lines("OSError: libiio.so.0: cannot open shared object file\n", (), noticed)
    assert first == (
        "The build loaded libiio.so.0, which is for the host and cannot run on this machine (in setup.py, line 14)."
    )
    assert "option" in fix


def test_what_the_output_says_as_well_is_told_once() -> None:
    noticed = [Use(verb="ran", file="/b/gen", who="make all")]
    told = host_code_lines("sh: 1: ./gen: Exec format error\n", {"gen"}, noticed)
    assert [line for line in told if " ran gen" in line] == [
        "The build ran gen, which is for the host and cannot run on this machine (make all)."
    ]
