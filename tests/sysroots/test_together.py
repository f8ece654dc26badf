"""Many processes at once, and processes that are killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.reporting import SilentReporter
from tests.sysroots.machine import MANIFEST, NOBLE, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross

Tree = dict[str, "str | bytes | None"]

HEADER = "usr/include/demo.h"


def kill(process: subprocess.Popen[str]) -> None:
    """Kill it and all that it has started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def ended_well(*processes: subprocess.Popen[str]) -> list[str]:
    ends = [(process, *process.communicate(timeout=60)) for process in processes]
    assert [process.returncode for process, _, _ in ends] == [0] * len(ends), [error for _, _, error in ends]
    return [out for _, out, _ in ends]


def test_the_same_at_once_is_made_once(machine: Machine) -> None:
    processes = [machine.start("create", NOBLE, "libdemo-dev", *machine.sources, "--json") for _ in range(3)]
    first, *others = ended_well(*processes)
    assert others == [first, first]
    downloads = Counter(machine.server.downloads())
    assert downloads["libdemo-dev_1.0-1_arm64.deb"] == 1
    assert set(downloads.values()) == {1}


def test_different_ones_at_once(machine: Machine) -> None:
    names = ("ubuntu:noble:arm64", "ubuntu:noble:armhf", "debian:bookworm:arm64")
    packages = ("libdemo-dev", "libother-dev")
    ended_well(*[machine.start("create", name, one, *machine.sources) for name in names for one in packages])
    downloads = Counter(path for path in machine.server.asked if path.endswith(("_arm64.deb", "_armhf.deb")))
    assert set(downloads.values()) == {1}
    ended = machine.run("list", "--json")
    assert {one["name"] for one in ended.json["sysroots"]} == set(names)


def test_additions_at_once_are_both_there(machine: Machine) -> None:
    machine.made()
    ended_well(*[machine.start("add", NOBLE, one, *machine.sources) for one in ("libdemo-dev", "libother-dev")])
    has_both(machine, machine.made())


def test_additions_to_a_directory_at_once_are_both_there(machine: Machine) -> None:
    root = machine.made("-o", machine.home / "root")
    ended_well(*[machine.start("add", root, one) for one in ("libdemo-dev", "libother-dev")])
    has_both(machine, root)


def has_both(machine: Machine, root: Path) -> None:
    (facts,) = machine.run("info", root, "--json").json["sysroots"]
    assert facts["requested"] == ["libdemo-dev", "libother-dev"]
    assert {"demo-data", "libdemo1", "libdemo-dev", "libother-dev"} <= facts["packages"].keys()
    assert (root / HEADER).is_file()
    assert (root / "usr/include/other.h").is_file()


def held_at(machine: Machine, package: str) -> tuple[threading.Event, threading.Event]:
    """Let the archive tell when ``package`` is asked for, and answer no sooner than it is told to."""
    arrived, go_on = threading.Event(), threading.Event()

    def hold(path: str) -> None:
        if package in path:
            arrived.set()
            go_on.wait(120)

    machine.server.before = hold
    return arrived, go_on


def test_one_who_waits_takes_over_from_one_who_is_killed(machine: Machine) -> None:
    arrived, go_on = held_at(machine, "libdemo-dev")
    first = machine.start("create", NOBLE, "libdemo-dev", *machine.sources)
    assert arrived.wait(120)
    second = machine.start("create", NOBLE, "libdemo-dev", *machine.sources)
    kill(first)
    go_on.set()
    ended_well(second)
    assert (machine.made() / HEADER).is_file()


def test_removing_waits_for_who_changes_it(machine: Machine) -> None:
    machine.made()
    arrived, go_on = held_at(machine, "libdemo-dev")
    adding = machine.start("add", NOBLE, "libdemo-dev", *machine.sources)
    assert arrived.wait(120)
    removing = machine.start("remove", NOBLE, *machine.sources)
    with suppress(subprocess.TimeoutExpired):
        removing.wait(timeout=2)
    go_on.set()
    ended_well(adding, removing)
    assert machine.entries() == []


def test_a_first_build_does_not_undo_what_is_made_meanwhile(machine: Machine) -> None:
    """The build has the base ready, but not yet said so, when a sysroot of locked versions is made."""
    lock = machine.home / "sysroot.lock"
    machine.made("libdemo-dev", "--lock", lock, "-o", machine.home / "root")
    reporter = _Holding()
    build = threading.Thread(target=lambda: machine.provided(reporter=reporter))
    build.start()
    assert reporter.arrived.wait(120)
    creating = machine.start("create", NOBLE, "--lock", lock, *machine.sources)
    with suppress(subprocess.TimeoutExpired):
        creating.wait(timeout=4)
    reporter.go_on.set()
    build.join()
    ended_well(creating)
    assert (machine.made() / HEADER).is_file()


