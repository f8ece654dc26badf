"""``crossbuild host capture``: ask a device what its Python is."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

import click

from crossbuild.cli.manual import Command, Option
from crossbuild.cli.option_values import output_options
from crossbuild.cli.options import OUTPUT_FILE, with_options

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.cli.display import Display
    from crossbuild.cli.option_values import Output

_host = functools.partial(click.option, cls=Option, heading="Host")


@click.command(
    cls=Command,
    short_help="Ask a device what its Python is.",
    sections=(
        (
            "Examples",
            """\
            crossbuild host capture --ssh pi@board -o board.json
            crossbuild wheel numpy --host board.json

            Where ssh cannot be run from here:
              crossbuild host capture -o capture.py
              python3 capture.py > board.json         (on the device)
            """,
        ),
    ),
)
@_host(
    "--ssh",
    "destination",
    metavar="DESTINATION",
    help="Run the script there, such as pi@board, and print what it says.",
)
@_host(
    "--python",
    metavar="COMMAND",
    default="python3",
    show_default=True,
    help="What starts the Python there that wheels are to be for.",
)
@_host("--headers", is_flag=True, help="Have the C headers of that Python sent along.")
@with_options(OUTPUT_FILE)
@output_options(json=False)
def capture(*, destination: str | None, python: str, headers: bool, into: Path | None, output: Output) -> int:
    """Print a script that tells what a device's Python is or, with --ssh, what it says on the device.

    The script needs Python 3.8 or newer and nothing else, changes nothing, and prints one JSON document: the build
    variables and pyconfig.h of the Python that runs it, the C library, tags, markers, shared libraries and
    distributions. A file with that may be a HOST. With the argument --headers, the script adds the C headers.
    """
    from crossbuild.cli.outcome import guarded, write
    from crossbuild.host.capture.ssh import capture_by_ssh, capture_script

    if headers and not destination:
        # Written to a file, the script is run later by hand. An option of today could only be baked into it.
        raise click.UsageError("--headers is for --ssh; a script that you run yourself takes --headers itself.")

    def work(display: Display) -> None:
        text = capture_script()
        if destination:
            display.note(f"Connecting to {destination} with ssh")
            with display.step(f"Ask {destination}"), display.aside():  # ssh may ask for a password
                text = capture_by_ssh(destination, python=python, headers=headers, environ=os.environ)
        write(text, into)

    return guarded(work, output)
