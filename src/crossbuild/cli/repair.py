"""``crossbuild repair``: libraries put into wheels that something else built."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import host_options
from crossbuild.cli.options import HOST, IGNORE, REPAIRS, WHEEL_DIR, with_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.cli.display import Display
    from crossbuild.cli.option_values import Output
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.wheels.distribution import BuiltWheel

_EXAMPLES = "crossbuild repair dist/*.whl --host manylinux_2_36_aarch64 --sysroot debian:bookworm:arm64 -w repaired"


@click.command(
    cls=Command,
    short_help="Put the libraries that wheels need into them.",
    sections=(("Examples", _EXAMPLES),),
)
@click.argument(
    "wheels", nargs=-1, required=True, metavar="WHEEL...", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@with_options(HOST, WHEEL_DIR, REPAIRS, IGNORE)
@host_options()
def repair(*, wheels: tuple[Path, ...], options: BuildOptions, wheel_dir: Path, output: Output) -> int:
    """Put the libraries that each WHEEL needs, and that HOST does not promise, into a copy of it.

    They are found in the sysroot, as HOST's loader would find them, and never on this machine. The copy is checked, and
    gets the tags of HOST. If HOST is a platform tag, its Python is each wheel's, unless --python says otherwise.
    crossbuild wheel does the same to what it builds, for manylinux and musllinux tags.
    """

    def work(display: Display) -> Iterator[BuiltWheel]:
        from crossbuild.frontend import repair_wheels

        return repair_wheels(wheels, wheel_dir=wheel_dir, options=options, reporter=display, environ=os.environ)

    from crossbuild.cli.outcome import deliver

    return deliver(work, output)
