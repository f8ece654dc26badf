"""Prepare what the tests need, so that no test waits for it, and say how long each part took and how big it is.

Nobody has to: what is missing is prepared when a test first needs it. So what cannot be prepared is no failure here.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.testbed import cpython, debian_python, hosts, images, rust, tools
from tests.testbed.bed import Bed
from tests.testbed.choices import UNAVAILABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    Parts = dict[str, Callable[[], Path]]

GNU_COMPILERS = ("aarch64", "armv7l", "riscv64")


def main() -> None:
    bed = Bed.from_environ(os.environ)
    began = time.monotonic()
    # Emulators come first, for each host is started once; builds come last, for they take all the processors.
    stages = ((_programs(bed), 2), (_unpacked(bed), 3), (_built(bed), 1))
    for parts, workers in stages:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(partial(_report, bed), parts, parts.values()))
    print(f"{'everything':16} {time.monotonic() - began:6.1f} s, in {bed.cache.root}")


def _programs(bed: Bed) -> Parts:
    return {
        "zig": lambda: tools.zig(bed),
        "qemu": lambda: tools.emulator(bed, "aarch64"),
        "proot": lambda: images.proot(bed),
    }


def _unpacked(bed: Bed) -> Parts:
    parts: Parts = {name: partial(_host_root, bed, name) for name in hosts.DEBIAN_HOSTS}
    for machine in GNU_COMPILERS:
        parts[f"gnu_{machine}"] = partial(tools.gnu_compilers, bed, machine)
    parts["rust"] = lambda: rust.rust(bed).programs
    return parts


def _built(bed: Bed) -> Parts:
    return {
        **{
            f"python_{major}_{minor}": partial(debian_python.debian_python, bed, (major, minor))
            for major, minor in debian_python.SUITES
        },
        "musl_aarch64": lambda: cpython.musl_host(bed).root,
    }


def _host_root(bed: Bed, name: str) -> Path:
    return hosts.debian_host(bed, name).root


def _report(bed: Bed, name: str, make: Callable[[], Path]) -> None:
    began = time.monotonic()
    try:
        path = make()
    except UNAVAILABLE as error:
        print(f"{name:16} is not there: {error}", file=sys.stderr, flush=True)
        return
    print(f"{name:16} {time.monotonic() - began:6.1f} s {_size(bed, path)}  {path}", flush=True)


def _size(bed: Bed, path: Path) -> str:
    """Return the size of the cache entry that ``path`` is in."""
    if not path.is_relative_to(bed.cache.root):
        return "on PATH"
    entry = bed.cache.path(*path.relative_to(bed.cache.root).parts[:2])
    files = (Path(directory, name) for directory, _, names in os.walk(entry) for name in names)
    return f"{sum(file.lstat().st_size for file in files) / 1e6:4.0f} MB"


if __name__ == "__main__":
    main()
