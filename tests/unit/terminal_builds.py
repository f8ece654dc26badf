"""Builds in which nothing is built, for tests of what is shown of them."""

from __future__ import annotations

import functools
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from crossbuild import frontend
from crossbuild.__main__ import main
from crossbuild.errors import BackendError
from crossbuild.reporting import OutcomeReporter
from crossbuild.wheels.distribution import BuiltWheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.reporting import ProgressReporter, Reporter
    from crossbuild.wheelhouse.make import Wheelhouse

FAILING = "lxml"
NAMES = (FAILING, "numpy", "click", "pandas", "scikit-learn-with-a-long-name")
_HOWS = ("", "built", "downloaded", "built", "downloaded")
FAILURE = f"The build backend's hook build_wheel failed for {FAILING} 1.0."
TAG = "cp311-cp311-manylinux_2_28_aarch64"


def wheel(directory: Path, name: str, how: str) -> BuiltWheel:
    return BuiltWheel(
        path=directory / f"{name.replace('-', '_')}-1.0-{TAG}.whl",
        name=name,
        version="1.0",
        tags=(TAG,),
        size=2500,
        sha256="0" * 64,
        seconds=1.0,
        elf_files=1,
        how=how,
    )


def five(
    _: object, wheelhouse: Wheelhouse, *, reporter: Reporter, progress: ProgressReporter, **__: Any
) -> Iterator[BuiltWheel]:
    """Be a set of five, at work at the same time, of which the first fails soon."""
    assert isinstance(progress, OutcomeReporter)
    with reporter.step("Choose versions"):
        time.sleep(0.2)
    labels = [f"{name} 1.0" for name in NAMES]
    progress.expect(labels)
    threads = [threading.Thread(target=_build, args=(label, progress)) for label in labels]
    for thread in threads:
        thread.start()
        time.sleep(0.1)
    for name, label, how, thread in zip(NAMES, labels, _HOWS, threads, strict=True):
        thread.join()
        if name == FAILING:
            progress.failed(label, FAILURE)
        else:
            progress.obtained(label, how)
            yield wheel(wheelhouse.wheel_dir, name, how)
    time.sleep(0.3)
    sys.stdout.write("a line that something else prints\n")
    raise BackendError(f"1 of 5 packages failed: {FAILING} 1.0.", why="x.c:1: error: no", fix="Fix it.")


def one(
    _: object, wheelhouse: Wheelhouse, *, reporter: Reporter, seconds: float = 0.2, **__: Any
) -> Iterator[BuiltWheel]:
    """Be the build of one package."""
    with reporter.step("Build click"):
        reporter.note("Compiler: zig 0.17.1")
        with reporter.step("Install the build requirements"):
            reporter.warning("the sky is grey")
            reporter.output("::error::not from us")
        reporter.note("::set-output name=a::not from us")
        time.sleep(seconds)
    yield wheel(wheelhouse.wheel_dir, "click", "built")


def run(name: str, *words: str, **settings: Any) -> None:
    """Run the command line on the build called ``name``, and end this process."""
    build = one if name == "one" else five
    vars(frontend)["fill_wheelhouse"] = functools.partial(build, **settings)
    sys.exit(main(list(words)))


def _build(label: str, progress: ProgressReporter) -> None:
    with progress.within(label) as reporter:
        for step in (f"Install the build requirements of {label}", f"Build {label}"):
            with reporter.step(step):
                reporter.command(f"cc -c {label}")
                for _ in range(1 if label.startswith(FAILING) else 12):
                    reporter.output("cc -c a-file-with-a-long-name.c -o a-file-with-a-long-name.o")
                    time.sleep(0.05)
        reporter.note("It needs on the host: libyaml-0.so.2 (libyaml-0-2), libz.so.1 (zlib1g), libxml2.so.2 (libxml2)")
