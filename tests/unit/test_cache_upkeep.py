"""What is in a cache is measured as it is on the disk; what nobody uses is removed, and nothing else."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from crossbuild.errors import SysrootError
from crossbuild.reporting import SilentReporter
from crossbuild.sysroot.apt_sources import MACHINE_SOURCES, SourceRequest
from crossbuild.sysroot.directories import point
from crossbuild.sysroot.model import Sysroot
from crossbuild.sysroot.names import SysrootName
from crossbuild.sysroot.store import SysrootStore
from crossbuild.system.cache import Cache, mark_of
from crossbuild.system.disk_usage import Usage, size_from_text
from crossbuild.system.kept_places import keep_build, kept_places, register
from crossbuild.system.scratch import temporary_directory
from crossbuild.system.uses import alone_with
from crossbuild.terminal.quantities import size_text
from crossbuild.toolchain.zig import ZIG_VERSION
from crossbuild.upkeep import limit, removal
from crossbuild.upkeep.limit import keep_to_limit, let_go
from crossbuild.upkeep.removal import clear, prune
from crossbuild.upkeep.survey import cache_info

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.upkeep.removal import CacheRemoval

ARM64 = SysrootName.from_text("debian:bookworm:arm64")
DAY = 24 * 60 * 60
KILO = 1024
HOLD = """
import sys
from pathlib import Path
from crossbuild.system.cache import Cache
cache = Cache(root=Path(sys.argv[1]))
print(cache.use(*sys.argv[2:]), flush=True)
input()
"""
"""A build that uses an entry."""


def made(root: Path, kind: str, key: str, *, size: int = 64 * KILO, days: float = 0, version: str = "") -> Path:
    """Make an entry that was used some days ago, by ``version``; let go of it again."""

    def fill(scratch: Path) -> None:
        (scratch / "content").write_bytes(os.urandom(size))

    entry = Cache(root=root).entry(kind, key, fill)
    if version:
        mark_of(entry).write_text(version)
    used_ago(mark_of(entry), days)
    return entry


def used_ago(file: Path, days: float) -> None:
    then = time.time() - days * DAY
    os.utime(file, (then, then))


def kept(root: Path, *, days: float = 0) -> Path:
    """Keep a build directory, with a file in it, some days ago."""
    with temporary_directory() as directory:
        (directory / "log.txt").write_bytes(bytes(64 * KILO))
        keep_build(directory, Cache(root=root))
    for record in (root / "places").glob("*.json"):
        used_ago(record, days)
    return directory


@contextmanager
def running(root: Path, *entry: str) -> Iterator[None]:
    """A process that uses an entry, as a build does."""
    command = [sys.executable, "-c", HOLD, str(root), *entry]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where build directories are."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "builds"))
    (tmp_path / "builds").mkdir()
    return tmp_path / "builds"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def names(done: CacheRemoval) -> list[str]:
    return sorted(one.path.name for one in done.removed)


# --- Sizes ---------------------------------------------------------------------------------------------------------


def test_sizes_are_those_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "file").write_bytes(os.urandom(300 * KILO))
    (tmp_path / "deep/the-same").hardlink_to(tmp_path / "file")
    (tmp_path / "deep/er/again").hardlink_to(tmp_path / "file")
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(1 << 30)
    (tmp_path / "elsewhere").symlink_to("/usr")
    done = subprocess.run(["du", "-s", "--block-size=1", tmp_path], capture_output=True, text=True, check=True)
    assert Usage.of(tmp_path).size == int(done.stdout.split()[0])
    assert 300 * KILO <= Usage.of(tmp_path).size < 400 * KILO


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "large").mkdir()
    (tmp_path / "large/file").write_bytes(os.urandom(300 * KILO))
    (tmp_path / "link").symlink_to("large")
    assert Usage.of(tmp_path / "link").size < 64 * KILO
    assert Usage.of(tmp_path / "absent").size == 0


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("5G", 5 * 10**9),
        ("1.5 MB", 1_500_000),
        ("2GiB", 2 << 30),
        ("0", 0),
        ("12k", 12_000),
        ("7b", 7),
        pytest.param("1" + 400 * "0", 10**400, id="more than a float holds"),
    ],
)
def test_sizes_as_people_write_them(text: str, size: int) -> None:
    assert size_from_text(text) == size


@pytest.mark.parametrize("text", ["", "G", "-5G", "5X", "5 G B", "1e9", "٣G", "5G\n"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        size_from_text(text)


def test_sizes_are_shown_in_a_unit_that_fits() -> None:
    assert [size_text(size) for size in (0, 4096, 7_234_567, 5_600_000_000)] == ["0.0 kB", "4.1 kB", "7.2 MB", "5.6 GB"]


# --- What is there -------------------------------------------------------------------------------------------------


def test_what_is_in_a_cache(root: Path, place: Path, tmp_path: Path) -> None:
    made(root, "sdists", "a", days=3)
    made(root, "sdists", "b", days=1)
    one, other = made(root, "sysroot", "one", size=500 * KILO), made(root, "sysroot", "other")
    (other / "shared").hardlink_to(one / "content")
    kept(root)
    (tmp_path / "mine").mkdir()
    register(Cache(root=root), "sysroots", tmp_path / "mine")
    info = cache_info(Cache(root=root), limit=5)
    kinds = {kind.name: kind for kind in info.kinds}
    assert [(kind.name, kind.entries) for kind in info.kinds] == [("sdists", 2), ("sysroot", 2), ("kept-builds", 1)]
    assert kinds["sysroot"].size < 2 * 500 * KILO, "what two have is counted once"
    assert kinds["sdists"].last_used.timestamp() == pytest.approx(time.time() - DAY, abs=100)
    assert info.size == Usage.of(root).size + Usage.of(next(place.iterdir())).size
    assert info.size == sum(kind.size for kind in info.kinds) + info.other
    assert [(one.kind, one.path) for one in info.elsewhere] == [("sysroots", tmp_path / "mine")]
    assert info.limit == 5


def test_a_cache_that_is_a_link(root: Path, tmp_path: Path) -> None:
    made(root, "sdists", "a")
    (root / "sdists/mine").write_bytes(os.urandom(300 * KILO))
    link = tmp_path / "link"
    link.symlink_to(root)
    assert cache_info(Cache(root=link)).size == Usage.of(root).size
    with running(link, "sdists", "a"):
        assert clear(Cache(root=root)).removed == ()
    assert names(clear(Cache(root=link))) == ["a"]
    assert (root / "sdists/mine").exists()


def test_a_directory_that_may_not_be_read_hides_nothing_else(root: Path, unprivileged: list[str]) -> None:
    made(root, "sdists", "a")
    made(root, "wheels", "b")
    (root / "wheels").chmod(0o400)
    words = [sys.executable, "-m", "crossbuild", "cache", "clear", "--cache-dir", str(root)]
    done = subprocess.run([*unprivileged, *words], capture_output=True, text=True, check=True)
    (root / "wheels").chmod(0o700)
    assert done.stdout.startswith("Removed 1 entry: ")
    assert [path.name for path in root.glob("*/[!.]*")] == ["b"]


def test_looking_changes_nothing(root: Path) -> None:
    made(root, "sdists", "a", days=3)
    before = {path: path.lstat() for path in root.rglob("*")}
    cache_info(Cache(root=root))
    assert {path: path.lstat().st_mtime for path in root.rglob("*")} == {
        path: status.st_mtime for path, status in before.items()
    }


def test_a_cache_that_is_not_there(root: Path) -> None:
    cache = Cache(root=root)
    assert (cache_info(cache).size, cache_info(cache).kinds) == (0, ())
    assert clear(cache).removed == prune(cache, max_size=0).removed == ()
    assert not root.exists()


def test_using_an_entry_tells_when_and_by_which_version(root: Path) -> None:
    entry = made(root, "sdists", "a", days=9, version="0.0.1")
    Cache(root=root).entry("sdists", "a", lambda _: None)
    (kind,) = cache_info(Cache(root=root)).kinds
    assert time.time() - kind.last_used.timestamp() < DAY
    assert mark_of(entry).read_text() != "0.0.1"


# --- What is removed -----------------------------------------------------------------------------------------------


def test_all_is_cleared(root: Path, place: Path) -> None:
    made(root, "sdists", "a")
    made(root, "sysroot", "b")
    Cache(root=root).open("zig")
    build = kept(root)
    size = cache_info(Cache(root=root)).size
    done = clear(Cache(root=root))
    assert names(done) == sorted(["a", "b", "zig", build.name])
    assert (done.freed + done.size, done.skipped) == (size, ())
    assert not [*place.iterdir()]
    assert cache_info(Cache(root=root)).kinds == ()


def test_kinds_are_cleared(root: Path, place: Path) -> None:
    made(root, "sdists", "a")
    made(root, "wheels", "b")
    kept(root)
    assert names(clear(Cache(root=root), ["sdists"])) == ["a"]
    assert len(clear(Cache(root=root), ["kept-builds"]).removed) == 1
    assert not [*place.iterdir()]
    assert [kind.name for kind in cache_info(Cache(root=root)).kinds] == ["wheels"]


def test_what_only_other_versions_use_is_pruned(root: Path) -> None:
    for kind, key in (("host-wheels", "a"), ("zig-compiler", "0.1"), ("zig-compiler", ZIG_VERSION), ("sdists", "b")):
        made(root, kind, key, version="0.0.1")
    made(root, "host-wheels", "own")
    made(root, "no-longer-known", "c", version="0.0.1")
    assert names(prune(Cache(root=root))) == ["0.1", "a", "c"]


def test_what_was_not_used_for_long_is_pruned(root: Path, place: Path) -> None:
    made(root, "sdists", "old", days=40)
    made(root, "sdists", "new", days=20)
    build = kept(root, days=31)
    assert names(prune(Cache(root=root), unused_for=30 * DAY)) == sorted(["old", build.name])
    assert names(prune(Cache(root=root), unused_for=0)) == ["new"]
    assert not [*place.iterdir()]


def test_what_was_not_used_for_the_longest_time_is_pruned_until_it_fits(root: Path) -> None:
    for days, key in enumerate(("newest", "newer", "older", "oldest")):
        made(root, "sdists", key, size=500 * KILO, days=days)
    made(root, "host-wheels", "stale", size=500 * KILO, version="0.0.1")
    done = prune(Cache(root=root), max_size=1300 * KILO)
    assert names(done) == ["older", "oldest", "stale"]
    assert done.size == cache_info(Cache(root=root)).size <= 1300 * KILO


def test_what_two_entries_have_is_free_when_both_are_gone(root: Path) -> None:
    old, new = made(root, "sysroot", "old", size=500 * KILO, days=2), made(root, "sysroot", "new", days=1)
    (new / "shared").hardlink_to(old / "content")
    before = cache_info(Cache(root=root)).size
    done = prune(Cache(root=root), max_size=before - 1)
    assert names(done) == ["old"]
    assert done.freed < 100 * KILO
    assert prune(Cache(root=root), max_size=0).freed > 500 * KILO


def test_kept_builds_are_pruned_after_a_week(root: Path, place: Path) -> None:
    old, new = kept(root, days=8), kept(root)
    for one in kept_places(Cache(root=root)):
        used_ago(one.record, 8 if one.path == old else 0)
    assert names(prune(Cache(root=root))) == [old.name]
    assert [*place.iterdir()] == [new]


def test_kept_builds_are_pruned_after_a_week_though_other_entries_may_be_older(root: Path, place: Path) -> None:
    build = kept(root, days=8)
    assert names(prune(Cache(root=root), unused_for=30 * DAY)) == [build.name]


def test_places_are_known_again_after_the_machine_was_started_again(
    root: Path, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the disk may have another number."""
    build = kept(root)
    (tmp_path / "env").mkdir()
    register(Cache(root=root), "environments", tmp_path / "env")

    def renumbered(path: Path) -> os.stat_result:
        status = os.lstat(path)
        fields = {name: getattr(status, name) for name in dir(status) if name.startswith("st_")}
        return cast("os.stat_result", SimpleNamespace(**{**fields, "st_dev": status.st_dev + 1}))

    monkeypatch.setattr(Path, "lstat", renumbered)
    assert [one.path for one in cache_info(Cache(root=root)).elsewhere] == [tmp_path / "env"]
    assert names(clear(Cache(root=root), ["kept-builds"])) == [build.name]


