"""How much of what apt downloads has come: apt writes files, and says little of it to whoever is no terminal."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crossbuild.reporting import progress_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crossbuild.reporting import Advance, Reporter

_PAUSE = 0.5
"""Seconds between two looks at the files."""


@contextmanager
def watched_files(reporter: Reporter, files: Sequence[Path], *, total: int | None) -> Iterator[None]:
    """Tell ``reporter`` in the block how much of ``files``, which are downloaded in it, has come of ``total`` bytes."""
    what = f"{len(files)} files" if len(files) > 1 else "1 file"
    over = threading.Event()
    with (
        progress_of(reporter, f"Download {what}", unit="bytes") as advance,
        ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(_watch, files, total, advance, over)
        try:
            yield
        finally:
            over.set()


def _watch(files: Sequence[Path], total: int | None, advance: Advance, over: threading.Event) -> None:
    is_over = False
    while not is_over:
        is_over = over.wait(_PAUSE)
        advance(sum(map(_size, files)), total)


def _size(file: Path) -> int:
    """Return how many bytes there are of ``file``, which apt has in another place until it is whole."""
    for place in (file, file.parent / "partial" / file.name):
        try:
            return place.stat().st_size
        except OSError:
            continue
    return 0
