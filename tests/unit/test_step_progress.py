"""How far a step is: what a terminal and a log show of it, and where it comes from."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from crossbuild.building.compile_progress import Count, Duration, watched_build
from crossbuild.building.slow_notes import told_when_slow
from crossbuild.cli.display import Display
from crossbuild.errors import NetworkError, ToolchainError
from crossbuild.index.index import Index
from crossbuild.index.zig_wheel import ZigWheels
from crossbuild.options.build_options import IndexOptions
from crossbuild.reporting import SilentReporter, StepProgressReporter, progress_of
from crossbuild.sysroot import download_progress
from crossbuild.sysroot.download_progress import watched_files
from crossbuild.system.cache import Cache
from crossbuild.system.processes import Runner
from crossbuild.terminal import progress
from crossbuild.terminal.live import LiveLine
from crossbuild.terminal.package_table import Row
from crossbuild.terminal.quantities import size_text
from crossbuild.toolchain.zig import ZIG_VERSION, fetch_zig
from tests.unit.index_server import serve
from tests.unit.session_samples import make_build_venv
from tests.unit.wheel_samples import make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.reporting import Advance, Reporter, Unit
    from tests.unit.index_server import Server


class Heard(SilentReporter):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, str, float | None]] = []
        self.advances: list[tuple[int, int | None]] = []
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    @contextmanager
    def progress(self, title: str, /, *, unit: Unit, expected: float | None = None) -> Iterator[Advance]:
        self.parts.append((title, unit, expected))
        yield lambda done, total: self.advances.append((done, total))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that stands still until a test moves it."""
    clock = SimpleNamespace(now=time.monotonic())
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as running:
        yield running


def display(*, live: bool, width: int = 100, encoding: str = "utf-8") -> Display:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    return Display(console=Console(file=stream, width=width), verbosity=0, live=live)


def drawn(board: Display) -> str:
    """Return what the line about what runs now looks like, without the sign in front of it."""
    console = Console(file=io.StringIO(), width=board.console.width, color_system=None)
    console.print(LiveLine(display=board))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().strip().partition(" ")[2]


def said(board: Display) -> list[str]:
    board.console.file.seek(0)
    return [line.strip() for line in board.console.file.read().splitlines()]


# --- What is shown --------------------------------------------------------------------------------------------------


def test_a_download_shows_size_rate_time_left_and_a_bar(clock: SimpleNamespace) -> None:
    board = display(live=True)
    with board.step("Prepare the compilers"), board.progress("Download zig 0.17", unit="bytes") as advance:
        advance(0, 100_000_000)
        clock.now += 10
        advance(25_000_000, 100_000_000)
        assert drawn(board) == "Download zig 0.17  10 s  25.0 of 100.0 MB  ━━╌╌╌╌╌╌╌╌  2.5 MB/s  30 s left"
    assert "zig" not in drawn(board)


def test_a_narrow_terminal_has_the_facts_that_fit_and_an_old_one_plain_signs(clock: SimpleNamespace) -> None:
    board = display(live=True, width=50, encoding="ascii")
    with board.progress("Download it", unit="bytes") as advance:
        clock.now += 2
        advance(500_000, 100_000_000)
        assert drawn(board) == "Download it  2.0 s  500.0 kB of 100.0 MB"
        advance(50_000_000, 100_000_000)
        assert drawn(board) == "Download it  2.0 s  50.0 of 100.0 MB  #####-----"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Build demo", "Build"),
        ("Install the build requirements of demo", "Install the build requirements"),
        ("Check the demo of demo", "Check the demo"),
        ("Get demo-tools", "Get demo-tools"),
    ],
)
def test_a_row_does_not_repeat_the_name_beside_it(title: str, shown: str) -> None:
    assert Row(label="demo 1.0", state=title).doing == shown


def test_a_size_that_nobody_knows(clock: SimpleNamespace) -> None:
    board = display(live=True)
    with board.progress("Download it", unit="bytes") as advance:
        clock.now += 4
        advance(8_000_000, None)
        assert drawn(board) == "Download it  4.0 s  8.0 MB  2.0 MB/s"


