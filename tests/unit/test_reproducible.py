"""Two builds of one wheel: in what they differ, and why."""

from __future__ import annotations

import shutil
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import BackendError
from crossbuild.reproducible.again import restrict_permissions
from crossbuild.reproducible.causes import Circumstances, cause
from crossbuild.reproducible.compare import Difference, compare_wheels
from crossbuild.reproducible.names import with_fixed_names, write_fixed_names
from crossbuild.reproducible.report import different, failed
from crossbuild.wheels.wheel_contents import read_wheel
from tests.unit.wheel_samples import make_elf, make_wheel
from tests.wrong_wheels.changes import ABOUT, rewritten

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"probe/__init__.py": b"x = 1\n", "probe/x.so": make_elf(constants=b"one")}
NAMES = {"the home directory": ("/home/a", "/b"), "the name of the user": ("a", "b"), "the number of CPUs": ("8", "7")}
FIRST, SECOND = b"/tmp/crossbuild-0123456789ab", b"/tmp/crossbuild-ab0123456789/in-another-place"


def two(tmp_path: Path, changed: dict[str, bytes]) -> tuple[Path, Path]:
    """Make two wheels of one name, the second with the files ``changed``."""
    made = []
    for place, files in (("first", FILES), ("second", {**FILES, **changed})):
        (tmp_path / place).mkdir()
        made.append(make_wheel(tmp_path / place, {name: content for name, content in files.items() if content}))
    return made[0], made[1]


def places(first: Path, second: Path) -> list[tuple[str, str, str]]:
    return [(one.member, one.part, one.what) for one in compare_wheels(first, second)]


# --- In what they differ ---------------------------------------------------------------------------------------------


def test_two_wheels_with_the_same_bytes_have_no_difference(tmp_path: Path) -> None:
    assert places(*two(tmp_path, {})) == []


def test_of_a_text_the_line_is_named_and_record_is_not(tmp_path: Path) -> None:
    found = places(*two(tmp_path, {"probe/__init__.py": b"x = 2\n"}))
    assert found == [("probe/__init__.py", "line 1", "differs")]


@pytest.mark.parametrize(("content", "place"), [(b"\0\1\3", "byte 2"), (b"\0\1\2\3", "byte 3"), (b"\0", "byte 1")])
def test_of_other_files_the_byte_is_named(tmp_path: Path, content: bytes, place: str) -> None:
    first, second = two(tmp_path, {})
    rewritten(first, more={"probe/data": b"\0\1\2"})
    rewritten(second, more={"probe/data": content})
    assert ("probe/data", place, "differs") in places(first, second)


def test_of_an_elf_file_the_section_is_named(tmp_path: Path) -> None:
    found = compare_wheels(*two(tmp_path, {"probe/x.so": make_elf(constants=b"two")}))
    assert [(one.part, one.first, one.second) for one in found] == [(".rodata", b"one", b"two")]


def test_a_section_that_only_one_has_is_named(tmp_path: Path) -> None:
    found = places(*two(tmp_path, {"probe/x.so": make_elf(constants=b"one", offers=("V1",))}))
    assert ("probe/x.so", ".gnu.version_d", "is only in one of them") in found


def test_of_an_elf_file_without_sections_the_byte_is_named(tmp_path: Path) -> None:
    first, second = two(tmp_path, {"probe/x.so": make_elf(constants=b"two", sections_stripped=True)})
    ((member, part, _),) = places(first, second)
    assert (member, part.partition(" ")[0]) == ("probe/x.so", "byte")


def test_a_file_that_only_one_has_is_named(tmp_path: Path) -> None:
    first, second = two(tmp_path, {"probe/new.py": b"1", "probe/__init__.py": b""})
    expected = [
        ("probe/__init__.py", "", "is only in the first wheel"),
        ("probe/new.py", "", "is only in the second wheel"),
    ]
    assert places(first, second) == expected


