"""Packages that are fetched and built at once, and what becomes of the others if one fails."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from crossbuild.errors import BackendError, CrossbuildError, NetworkError
from crossbuild.options.build_options import BuildOptions
from crossbuild.reporting import PlainProgressReporter, SilentOutcomeReporter, SilentReporter
from crossbuild.resolve.candidates import Candidate
from crossbuild.resolve.metadata import Metadata
from crossbuild.resolve.resolver import Resolution
from crossbuild.session.session import Session
from crossbuild.system.cache import Cache
from crossbuild.wheelhouse.gather import gather
from crossbuild.wheels.distribution import Distribution

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.reporting import ProgressReporter
    from crossbuild.session.job import JobContext

REQUIRED_BY = {"app": (), "web": ("app",), "deep": ("web",), "tool": ()}


@dataclass
class Shelf:
    """Packages of which some cannot be had."""

    directory: Path
    errors: dict[str, CrossbuildError] = field(default_factory=dict)
    obtained: list[str] = field(default_factory=list)
    at_once: int = 0
    most: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def choice(self, name: str, *, is_built: bool = True, wait: Callable[[], object] = lambda: None) -> Candidate:
        def obtain(_: JobContext) -> Distribution:
            with self._lock:
                self.at_once += 1
                self.most = max(self.most, self.at_once)
            wait()
            with self._lock:
                self.at_once -= 1
                self.obtained.append(name)
            if name in self.errors:
                raise self.errors[name]
            return Distribution.from_wheel(Path(f"{name}-1-py3-none-any.whl"))

        metadata = Metadata(name=name, version=Version("1"))
        return Candidate(name=name, version=Version("1"), tell=lambda: metadata, obtain=obtain, is_built=is_built)

    def gather(
        self, *choices: Candidate, jobs: int = 2, fail_fast: bool = False, board: ProgressReporter | None = None
    ) -> list[str]:
        options = BuildOptions(host="linux_aarch64", cache_dir=self.directory, jobs=jobs)
        session = Session.from_options(options, reporter=SilentReporter(), environ={})
        assert session.services.cache == Cache(root=self.directory)
        resolution = Resolution(choices=choices, requested=frozenset({"app", "tool"}), required_by=REQUIRED_BY)
        board = board or PlainProgressReporter(reporter=session.reporter)
        return [one.name for one in gather(resolution, session=session, progress=board, fail_fast=fail_fast)]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(directory=tmp_path)


def test_each_is_had(shelf: Shelf) -> None:
    choices = [shelf.choice("app"), shelf.choice("web", is_built=False), shelf.choice("deep"), shelf.choice("tool")]
    assert sorted(shelf.gather(*choices)) == ["app", "deep", "tool", "web"]


def test_as_many_are_built_at_once_as_may(shelf: Shelf) -> None:
    together = threading.Barrier(3, timeout=120)
    assert len(shelf.gather(*(shelf.choice(name, wait=together.wait) for name in ("app", "web", "deep")), jobs=3)) == 3
    assert shelf.most == 3
    shelf.most = 0
    shelf.gather(*map(shelf.choice, REQUIRED_BY), jobs=1)
    assert shelf.most == 1


def test_one_failure_leaves_the_others(shelf: Shelf) -> None:
    shelf.errors["deep"] = BackendError("build_wheel of deep failed.")
    with pytest.raises(BackendError, match=r"build_wheel of deep failed\. app needs deep\."):
        shelf.gather(*map(shelf.choice, REQUIRED_BY), jobs=1)
    assert sorted(shelf.obtained) == ["app", "deep", "tool", "web"]


def test_the_first_failure_ends_it_if_that_is_wished(shelf: Shelf) -> None:
    shelf.errors["app"] = BackendError("no")
    with pytest.raises(BackendError):
        shelf.gather(*map(shelf.choice, REQUIRED_BY), jobs=1, fail_fast=True)
    assert len(shelf.obtained) < len(REQUIRED_BY)


def test_of_each_of_several_failures_the_first_lines_are_told(shelf: Shelf) -> None:
    said = "\n".join(f"line {number}" for number in range(20))
    for name in ("deep", "tool"):
        shelf.errors[name] = BackendError(f"Could not build {name}.", why=said, fix="One.\nAnother.")
    with pytest.raises(BackendError) as caught:
        shelf.gather(*map(shelf.choice, REQUIRED_BY))
    lines = caught.value.why.splitlines()
    assert lines[:2] == ["deep 1, for app: Could not build deep.", "  line 0"]
    assert lines[8:11] == ["  line 7", "  hint: One.", "        Another."]
    assert lines[11:13] == ["tool 1: Could not build tool.", "  line 0"]


def test_several_failures_are_told_together(shelf: Shelf) -> None:
    shelf.errors["deep"] = BackendError("build_wheel of deep failed.", why="deep.c:1: error", fix="Read the log.")
    shelf.errors["tool"] = NetworkError("tool is not there.")
    with pytest.raises(CrossbuildError) as caught:
        shelf.gather(*map(shelf.choice, REQUIRED_BY))
    assert caught.value.what == "2 of 4 packages failed: deep 1, tool 1."
    assert {line.strip() for line in caught.value.why.splitlines()} == {
        "deep 1, for app: build_wheel of deep failed.",
        "deep.c:1: error",
        "hint: Read the log.",
        "tool 1: tool is not there.",
    }


def test_a_failure_is_told_with_its_error(shelf: Shelf) -> None:
    """What the hook printed before that is for the end, where there is space for it."""
    told: dict[str, str] = {}

    class Board(PlainProgressReporter, SilentOutcomeReporter):
        def failed(self, label: str, what: str, /) -> None:
            told[label] = what

    traceback = 'line 1\nTraceback (most recent call last):\n  File "b.py", line 1\nRuntimeError: no library\n'
    shelf.errors["web"] = BackendError("Could not build web.", why="web.c:1:5: error: no\n    1 | x\n      | ^")
    shelf.errors["deep"] = BackendError("Could not build deep.", why=traceback)
    shelf.errors["tool"] = NetworkError("tool is not there.", why="Looked at https://example.org.")
    with pytest.raises(CrossbuildError):
        shelf.gather(*map(shelf.choice, REQUIRED_BY), board=Board(reporter=SilentReporter()))
    assert told == {
        "web 1": "Could not build web. web.c:1:5: error: no",
        "deep 1": "Could not build deep. RuntimeError: no library",
        "tool 1": "tool is not there.",
    }