class _Holding(SilentReporter):
    """Holds up the end of each step."""

    def __init__(self) -> None:
        self.arrived, self.go_on = threading.Event(), threading.Event()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        with super().step(title):
            yield
        self.arrived.set()
        self.go_on.wait(120)


class TestKilled:
    @pytest.fixture
    def base(self, machine: Machine) -> Tree:
        return tree(machine.made())

    @pytest.fixture
    def wanted(self, machine: Machine, base: Tree) -> Tree:
        return tree(machine.made("libdemo-dev"))

    def judge(self, machine: Machine, base: Tree, wanted: Tree) -> None:
        """Check that no part of a sysroot passes for all of it, and that the next run makes all of it."""
        for entry in machine.entries():
            assert tree(entry) in (base, wanted), entry
        assert tree(machine.made("libdemo-dev")) == wanted

    def test_at_downloads(self, machine: Machine, base: Tree, wanted: Tree) -> None:
        """Each request is one moment: before the indexes, between them, and before and between packages."""
        for moment in range(0, len(machine.server.asked), 5):
            shutil.rmtree(machine.cache)
            reached, done = threading.Event(), threading.Event()
            machine.server.before = _stop_at(moment, reached, done)
            process = machine.start("create", NOBLE, "libdemo-dev", *machine.sources)
            assert reached.wait(120)
            kill(process)
            done.set()
            machine.server.before = str
            self.judge(machine, base, wanted)

    def test_at_any_time(self, machine: Machine, base: Tree, wanted: Tree) -> None:
        shutil.rmtree(machine.cache)
        start = time.monotonic()
        ended_well(machine.start("create", NOBLE, "libdemo-dev", *machine.sources))
        seconds = time.monotonic() - start
        for part in (0.5, 0.6, 0.7, 0.8, 0.9):
            shutil.rmtree(machine.cache)
            process = machine.start("create", NOBLE, "libdemo-dev", *machine.sources)
            time.sleep(seconds * part)
            kill(process)
            self.judge(machine, base, wanted)

    def test_while_adding_to_a_directory(self, machine: Machine) -> None:
        """The directory is what it was, or all that it is to be."""
        root = machine.made("-o", machine.home / "root")
        before = tree(root)
        spare = shutil.copytree(root, machine.home / "spare", symlinks=True)
        start = time.monotonic()
        ended_well(machine.start("add", root, "libdemo-dev"))
        seconds = time.monotonic() - start
        after = tree(root)
        for part in (0.6, 0.75, 0.85, 0.95):
            shutil.rmtree(root)
            shutil.copytree(spare, root, symlinks=True)
            process = machine.start("add", root, "libdemo-dev")
            time.sleep(seconds * part)
            kill(process)
            assert tree(root) in (before, after)
        assert machine.run("add", root, "libdemo-dev").code == 0
        assert tree(root) == after
        assert machine.run("add", root, "libother-dev").code == 0
        assert [path.name for path in machine.home.iterdir() if "root" in path.name] == ["root"]


def _stop_at(moment: int, reached: threading.Event, done: threading.Event) -> Callable[[str], None]:
    asked: list[str] = []

    def stop(path: str) -> None:
        asked.append(path)
        if len(asked) == moment + 1:
            reached.set()
            done.wait(120)

    return stop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(machine: Machine, number: int) -> None:
    reached, done = threading.Event(), threading.Event()
    machine.server.before = _stop_at(6, reached, done)
    process = machine.start("create", NOBLE, "-o", machine.home / "root", *machine.sources)
    assert reached.wait(120)
    os.killpg(process.pid, number)
    done.set()
    process.communicate(timeout=120)
    assert process.returncode != 0
    assert not (machine.home / "root").exists()
    machine.server.before = str
    assert (machine.made("-o", machine.home / "root") / MANIFEST).is_file()


def test_a_reader_keeps_the_root_that_it_has(machine: Machine) -> None:
    """A build that goes on while packages are added sees the root that it started with, to the end."""
    root = Path(machine.made())
    names = set(tree(root))
    ended_well(machine.start("add", NOBLE, "libdemo-dev", *machine.sources))
    assert set(tree(root)) == names
