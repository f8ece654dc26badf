"""Why a build takes long, said once, when that begins: its compilers write it down as they run."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crossbuild.toolchain.zig_libraries import SLOW, SLOW_NOTE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.reporting import Reporter

_PAUSE = 1.0
"""Seconds between two looks at what the compilers wrote."""


@contextmanager
def told_when_slow(record: Path, reporter: Reporter) -> Iterator[None]:
    """Tell ``reporter`` in the block if the build with this ``record`` begins to wait for a library of zig's."""
    over = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_watch, record / SLOW, reporter, over)
        try:
            yield
        finally:
            over.set()


def _watch(file: Path, reporter: Reporter, over: threading.Event) -> None:
    while not over.wait(_PAUSE):
        if file.exists():
            reporter.note(SLOW_NOTE)
            return