def test_a_kept_build_that_you_removed_is_forgotten(root: Path) -> None:
    build = kept(root, days=8)
    (build / "log.txt").unlink()
    build.rmdir()
    assert cache_info(Cache(root=root)).kinds == ()
    done = prune(Cache(root=root))
    assert (done.removed, done.skipped) == ((), ())
    assert not kept_places(Cache(root=root))


def test_another_directory_of_its_name_is_not_a_kept_build(root: Path, place: Path) -> None:
    build = kept(root, days=8)
    build.rename(place / "moved")
    build.mkdir(0o700)
    (build / "mine").touch()
    prune(Cache(root=root))
    clear(Cache(root=root))
    assert (build / "mine").exists()


def test_what_killed_processes_left_is_removed(root: Path) -> None:
    made(root, "sdists", "a")
    for name in (".b.tmp-abcd1234", ".c.removed-abcd1234"):
        (root / "sdists" / name).mkdir()
        (root / "sdists" / name / "half").write_bytes(bytes(64 * KILO))
    done = prune(Cache(root=root))
    assert names(done) == [".b.tmp-abcd1234", ".c.removed-abcd1234"]
    assert done.freed > 2 * 64 * KILO
    assert [*root.glob("sdists/*/content")]


def test_what_is_yours_stays(root: Path, tmp_path: Path) -> None:
    """Sysroots and environments elsewhere, and what happens to be where the cache is."""
    made(root, "wheels", "a", days=99)
    (root / "wheels/mine").mkdir()
    (root / "wheels/mine.whl").touch()
    (root / "src/package").mkdir(parents=True)
    for path in (tmp_path / "root", tmp_path / "env"):
        path.mkdir()
    register(Cache(root=root), "sysroots", tmp_path / "root")
    register(Cache(root=root), "environments", tmp_path / "env")
    prune(Cache(root=root), max_size=0, unused_for=0)
    clear(Cache(root=root))
    for name in ("cache/wheels/mine", "cache/wheels/mine.whl", "cache/src/package", "root", "env"):
        assert (tmp_path / name).exists(), name


