from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import UsageError
from crossbuild.system.cache import Cache, digest

if TYPE_CHECKING:
    from pathlib import Path


def test_an_entry_is_made_once(cache: Cache) -> None:
    made = []

    def make(scratch: Path) -> None:
        made.append(scratch)
        (scratch / "file").write_text("content")

    with ThreadPoolExecutor(8) as pool:
        entries = set(pool.map(lambda _: cache.entry("kind", "key", make), range(16)))
    assert entries == {cache.path("kind", "key")}
    assert len(made) == 1
    assert (entries.pop() / "file").read_text() == "content"


def test_a_failed_entry_leaves_nothing(cache: Cache) -> None:
    def fail(scratch: Path) -> None:
        (scratch / "half").write_text("")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        cache.entry("kind", "key", fail)
    assert [file.name for file in (cache.root / "kind").iterdir() if not file.name.endswith(".lock")] == []


def test_what_a_killed_process_left_is_not_taken_for_whole(cache: Cache) -> None:
    left_over = cache.root / "kind" / ".key.tmp-dead"
    left_over.mkdir(parents=True)
    (left_over / "half").write_text("")
    entry = cache.entry("kind", "key", lambda scratch: (scratch / "whole").touch())
    assert [file.name for file in entry.iterdir()] == ["whole"]
    assert not left_over.exists()


def test_equal_facts_have_equal_digests(tmp_path: Path) -> None:
    assert digest({"a": 1, "b": tmp_path}) == digest({"b": tmp_path, "a": 1})
    assert digest("a", "b") != digest("ab")


def fill(scratch: Path) -> None:
    (scratch / "file").touch()


def test_what_is_there_is_only_read(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    made = cache.entry("kind", "key", fill)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it is written to")

    for function in ("pathlib.Path.mkdir", "pathlib.Path.touch", "crossbuild.system.cache.FileLock"):
        monkeypatch.setattr(function, refuse)
    assert cache.entry("kind", "key", fill) == made


def test_a_cache_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for root in (tmp_path / "file", tmp_path / "file/below", tmp_path / ("a" * 300)):
        with pytest.raises(UsageError, match="is incomplete, and cannot be written to") as caught:
            Cache(root=root).entry("kind", "key", fill)
        assert "--cache-dir" in caught.value.fix
        with pytest.raises(UsageError):
            Cache(root=root).locks()


READ_ONLY = """
import sys
from pathlib import Path
from crossbuild.system.cache import Cache
from crossbuild.errors import UsageError
cache = Cache(root=Path(sys.argv[1]))
print(cache.entry("kind", "key", lambda _: None).name)
for key in ("other", "key2"):
    try:
        cache.entry("kind", key, lambda _: None)
    except UsageError as error:
        print(error.what)
"""


def test_a_cache_without_permission_to_write(cache: Cache, unprivileged: list[str]) -> None:
    cache.entry("kind", "key", fill)
    (cache.root / "kind/.key2.lock").touch()
    (cache.root / "kind").chmod(0o555)
    done = subprocess.run(
        [*unprivileged, sys.executable, "-c", READ_ONLY, cache.root], capture_output=True, text=True, check=True
    )
    says = f"The cache {cache.root} is incomplete, and cannot be written to."
    assert done.stdout.splitlines() == ["key", says, says]
