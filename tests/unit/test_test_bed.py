"""The tests' own promises: a second choice, its report, and a limit for what cannot run on a machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import SysrootError
from tests.testbed.bed import Bed, BedError
from tests.testbed.choices import first_available, substitutions
from tests.testbed.plugin import LIMIT
from tests.testbed.surroundings import settle

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
CHOICE = """
from tests.testbed.bed import Bed, BedError
from tests.testbed.choices import first_available

def missing():
    with open({tried!r}, "a") as file:
        file.write("tried\\n")
    raise BedError("404 Not Found")

def chosen(shared_directory):
    bed = Bed.from_environ({{}}, shared=shared_directory)
    return first_available(bed, "big-endian Linux", {{"newest": missing, "older": lambda: "older"}})
"""


@pytest.fixture
def bed(tmp_path: Path) -> Bed:
    return Bed.from_environ({"CROSSBUILD_TEST_CACHE": str(tmp_path / "cache")}, shared=tmp_path)


def failing(error: Exception, calls: list[str]) -> Callable[[], str]:
    def make() -> str:
        calls.append("called")
        raise error

    return make


@pytest.mark.parametrize("error", [BedError("404 Not Found"), SysrootError("404 Not Found", why="The pool lacks it.")])
def test_a_role_is_played_by_the_first_that_can_be_made(bed: Bed, tmp_path: Path, error: Exception) -> None:
    calls: list[str] = []
    ways = {"trixie": failing(error, calls), "bookworm": lambda: "made", "sid": failing(error, calls)}
    for _ in range(2):
        assert first_available(bed, "big-endian Linux", ways) == "made"
    assert calls == ["called"], "what failed is not tried again"
    assert [str(one) for one in substitutions(tmp_path)] == [
        "big-endian Linux: bookworm instead of trixie: 404 Not Found"
    ]


def test_nothing_is_recorded_where_the_first_can_be_made(bed: Bed, tmp_path: Path) -> None:
    assert first_available(bed, "big-endian Linux", {"trixie": lambda: "made"}) == "made"
    assert not list(substitutions(tmp_path))


def test_a_role_that_nothing_can_play_says_what_was_tried(bed: Bed, tmp_path: Path) -> None:
    ways = {name: failing(BedError(f"{name} is gone"), []) for name in ("trixie", "bookworm")}
    with pytest.raises(BedError, match="big-endian Linux") as raised:
        first_available(bed, "big-endian Linux", ways)
    assert "trixie: trixie is gone" in str(raised.value)
    assert "bookworm: bookworm is gone" in str(raised.value)
    assert not list(substitutions(tmp_path))


def test_a_mistake_in_the_tests_is_no_missing_file(bed: Bed) -> None:
    with pytest.raises(KeyError):
        first_available(bed, "big-endian Linux", {"trixie": failing(KeyError("a"), []), "bookworm": lambda: "made"})


def run(directory: Path, *options: str, **files: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with the plugin on tests of the names of ``files``."""
    (directory / "conftest.py").write_text("pytest_plugins = ['tests.testbed.plugin']\n")
    for name, text in files.items():
        (directory / f"{name}.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", *options]
    return subprocess.run(
        # Without a base directory of its own, this run would remove what earlier ones left, which takes minutes.
        [*command, f"--rootdir={directory}", f"--basetemp={directory / 'scratch'}", directory],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(directory)])},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_the_run_ends_with_what_was_substituted(tmp_path: Path, workers: tuple[str, ...]) -> None:
    tried = tmp_path / "tried"
    test = "from choice import chosen\n\ndef test_it(shared_directory): assert chosen(shared_directory) == 'older'\n"
    done = run(tmp_path, *workers, choice=CHOICE.format(tried=str(tried)), test_one=test, test_two=test)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("big-endian Linux: older instead of newest: 404 Not Found") == 1
    assert tried.read_text() == "tried\n", "one worker found it out for both"


@pytest.mark.parametrize(("count", "workers"), [(LIMIT, ()), (LIMIT + 1, ()), (LIMIT + 1, ("-n", "2"))])
def test_more_than_so_many_tests_that_cannot_run_are_a_failure(
    tmp_path: Path, count: int, workers: tuple[str, ...]
) -> None:
    test = f"""
import pytest
from tests.testbed.needs import not_run_here

@pytest.mark.parametrize("number", range({count - 1}))
def test_one(number):
    raise not_run_here("a clock of gold", "this one is of brass")

@pytest.mark.skip(reason="some other way")
def test_two():
    pass

def test_three():
    pass
"""
    done = run(tmp_path, *workers, test_it=test)
    assert done.returncode == (1 if count > LIMIT else 0), done.stdout + done.stderr
    last = done.stdout[done.stdout.index(f"not run here: {count}") :]
    assert f"{count - 1} needs a clock of gold: this one is of brass" in last
    assert "test_it.py::test_one[0]" in last
    assert "1 some other way" in last
    assert (f"More than {LIMIT} tests" in last) == (count > LIMIT)


def test_a_need_that_is_missing_skips_the_test(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        test_it="""
import pytest
from tests.testbed.needs import NEEDS

NEEDS.update({"a clock of gold": lambda: "this one is of brass", "air": lambda: ""})

@pytest.mark.needs("air", "a clock of gold")
def test_one():
    raise AssertionError

@pytest.mark.needs("air")
def test_two():
    pass
""",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 needs a clock of gold: this one is of brass" in done.stdout
    assert "1 passed, 1 skipped" in done.stdout


def test_a_module_that_is_skipped_counts(tmp_path: Path) -> None:
    done = run(tmp_path, "-n", "2", test_it="import pytest\npytest.importorskip('no_such_module_anywhere')\n")
    assert "not run here: 1" in done.stdout, done.stdout + done.stderr


INHERITED = """
import os, subprocess, sys

def test_it():
    code = "import os, signal; print(os.umask(0), *(signal.getsignal(s).name for s in (1, 15)), 'CC' in os.environ)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "18 SIG_DFL SIG_DFL False\\n"
"""


def test_tests_start_programs_as_from_a_fresh_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the tests were started themselves: by nohup, with a compiler chosen, with another umask."""
    monkeypatch.setenv("CC", "mine")
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGHUP, signal.SIGTERM)}
    mask = os.umask(0o077)
    try:
        done = run(tmp_path, "-n", "1", test_it=INHERITED)
    finally:
        os.umask(mask)
        for number, handler in before.items():
            signal.signal(number, handler)
    assert done.returncode == 0, done.stdout


def test_only_what_changes_results_is_removed_from_the_environment() -> None:
    environ = {"PATH": "/bin", "HOME": "/home/me", "CROSSBUILD_TEST_CACHE": "/cache", "PIP_INDEX_URL": "https://x.org"}
    unwanted = {"CFLAGS": "-O3", "CROSSBUILD_HOST": "board", "GITHUB_ACTIONS": "true", "LANG": "de_DE", "COLUMNS": "40"}
    all_there = environ | unwanted
    settle(all_there)
    assert {name: all_there.get(name) for name in environ} == environ
    assert not unwanted.keys() & all_there.keys()