def test_nothing_outside_is_touched(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "kind/entry").mkdir(parents=True)
    (outside / "kind/entry/file").write_bytes(os.urandom(300 * KILO))
    (outside / "kind/.entry.lock").touch()
    (made(root, "sdists", "a") / "link").symlink_to(outside)
    (root / "kind").symlink_to(outside / "kind")
    (root / "sdists/link").symlink_to(outside / "kind/entry")
    (root / "sdists/.link.lock").touch()
    assert cache_info(Cache(root=root)).size < 300 * KILO
    prune(Cache(root=root), max_size=0, unused_for=0)
    assert names(clear(Cache(root=root))) == []
    assert (outside / "kind/entry/file").stat().st_size == 300 * KILO
    assert (root / "sdists/link").is_symlink()


def test_parts_that_are_read_only(root: Path) -> None:
    entry = made(root, "sdists", "a")
    entry.chmod(0o500)
    clear(Cache(root=root))
    assert not [*root.glob("sdists/*a*")]


# --- Beside running builds -----------------------------------------------------------------------------------------


def test_what_a_build_uses_is_skipped(root: Path) -> None:
    made(root, "sdists", "a", days=99)
    made(root, "sdists", "b", days=99)
    with running(root, "sdists", "a"):
        for done in (
            prune(Cache(root=root), unused_for=0),
            clear(Cache(root=root)),
            prune(Cache(root=root), max_size=0),
        ):
            assert [(one.path.name, one.reason) for one in done.skipped] == [("a", "in use by another process")]
        assert (root / "sdists/a/content").exists()
        assert not (root / "sdists/b").exists()
    assert names(clear(Cache(root=root))) == ["a"], "the build was killed"


