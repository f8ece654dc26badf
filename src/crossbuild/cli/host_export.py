"""``crossbuild host export``: a host as a file for other tools."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from crossbuild.cli import suggestions
from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import host_options
from crossbuild.cli.options import OUTPUT_FILE, with_options

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.cli.option_values import Output
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter

_FORMATS = [
    ("meson", "A cross file: meson setup --cross-file FILE."),
    ("cmake", "A toolchain file: cmake --toolchain FILE."),
    ("cargo", "A configuration: cargo build --config FILE.toml."),
    ("pyo3", "What PYO3_CONFIG_FILE names."),
    ("build-details", "The build-details.json of PEP 739: meson setup -Dpython.build_config=FILE."),
    ("env", "Lines for a shell to read (. FILE), with CC, CXX, PKG_CONFIG_LIBDIR and so on."),
    ("sysconfigdata", "The host's build variables, as a Python module."),
]


@click.command(
    cls=Command,
    short_help="Write a host as a file for Meson, CMake, cargo and others.",
    sections=(
        ("Formats", _FORMATS),
        (
            "Examples",
            """\
            crossbuild host export manylinux_2_28_aarch64 --format meson -o aarch64.ini
            crossbuild host export debian:bookworm:arm64 --format cmake -o arm64.cmake
            crossbuild host export manylinux_2_28_aarch64 --format env
            """,
        ),
    ),
)
@click.argument("host", shell_complete=suggestions.hosts)
@click.option(
    "--format", "form", required=True, type=click.Choice([name for name, _ in _FORMATS]), help="What to write."
)
@with_options(OUTPUT_FILE)
@host_options(json=False)
def export(*, form: str, into: Path | None, options: BuildOptions, output: Output) -> int:
    """Write HOST as a file with which another tool builds for it, without crossbuild.

    The file names compilers and headers in crossbuild's cache, so it holds for as long as that is kept.
    """
    from crossbuild.cli.outcome import guarded, write

    def work(reporter: Reporter) -> None:
        from crossbuild.frontend import export_host

        write(export_host(options, form, reporter=reporter, environ=os.environ), into)

    return guarded(work, output)