def test_a_build_shows_its_steps_the_time_left_and_the_last_line(clock: SimpleNamespace) -> None:
    board = display(live=True)
    with board.step("Build demo 1.0"), board.progress("", unit="steps", expected=200.0) as advance:
        board.output("[17/340] cc a.c")
        assert drawn(board).endswith(" s  about 3 min left  [17/340] cc a.c")
        clock.now += 50
        advance(17, 340)
        assert drawn(board).startswith("Build demo 1.0  ")
        assert drawn(board).endswith(" s  17 of 340 steps  ╌╌╌╌╌╌╌╌╌╌  about 2 min left  [17/340] cc a.c")
        clock.now += 200
        assert "left" not in drawn(board), "it takes longer than the last time, and nobody knows how long"


def test_a_build_that_nobody_made_before_promises_nothing(clock: SimpleNamespace) -> None:
    board = display(live=True)
    with board.step("Build demo 1.0"), board.progress("", unit="steps") as advance:
        clock.now += 5
        advance(3, None)
        assert drawn(board).endswith(" s  3 steps so far")


def test_a_log_has_one_line_about_a_large_download(clock: SimpleNamespace) -> None:
    board = display(live=False)
    for size in (101_300_000, 20_000):
        with board.progress("Download zig", unit="bytes") as advance:
            advance(size // 2, size)
            clock.now += 5
            advance(size, size)
    assert said(board) == ["Download zig: 101.3 MB in 5.0 s, 20.3 MB/s"]


def test_a_log_has_no_line_about_a_download_that_failed(clock: SimpleNamespace) -> None:
    board = display(live=False)

    def fail() -> None:
        with board.progress("Download zig", unit="bytes") as advance:
            advance(50_000_000, 100_000_000)
            clock.now += 50
            raise NetworkError("no")

    with pytest.raises(NetworkError):
        fail()
    assert said(board) == []


def test_what_a_log_says_once_a_minute_tells_how_far_it_is(clock: SimpleNamespace) -> None:
    board = display(live=False)
    with board.step("Build demo 1.0"), board.progress("", unit="steps") as advance:
        clock.now += 60
        advance(17, 340)
        (line,) = board.running
        assert line.startswith("Build demo 1.0  17 of 340 steps: ")
        assert line.endswith(" so far")


def test_the_row_of_a_package_shows_how_far_it_is(clock: SimpleNamespace) -> None:
    board = display(live=True)
    board.expect(["one 1.0", "two 2.0"])
    with board.within("one 1.0") as reporter, progress_of(reporter, "Download one 1.0", unit="bytes") as advance:
        clock.now += 2
        advance(4_000_000, 8_000_000)
        assert board.running == ["one 1.0: Download  4.0 of 8.0 MB  2.0 MB/s  2.0 s left, 2.0 s so far"]


def test_nothing_in_a_title_steers_the_terminal_or_tells_a_password() -> None:
    board = display(live=True)
    with board.progress("Download \x1b[2J of https://user:canary@index.example/", unit="bytes"):
        assert "\x1b" not in drawn(board)
        assert "canary" not in drawn(board)


def test_a_reporter_without_progress_is_told_none() -> None:
    with progress_of(SilentReporter(), "Download it", unit="bytes") as advance:
        advance(1, 2)
    assert not isinstance(SilentReporter(), StepProgressReporter)
    assert isinstance(display(live=True), StepProgressReporter)


# --- Downloads ------------------------------------------------------------------------------------------------------


def index_of(server: Server, tmp_path: Path, **options: Any) -> Index:
    options = {"index_url": server.index, **options}
    return Index.from_options(IndexOptions(**options), environ={}, cache=Cache(root=tmp_path / "cache"))


@pytest.mark.parametrize("facts", [{}, {"size": 300_000}])
def test_a_download_from_an_index_is_reported(server: Server, tmp_path: Path, facts: dict[str, Any]) -> None:
    server.add("thing-1.0-py3-none-any.whl", content=bytes(300_000), **facts)
    index, heard = index_of(server, tmp_path), Heard()
    (wheel,) = index.list_all("thing")
    index.fetch("thing", wheel, reporter=heard)
    assert heard.parts == [("Download thing 1.0", "bytes", None)]
    assert heard.advances[-1] == (300_000, 300_000)
    assert all(one[0] < other[0] for one, other in itertools.pairwise(heard.advances))
    index.fetch("thing", wheel, reporter=heard)
    assert len(heard.parts) == 1, "it is here"


def zig_wheel(directory: Path, *members: str, tag: str = "py3-none-any") -> bytes:
    files = {f"ziglang/{name}": b"#!/bin/sh\n" for name in members}
    return make_wheel(directory, files, tag=tag, project=f"ziglang-{ZIG_VERSION}").read_bytes()


def zig_from(server: Server, tmp_path: Path, reporter: Reporter | None = None, **options: Any) -> Path:
    index = index_of(server, tmp_path, **options)
    return fetch_zig(index.cache, ZigWheels(index=index, reporter=reporter or SilentReporter()))


def test_zig_comes_from_the_index_that_is_given(server: Server, tmp_path: Path) -> None:
    server.add(
        f"ziglang-{ZIG_VERSION}-py3-none-any.whl", project="ziglang", content=zig_wheel(tmp_path, "zig", "lib/a")
    )
    heard = Heard()
    program = zig_from(server, tmp_path, heard)
    assert os.access(program, os.X_OK)
    assert sorted(file.name for file in program.parent.iterdir()) == ["lib", "zig"]
    kept = sorted(file.name for file in program.parent.parent.iterdir())
    assert kept == ["wheel.sha256", "ziglang"], "the wheel is not kept, but its hash"
    assert heard.parts == [(f"Download ziglang {ZIG_VERSION}", "bytes", None)]
    assert zig_from(server, tmp_path) == program
    assert len(server.downloads()) == 1


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        ("another hash", "does not match its hash"),
        ("for another machine", f"There is no wheel of ziglang {ZIG_VERSION} for this machine."),
        ("unknown", f"There is no wheel of ziglang {ZIG_VERSION} for this machine."),
        ("offline", f"There is no wheel of ziglang {ZIG_VERSION} for this machine."),
        ("another project's", "has no program ziglang/zig"),
    ],
)
def test_zig_that_cannot_be_downloaded(server: Server, tmp_path: Path, trouble: str, why: str) -> None:
    tag = "py3-none-win_arm64" if trouble == "for another machine" else "py3-none-any"
    content = zig_wheel(tmp_path, "other" if trouble == "another project's" else "zig", tag=tag)
    if trouble != "unknown":
        hashes = {"sha256": hashlib.sha256(b"other" if trouble == "another hash" else content).hexdigest()}
        server.add(f"ziglang-{ZIG_VERSION}-{tag}.whl", project="ziglang", content=content, hashes=hashes)
    with pytest.raises(ToolchainError) as caught:
        zig_from(server, tmp_path, offline=trouble == "offline")
    assert f"zig {ZIG_VERSION} (the ziglang package) could not be downloaded." in str(caught.value)
    assert why in str(caught.value)
    assert "--toolchain or --cc" in caught.value.fix
    assert not (tmp_path / "cache" / "zig-compiler" / ZIG_VERSION).exists(), "nothing half-written"


