"""``fetch-zig``, which stand-in compilers for this machine run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import Output

if TYPE_CHECKING:
    from crossbuild.cli.display import Display


@click.command("fetch-zig", cls=Command, hidden=True)
@click.option("--cache-dir", required=True, type=click.Path(path_type=Path))
def fetch_zig(*, cache_dir: Path) -> int:
    """Download zig into the cache, from the indexes that the environment names."""
    from crossbuild.cli.outcome import guarded

    def work(display: Display) -> None:
        from crossbuild.index.index import Index
        from crossbuild.index.zig_wheel import ZigWheels
        from crossbuild.options.build_options import IndexOptions
        from crossbuild.system.cache import Cache
        from crossbuild.toolchain.build_machine import fetch_stand_in

        cache = Cache(root=cache_dir)
        # A build runs this in its own environment, which has no index with a password in it.
        index = Index.from_options(IndexOptions(), environ=os.environ, cache=cache)
        with display.step("Download zig, since this machine has no compiler of its own"):
            fetch_stand_in(cache, ZigWheels(index=index, reporter=display))

    return guarded(work, Output())
