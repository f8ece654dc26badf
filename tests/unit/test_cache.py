from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from crossbuild.cache import digest

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.cache import Cache


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