def test_what_uv_installs_for_a_build_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Runner, "run", lambda *_, **__: "")
    heard = Heard()
    venv = make_build_venv(tmp_path)
    replace(venv, runner=replace(venv.runner, reporter=heard)).install(["wheel", "setuptools>=61"], [])
    assert heard.parts == [("Install the build requirements setuptools>=61, wheel", "steps", None)]


def test_what_apt_downloads_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_progress, "_PAUSE", 0.01)
    (tmp_path / "partial").mkdir()
    heard = Heard()
    with watched_files(heard, [tmp_path / "a.deb", tmp_path / "b.deb"], total=5):
        (tmp_path / "a.deb").write_bytes(b"abc")
        (tmp_path / "partial/b.deb").write_bytes(b"d")
        while (4, 5) not in heard.advances:
            time.sleep(0.01)
        (tmp_path / "partial/b.deb").unlink()
        (tmp_path / "b.deb").write_bytes(b"de")
    assert heard.parts == [("Download 2 files", "bytes", None)]
    assert heard.advances[-1] == (5, 5)


# --- Builds ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["[1/340] Compiling C object a.o", "[12/340] Linking target b.so"], [(1, 340), (12, 340)]),
        (["[ 12%] Building C object a.o", "[100%] Linking C shared library"], [(12, 100), (100, 100)]),
        (["    Building [=====>            ] 3/45: serde, libc"], [(3, 45)]),
        (["   Compiling serde v1.0.2", "   Compiling own v0.1.0 (/tmp/own)"], [(1, None), (2, None)]),
        (["aarch64-linux-gnu-gcc -fPIC -I/usr/include -c a.c -o a.o", "gcc -shared a.o -o a.so"], [(1, None)]),
        (["/opt/bin/clang++ -O2 -c a.cpp", "libtool: compile:  cc -g -c b.c -o b.o"], [(1, None), (2, None)]),
        (["  CC       a.lo", "  CXX      b.lo", "  CCLD     c"], [(1, None), (2, None)]),
        # What the build tool counts is not counted once more.
        (["[1/2] cc a.c", "cc -O2 -c a.c -o a.o"], [(1, 2)]),
        (["running build_ext", "[INFO] 3/45 of it", "checking for gcc... gcc", "[2/3]", "[a/b] x"], []),
    ],
)
def test_lines_of_build_tools(lines: list[str], expected: list[tuple[int, int | None]]) -> None:
    heard = Heard()
    with heard.progress("", unit="steps") as advance:
        count = Count(advance=advance)
        for line in lines:
            count.hear(f"{line}\n")
    assert heard.advances == expected