def test_what_is_being_made_again_is_skipped(root: Path) -> None:
    made(root, "sdists", "a")
    done: list[CacheRemoval] = []

    def fill(scratch: Path) -> None:
        (scratch / "whole").touch()
        done.append(clear(Cache(root=root)))

    Cache(root=root).entry("sdists", "a", fill, is_whole=lambda entry: (entry / "whole").exists())
    assert [one.path.name for one in done[0].skipped] == ["a"]
    assert names(clear(Cache(root=root))) == ["a"]


def test_a_full_disk_can_be_cleared(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(root, "sdists", "a")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "mkdir", refuse)
    assert names(clear(Cache(root=root))) == ["a"]


def test_entries_that_may_not_be_removed_have_one_reason(root: Path, unprivileged: list[str]) -> None:
    for key in ("a", "b"):
        made(root, "sdists", key)
    (root / "sdists").chmod(0o500)
    words = [sys.executable, "-m", "crossbuild", "cache", "clear", "--cache-dir", str(root)]
    done = subprocess.run([*unprivileged, *words], capture_output=True, text=True, check=True)
    (root / "sdists").chmod(0o700)
    assert done.stdout.splitlines()[1:] == ["Skipped 2 entries, permission denied:", "  sdists: 2 entries"]


def test_leftovers_that_cannot_be_removed_are_not_told_to_be(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(root, "sdists", "a")
    left = root / "sdists/.b.removed-abcd1234"
    left.mkdir()
    monkeypatch.setattr(removal, "remove_tree", lambda _: None)
    done = prune(Cache(root=root))
    assert (done.removed, done.freed) == ((), 0)
    assert [one.path for one in done.skipped] == [left]


def test_what_may_become_an_entry_is_left_to_its_maker(root: Path) -> None:
    left: list[CacheRemoval] = []

    def fill(scratch: Path) -> None:
        (scratch / "half").touch()
        left.append(clear(Cache(root=root)))

    assert (Cache(root=root).entry("sdists", "a", fill) / "half").exists()
    assert left[0].removed == ()


def test_who_comes_while_an_entry_is_removed_makes_it_again(root: Path) -> None:
    entry = made(root, "sdists", "a")
    cache, found = Cache(root=root), list[Path]()
    user = threading.Thread(target=lambda: found.append(cache.entry("sdists", "a", lambda new: (new / "new").touch())))
    with alone_with(cache.uses_file, "sdists/a") as is_free:
        assert is_free
        user.start()
        time.sleep(0.05)
        assert not found
        entry.rename(root / "sdists/.a.removed-abcd1234")
    user.join()
    assert (found[0] / "new").exists()


def test_what_an_object_uses_is_free_when_it_is_gone(root: Path) -> None:
    made(root, "sdists", "a")
    cache = Cache(root=root)
    cache.use("sdists", "a")
    assert clear(Cache(root=root)).removed == ()
    del cache
    assert names(clear(Cache(root=root))) == ["a"]


def test_a_build_that_was_just_kept_is_in_use(root: Path, place: Path) -> None:
    """Whoever kept it still reads in it."""
    cache = Cache(root=root)
    with temporary_directory() as directory:
        keep_build(directory, cache)
    assert [one.reason for one in clear(Cache(root=root)).skipped] == ["in use by another process"]
    let_go(cache)
    assert [*place.iterdir()] == [directory]


def test_an_interrupted_removal_leaves_a_usable_cache(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = made(root, "sdists", "a")

    def interrupt(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(removal, "remove_tree", interrupt)
        with pytest.raises(KeyboardInterrupt):
            clear(Cache(root=root))
    assert not entry.exists(), "it is gone as a whole"
    assert (made(root, "sdists", "a") / "content").exists()
    prune(Cache(root=root))
    assert sorted(path.name for path in (root / "sdists").iterdir()) == [".a.lock", "a"]


def test_two_removals_at_once(root: Path) -> None:
    for number in range(40):
        made(root, "sdists", str(number), size=1)
    done: list[CacheRemoval] = []
    threads = [threading.Thread(target=lambda: done.append(clear(Cache(root=root)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == len(threads)
    assert not [*root.glob("sdists/[!.]*")]


def test_a_cache_that_may_only_be_read_is_used(root: Path, unprivileged: list[str]) -> None:
    made(root, "sdists", "a", days=3)
    before = (root / "sdists/.a.lock").stat().st_mtime
    for path in (root, *root.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    command = [*unprivileged, sys.executable, "-c", HOLD, str(root), "sdists", "a"]
    subprocess.run(command, input=b"\n", capture_output=True, check=True)
    assert (root / "sdists/.a.lock").stat().st_mtime == before
    for path in root.rglob("*"):
        path.chmod(0o755)


# --- Cross environments --------------------------------------------------------------------------------------------


def test_what_an_environment_needs_is_not_pruned(root: Path, tmp_path: Path) -> None:
    made(root, "compilers", "a", days=99, version="0.0.1")
    made(root, "sdists", "b", days=99)
    cache = Cache(root=root)
    cache.use("compilers", "a")
    cache.use("sdists", "b")
    (tmp_path / "env").mkdir()
    register(cache, "environments", tmp_path / "env")
    del cache
    done = prune(Cache(root=root), unused_for=0, max_size=0)
    assert (names(done), done.environments) == (["b"], ())
    assert [one.reason for one in done.skipped] == [f"needed by the environment {tmp_path / 'env'}"]
    assert clear(Cache(root=root)).environments == (tmp_path / "env",)
    made(root, "compilers", "a", days=99)
    (tmp_path / "env").rmdir()
    assert names(prune(Cache(root=root), unused_for=0)) == ["a"]


# --- The limit -----------------------------------------------------------------------------------------------------


class Told(SilentReporter):
    """A reporter that remembers."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.warnings: list[str] = []

    def note(self, text: str, /) -> None:
        self.notes.append(text)

    def warning(self, text: str, /) -> None:
        self.warnings.append(text)


def added(root: Path, key: str) -> Cache:
    """Return a cache that made an entry of half a megabyte, as a command does, and uses it no longer."""

    def fill(scratch: Path) -> None:
        (scratch / "content").write_bytes(os.urandom(500_000))

    cache = Cache(root=root)
    cache.entry("sdists", key, fill)
    let_go(cache)
    return cache


def test_the_limit_holds_after_a_command(root: Path) -> None:
    told = Told()
    for key in ("a", "b", "c", "d"):
        keep_to_limit(added(root, key), 1_200_000, told)
        used_ago(root / f"sdists/.{key}.lock", 5 - "abcd".index(key))
    assert sorted(path.name for path in (root / "sdists").glob("[!.]*")) == ["c", "d"]
    assert cache_info(Cache(root=root)).size <= 1_200_000
    assert [note.partition(":")[0] for note in told.notes] == 2 * ["The cache exceeded its limit of 1.2 MB"]


def test_what_the_command_still_uses_stays(root: Path) -> None:
    cache = added(root, "a")
    cache.use("sdists", "a")
    keep_to_limit(cache, 1, SilentReporter())
    assert (root / "sdists/a").is_dir()


def test_not_all_is_measured_after_each_command(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_to_limit(added(root, "a"), 10_000_000, SilentReporter())

    def refuse(*_: object) -> CacheRemoval:
        raise AssertionError("all is measured")

    with monkeypatch.context() as patched:
        patched.setattr(limit, "shrink", refuse)
        keep_to_limit(added(root, "b"), 10_000_000, SilentReporter())
        keep_to_limit(Cache(root=root), 1, SilentReporter())
        keep_to_limit(added(root, "c"), None, SilentReporter())
        with pytest.raises(AssertionError):
            keep_to_limit(added(root, "d"), 1_200_000, SilentReporter())
        tomorrow = time.time() + 2 * DAY
        monkeypatch.setattr(time, "time", lambda: tomorrow)
        with pytest.raises(AssertionError):
            keep_to_limit(added(root, "e"), 10_000_000, SilentReporter())


def test_a_limit_that_cannot_be_kept_is_a_warning(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, cache = Told(), added(root, "a")

    def refuse(*_: object) -> CacheRemoval:
        raise PermissionError(13, "Permission denied", str(root / "sdists"))

    monkeypatch.setattr(limit, "shrink", refuse)
    keep_to_limit(cache, 1_000_000, told)
    assert "The cache may exceed its limit of 1.0 MB." in told.warnings[0]
    assert str(root / "sdists") in told.warnings[0]


# --- Sysroots ------------------------------------------------------------------------------------------------------


def sysroots(root: Path) -> SysrootStore:
    return SysrootStore(cache=Cache(root=root), reporter=SilentReporter(), environ={}, offline="--offline")


def shared(root: Path, key: str, request: SourceRequest = MACHINE_SOURCES) -> Path:
    """Make a shared sysroot, as the store does it, without packages."""

    def fill(scratch: Path) -> None:
        Sysroot(directory=scratch, name=ARM64, request=request, requested=(), packages=()).write_manifest(scratch)

    entry = Cache(root=root).entry("sysroot", f"{key}.0123456789abcdef", fill)
    point(root / "sysroot/by-name" / key, f"../{entry.name}")
    return entry


def test_a_sysroot_that_is_used_stays(root: Path) -> None:
    entry = shared(root, "debian-bookworm-arm64")
    store = sysroots(root)
    assert store.find("debian:bookworm:arm64").directory == store.provide(ARM64).directory == entry
    assert [one.path for one in clear(Cache(root=root)).skipped] == [entry]
    del store
    assert names(clear(Cache(root=root))) == [entry.name]
    with pytest.raises(SysrootError, match="There is no sysroot") as caught:
        sysroots(root).find("debian:bookworm:arm64")
    assert caught.value.fix == "`crossbuild sysroot create debian:bookworm:arm64` makes it."
    with pytest.raises(SysrootError, match="There is no sysroot") as caught:
        sysroots(root).find("debian:bookwrom:arm64")
    assert caught.value.fix == "Did you mean debian:bookworm:arm64?"
    assert shared(root, "debian-bookworm-arm64") == sysroots(root).find("debian:bookworm:arm64").directory


def test_a_sysroot_that_was_removed_does_not_hide_the_one_of_a_mirror(root: Path) -> None:
    shared(root, "debian-bookworm-arm64")
    clear(Cache(root=root))
    other = shared(root, "debian-bookworm-arm64-from-0123", SourceRequest(mirror="http://example.org"))
    assert sysroots(root).find("debian:bookworm:arm64").directory == other


def test_listing_sysroots_does_not_use_them(root: Path) -> None:
    entry = shared(root, "debian-bookworm-arm64")
    store = sysroots(root)
    assert len(store.all()) == 1
    assert names(clear(Cache(root=root))) == [entry.name]
    assert store.all() == []