def test_permissions_are_compared(tmp_path: Path) -> None:
    def execute(info: zipfile.ZipInfo) -> None:
        info.external_attr = (stat.S_IFREG | 0o755) << 16

    first, second = two(tmp_path, {})
    found = places(first, rewritten(second, each=execute))
    assert ("probe/x.so", "", "has the permissions 644, then 755") in found


def test_times_are_compared(tmp_path: Path) -> None:
    def date(info: zipfile.ZipInfo) -> None:
        info.date_time = (2001, 1, 1, 0, 0, 0)

    first, second = two(tmp_path, {})
    found = places(first, rewritten(second, each=date))
    assert ("probe/x.so", "", "has the time 2020-02-02 02:02:02, then 2001-01-01 00:00:00") in found


def test_archives_that_are_put_together_differently_are_not_the_same(tmp_path: Path) -> None:
    def comment(info: zipfile.ZipInfo) -> None:
        info.comment = b"again"

    first, second = two(tmp_path, {})
    assert places(first, rewritten(second, each=comment)) == [("", "", "is put together differently")]


def test_another_name_is_a_difference(tmp_path: Path) -> None:
    first, second = two(tmp_path, {"probe/__init__.py": b"2"})
    named = second.rename(second.with_name(second.name.replace("cp311-cp311", "cp311-none")))
    assert places(first, named)[0] == ("", "", f"is named {first.name}, then {named.name}")


# --- Why -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (b"x\0" + FIRST + b"/a.c\0", b"x\0" + SECOND + b"/a.c\0", "the build directory"),
        (b"home = '/home/a'", b"home = '/b'", "the home directory"),
        (b"x\0" + FIRST, b"x\0/root", ""),
        (b"built by a", b"built by b", "the name of the user"),
        (b"cpus = 8", b"cpus = 7", "the number of CPUs"),
        (b"built 2026-11-30", b"built 2026-12-01", "the time of the build"),
        (b"Nov 30 2026 10:20:30", b"Nov 30 2026 10:20:33", "the time of the build"),
        (b"time = 1795000000", b"time = 1795000031", "the time of the build"),
        (b"first\nsecond\nthird\n", b"second\nfirst\nthird\n", "the order of what is in it"),
        (b"x = 0.51262", b"x = 0.25161", ""),
        (b"serial 1795000000", b"serial 1600000000", ""),
        (b"a whole file", b"", ""),
    ],
)
def test_the_cause_is_what_the_builds_had_different(first: bytes, second: bytes, expected: str) -> None:
    difference = Difference(member="a.py", part="line 1", first=first, second=second)
    assert cause(difference, Circumstances(names=NAMES)) == expected


def test_numbers_in_machine_code_are_no_cause() -> None:
    difference = Difference(member="a.so", part=".text", first=b"\x018\x02", second=b"\x017\x02")
    assert cause(difference, Circumstances(names=NAMES)) == ""


# --- What a user hears -----------------------------------------------------------------------------------------------


def said(tmp_path: Path, differences: list[Difference], path: str = "") -> str:
    (tmp_path / "first").mkdir(exist_ok=True)
    first, second = tmp_path / "first/a.whl", tmp_path / "second/a.whl"
    return str(different(first, second, differences, Circumstances(names=NAMES), {"PATH": path}))


def test_the_error_names_each_file_with_its_parts_and_the_causes_that_are_known(tmp_path: Path) -> None:
    parts = {".dynsym": (b"1", b"2"), ".text": (b"1", b"2"), ".data": (b"1", b"2"), ".got": (b"1", b"2")}
    parts |= {".rodata": (FIRST, SECOND)}
    found = [Difference(member="a.so", part=part, first=one, second=two) for part, (one, two) in parts.items()]
    found.append(Difference(member="b.py", what="is only in the first wheel"))
    assert said(tmp_path, found).splitlines() == [
        "a.whl is not reproducible: a second build gave other bytes, so it is not delivered.",
        "a.so differs in .rodata, .dynsym, .text, .data and 1 more: the build directory",
        "b.py is only in the first wheel",
        "Look for what wrote these files: nothing in them may depend on where and when they were made.",
        f"With diffoscope, which shows all differences: diffoscope {tmp_path}/first/a.whl {tmp_path}/second/a.whl",
    ]