def test_lines_are_counted_as_they_come(tmp_path: Path) -> None:
    lines: list[str] = []
    runner = Runner(log=tmp_path / "log", reporter=SilentReporter(), listen=lines.append)
    runner.run([sys.executable, "-c", "print('[1/2] one\\r[2/2] two')"], environ={})
    assert lines == ["[1/2] one\n", "[2/2] two\n"]


def test_the_time_of_the_last_build_is_expected_of_the_next(cache: Cache, clock: SimpleNamespace) -> None:
    heard = Heard()
    for seconds in (90, 60):
        with watched_build(heard, Duration.of_build("demo", make_host(), cache)):
            clock.now += seconds
    with watched_build(heard, Duration.of_build("other", make_host(), cache)):
        pass
    with watched_build(heard, Duration.of_build("demo", make_host(libc="musl 1.2"), cache)):
        pass
    assert [expected for *_, expected in heard.parts] == [None, 90.0, None, None]


def test_a_build_that_failed_says_nothing_of_the_next(cache: Cache) -> None:
    duration = Duration.of_build("demo", make_host(), cache)
    with pytest.raises(ZeroDivisionError), watched_build(Heard(), duration):
        _ = 1 / 0
    assert duration.seconds is None


def test_a_duration_that_cannot_be_kept_or_read_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("many")
    unusable = Duration.of_build("demo", make_host(), Cache(root=tmp_path / "file"))
    unusable.keep(1.0)
    assert unusable.seconds is None


def test_why_a_build_is_slow_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossbuild.building.slow_notes._PAUSE", 0.01)
    heard = Heard()
    with told_when_slow(tmp_path, heard):
        time.sleep(0.05)
        assert not heard.notes
        (tmp_path / "slow").touch()
        while not heard.notes:
            time.sleep(0.01)
        time.sleep(0.05)
    assert heard.notes == [
        "zig first compiles its C++ library for this architecture, once for all builds: that takes some minutes"
    ]


def test_sizes_and_times_are_for_people() -> None:
    assert [size_text(size) for size in (200, 45_200, 101_300_000)] == ["0.2 kB", "45.2 kB", "101.3 MB"]
    assert [progress.roughly(seconds) for seconds in (0.5, 44, 59, 60, 150, 200)] == [
        *("10 s", "40 s", "60 s", "1 min", "2 min", "3 min"),
    ]
