"""What is said of builds in which files of the project itself were missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossbuild.advice.missing_parts import surroundings_lines

SUBMODULES = """\
[submodule "fmt"]
\tpath = extern/fmt
\turl = https://example.org/fmt.git
[submodule "there"]
\tpath = extern/there
\turl = ../there.git
"""
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
CMAKE = """\
CMake Error at CMakeLists.txt:3 (add_subdirectory):
  The source directory

    /tmp/crossbuild-1/source/home/me/thing/extern/fmt

  does not contain a CMakeLists.txt file.
"""
CHECK_OUT, PULL = "Type: git submodule update --init --recursive", "Type: git lfs pull"


def lines(output: str, sources: Path) -> tuple[str, ...]:
    return surroundings_lines(output, sources, sources / "home/me/thing/python")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    top = tmp_path / "home/me/thing"
    for name in (".git", "extern/fmt", "extern/there", "data"):
        (top / name).mkdir(parents=True)
    (top / "extern/there/a.h").touch()
    (top / ".gitmodules").write_text(SUBMODULES)
    (top / "data/table.h").write_text(POINTER)
    (top / "data/other.bin").write_text(POINTER)
    return tmp_path


@pytest.mark.parametrize(
    "output",
    [
        CMAKE,
        "gcc -Iextern/fmt/include -c a.c\na.c:1:10: fatal error: fmt/core.h: No such file or directory\n",
        "FileNotFoundError: [Errno 2] No such file or directory: '../extern/fmt/version.txt'\n",
        "RuntimeError: Please run git submodule update first.\n",
    ],
)
def test_a_missing_submodule_is_named(sources: Path, output: str) -> None:
    expected = ("extern/fmt is a submodule that is not checked out.", CHECK_OUT)
    assert lines(output, sources) == expected


def test_a_submodule_is_not_checked_out_in_an_archive(sources: Path) -> None:
    (sources / "home/me/thing/.git").rmdir()
    told = lines(CMAKE, sources)
    assert told[0] == "extern/fmt is a submodule that is not checked out."
    assert "sdist" in told[1]
    assert "git submodule" not in told[1]


@pytest.mark.parametrize(
    "output",
    [
        "data/table.h:1:1: error: unknown type name 'version'\n",
        "In file included from ../a.c:1:\n/tmp/x/data/table.h:1: error\n",
        'ld: "table.h": file format not recognized\n',
    ],
)
def test_a_pointer_of_git_lfs_is_named(sources: Path, output: str) -> None:
    expected = ("../data/table.h is a pointer of Git LFS: its content is missing.", PULL)
    assert lines(output, sources) == expected


def test_many_are_counted(sources: Path) -> None:
    for number in range(5):
        (sources / f"{number}.h").write_text(POINTER)
    told = lines("".join(f"{number}.h: error\n" for number in range(5)), sources)
    assert len(told) == 5
    assert told[3:] == ("So are 2 more.", PULL)


@pytest.mark.parametrize(
    ("why", "fix"),
    [
        ("is ignored by git", "Put what the build needs where git does not ignore it."),
        ("cannot be read", "Check its owner and its permissions."),
    ],
)
@pytest.mark.parametrize(
    "where",
    [
        "../core/generated",
        "../../../core/generated",
        "{}/home/me/thing/core/generated",
        "/home/me/thing/core/generated",
    ],
)
def test_what_was_not_copied_is_named(sources: Path, why: str, fix: str, where: str) -> None:
    told = f"Not copied: ../core/generated {why}\nNot copied: ../build {why}\n"
    missing = f"{where.format(sources)}/generated/config.h"
    output = f"python/build/temp\na.c:1: fatal error: {missing}: No such file or directory\n"
    assert lines(told + output, sources) == (f"../core/generated {why}, so the build had no copy of it. {fix}",)


@pytest.mark.parametrize(
    "output",
    [
        "a.c:1:1: error: unknown type name 'foo'\n",
        "extern/fmt2/a.h: No such file\n",
        "data/table.hpp: error\n",
        "some-table.h: error\n",
        "error: no data, nothing generated\n",
    ],
)
def test_what_the_build_does_not_speak_of_is_not_the_cause(sources: Path, output: str) -> None:
    assert lines(f"Not copied: ../data is ignored by git\n{output}", sources) == ()


@pytest.mark.parametrize(
    ("output", "is_cause"),
    [
        ("a.c:1:10: fatal error: build/generated.h: No such file or directory\n", True),
        ("FileNotFoundError: [Errno 2] No such file or directory: '{copy}/build/generated.h'\n", True),
        ("make: *** No rule to make target 'build/generated.h', needed by 'a.o'.  Stop.\n", True),
        ("FAILED: build/a.o\n", False),
        ("build/made.c:1:10: fatal error: zlib.h: No such file or directory\n", False),
        ("copying build/generated.h\na.c:1:10: fatal error: zlib.h: No such file or directory\n", False),
    ],
)
def test_of_products_in_the_project_only_what_was_there_is_missed(
    tmp_path: Path, *, output: str, is_cause: bool
) -> None:
    original = tmp_path / "project"
    copy = Path(f"{tmp_path}/sources{original}")
    for place, name in ((original, "generated.h"), (original, "made.c"), (original, "a.o"), (copy, "made.c")):
        (place / "build").mkdir(parents=True, exist_ok=True)
        (place / "build" / name).touch()
    told = surroundings_lines(
        f"Not copied: build is ignored by git\n{output.format(copy=copy)}", tmp_path / "sources", copy
    )
    assert bool(told) == is_cause


def test_what_is_huge_can_be_moved(sources: Path) -> None:
    why = "is not tracked by git, and larger than 1 GiB"
    fix = "Move it out of the repository, and put a link to it in its place."
    told = lines(f"Not copied: ../model {why}\nNo file ../model/a\n", sources)
    assert told == (f"../model {why}, so the build had no copy of it. {fix}",)


def test_a_source_tree_may_be_gone(tmp_path: Path) -> None:
    assert lines(CMAKE, tmp_path / "nowhere") == ()


def test_links_are_not_followed(sources: Path) -> None:
    """Beside the project are links to what is beside the original, which may be all there is on this machine."""
    (sources / "elsewhere").symlink_to(sources / "home")
    (sources / "link.h").symlink_to(sources / "home/me/thing/data/table.h")
    told = lines("link.h: error\ntable.h: error\n", sources)
    assert told == ("../data/table.h is a pointer of Git LFS: its content is missing.", PULL)


def test_the_environment_that_crossbuild_runs_in_is_not_missed(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is beside many projects, and the log names its programs."""
    told = "Not copied: ../.venv is ignored by git\n+ /home/me/thing/.venv/bin/uv pip install setuptools\n"
    assert lines(told, sources)
    monkeypatch.setattr("sys.prefix", "/home/me/thing/.venv")
    assert lines(told, sources) == ()