def test_what_to_do_about_a_time_is_known(tmp_path: Path) -> None:
    found = [Difference(member="a.py", part="line 1", first=b"2026-11-30", second=b"2026-12-01")]
    assert "Let the project use SOURCE_DATE_EPOCH" in said(tmp_path, found)


def test_of_many_files_some_are_named(tmp_path: Path) -> None:
    told = said(tmp_path, [Difference(member=f"{number:02}.py") for number in range(25)])
    assert "19.py differs\nand 5 more files\n" in told


def test_diffoscope_is_run_where_there_is_one(tmp_path: Path) -> None:
    program = tmp_path / "diffoscope"
    program.write_text('#!/bin/sh\n/bin/echo "$@" >"$2"\nexit 1\n')
    program.chmod(0o755)
    told = said(tmp_path, [Difference(member="a.py")], path=str(tmp_path))
    report = tmp_path / "diffoscope.txt"
    assert told.endswith(f"diffoscope has written down all differences: {report}")
    assert report.read_text() == f"--text {report} {tmp_path}/first/a.whl {tmp_path}/second/a.whl\n"


def test_a_second_build_that_fails_says_that_it_was_the_second(tmp_path: Path) -> None:
    error = BackendError("Could not build thing.", why="No such file: /root")
    error.kept = tmp_path
    refusal = failed("thing 1.0", error)
    assert "could not be built a second time" in refusal.what
    assert "No such file: /root" in refusal.why
    assert refusal.kept == tmp_path


# --- Names and permissions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("path = '{build}/venv/bin/python'", "path = '/crossbuild/venv/bin/python'"),
        ("{build}", "/crossbuild"),
        ("-I{build}/include -isystem{build}/x", "-I/crossbuild/include -isystem/crossbuild/x"),
        ("dir={build}.", "dir=/crossbuild."),
        ("{build}-tests/a {build}.cache/b", "{build}-tests/a {build}.cache/b"),
        ("/mnt{build}/a", "/mnt{build}/a"),
        ("{build}/cache/x", "/crossbuild/cache/x"),
        ("{build}\0", "{build}\0"),
    ],
)
def test_directories_of_this_machine_get_fixed_names_in_text(tmp_path: Path, text: str, expected: str) -> None:
    build = tmp_path / "build"
    names = {build: "/crossbuild", build / "cache": "/crossbuild/cache"}
    done = with_fixed_names(text.format(build=build).encode(), names)
    assert done.decode() == expected.format(build=build)


def test_a_wheel_with_fixed_names_is_well_formed(tmp_path: Path) -> None:
    config = f"python = '{tmp_path}/x/bin/python'\n".encode()
    wheel = make_wheel(tmp_path, {**FILES, "probe/config.py": config})
    write_fixed_names(wheel, {tmp_path / "x": "/crossbuild"})
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("probe/config.py") == b"python = '/crossbuild/bin/python'\n"
    assert not read_wheel(wheel).problems
    assert f"{ABOUT}/RECORD" in zipfile.ZipFile(wheel).namelist()


def test_a_tree_gets_the_permissions_of_a_private_checkout(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "a").mkdir(parents=True, mode=0o755)
    for name, mode in (("a/run", 0o775), ("text", 0o664)):
        (tree / name).touch()
        (tree / name).chmod(mode)
    (tree / "link").symlink_to(tmp_path)
    before = stat.S_IMODE(tmp_path.stat().st_mode)
    restrict_permissions(tree)
    modes = {name: stat.S_IMODE((tree / name).stat().st_mode) for name in ("a", "a/run", "text")}
    assert modes == {"a": 0o700, "a/run": 0o700, "text": 0o600}
    assert stat.S_IMODE(tmp_path.stat().st_mode) == before
    shutil.rmtree(tree)
