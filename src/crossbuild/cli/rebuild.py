"""``crossbuild rebuild``: whether a wheel can be built again of what its statement says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import rebuild_options
from crossbuild.cli.options import under, with_options
from crossbuild.cli.values import DIRECTORY, FILE, fillable

if TYPE_CHECKING:
    from crossbuild.cli.display import Display
    from crossbuild.cli.option_values import Output
    from crossbuild.frontend import BuiltWheel
    from crossbuild.options.build_options import BuildOptions

_wanted, _output = map(under, ("What is wanted", "Output"))
_EXAMPLES = """\
crossbuild wheel ./project --no-deps --host manylinux_2_28_aarch64 --provenance -w dist
crossbuild rebuild dist/*.whl --project ./project -w again
"""
_STATEMENT = _wanted(
    "--statement",
    metavar="FILE",
    type=FILE,
    help="The statement about the wheel. Default: WHEEL.provenance.json beside it.",
)
_PROJECT = _wanted(
    "--project",
    metavar="PATH",
    type=click.Path(exists=True, path_type=Path),
    help="The sdist or the directory that the wheel was built from, where the statement has no address of it.",
)
_WHEEL_DIR = _output(
    "-w",
    "--wheel-dir",
    metavar="DIR",
    type=DIRECTORY,
    callback=fillable,
    help="Where to put the new wheel, if it is the same. Default: it is only compared.",
)


@click.command(
    cls=Command,
    short_help="Build a wheel again from its statement, and compare.",
    sections=(("Examples", _EXAMPLES),),
)
@click.argument("wheel", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_options(_STATEMENT, _PROJECT, _WHEEL_DIR)
@rebuild_options
def rebuild(
    *,
    wheel: Path,
    statement: Path | None,
    project: Path | None,
    wheel_dir: Path | None,
    options: BuildOptions,
    output: Output,
) -> int:
    """Build WHEEL again as the statement beside it says, and compare the two, byte for byte.

    The statement is what crossbuild wheel --provenance wrote. It has to be about this very WHEEL. The source and the
    build requirements are fetched again, and taken only if their hashes are those of the statement; the sysroot gets
    the same packages, and the compiler has to be of the same version. Nothing comes from an earlier build of WHEEL.
    If the new wheel differs, the error names the files that do.
    """
    from crossbuild.cli.outcome import deliver

    def build(reporter: Display) -> list[BuiltWheel]:
        from crossbuild.frontend import rebuild_wheel

        made = rebuild_wheel(
            wheel,
            statement=statement,
            project=project,
            wheel_dir=wheel_dir,
            options=options,
            reporter=reporter,
            environ=os.environ,
        )
        return [made]

    return deliver(build, output)
