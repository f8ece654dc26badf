"""The commands. Each turns its words into values, calls the frontend, and tells how it went."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossbuild import __version__
from crossbuild.cli.cache import cache
from crossbuild.cli.check import check
from crossbuild.cli.completion import VARIABLE, completion
from crossbuild.cli.doctor import doctor
from crossbuild.cli.dry_run import show_plan
from crossbuild.cli.env import env
from crossbuild.cli.explain import explain
from crossbuild.cli.fetching import fetch_zig
from crossbuild.cli.hosts import host
from crossbuild.cli.install import install, rollback, uninstall
from crossbuild.cli.manual import Command, Group, exit_codes
from crossbuild.cli.option_values import build_options, set_options
from crossbuild.cli.options import DRY_RUN, OF_WHEELS, STATIC_INDEX, WHEEL_DIR
from crossbuild.cli.pips import build_fetch, build_pip, cross_pip
from crossbuild.cli.rebuild import rebuild
from crossbuild.cli.repair import repair
from crossbuild.cli.run import run
from crossbuild.cli.shell import shell
from crossbuild.cli.suggestions import files
from crossbuild.cli.sysroots import sysroot
from crossbuild.cli.test import test
from crossbuild.errors import CrossbuildError, system_failure
from crossbuild.redaction import redacted_text
from crossbuild.terminal.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from crossbuild.cli.display import Display
    from crossbuild.cli.help_text import Section, Terms
    from crossbuild.cli.option_values import Output
    from crossbuild.frontend import BuiltWheel
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.requirements.request import Request
    from crossbuild.wheelhouse.dry_run import Plan

_HOSTS: Section = (
    "HOST is one of",
    [
        ("/sysroot/usr/bin/python3.11", "A host Python's executable. It need not run here; its sysroot is found."),
        ("/opt/arm/python3", "The prefix that a host Python is installed in."),
        (
            "manylinux_2_28_aarch64",
            (
                "A platform tag, where there is no host Python (see --python): manylinux_*, manylinux2014_*, "
                "musllinux_* for musl, or linux_*, which promises no version of glibc."
            ),
        ),
        (
            "debian:bookworm:arm64",
            "A distribution's release and architecture: its own Python, fetched on first use (see crossbuild sysroot).",
        ),
        ("pi", "A name from the configuration: [hosts.pi] of crossbuild.toml."),
    ],
)


# Made when the help is shown: importing the declarations would slow down every other call.
def _variables() -> Terms:
    from crossbuild.declarations.option import options_of
    from crossbuild.options.build_options import BuildOptions

    declared = [one for one in options_of(BuildOptions) if one.variable]
    return [
        *((one.variable, f"What {one.long_name} is, if it is not given.") for one in declared),
        ("CROSSBUILD_PASS_ENV", "More variables that builds see: names and patterns."),
        ("PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS, PIP_NO_INDEX", "Where pip looks, crossbuild looks."),
        ("UV_DEFAULT_INDEX, UV_INDEX, UV_FIND_LINKS, UV_OFFLINE", "As for uv."),
        ("PIP_CERT, SSL_CERT_FILE, REQUESTS_CA_BUNDLE", "Certificate authorities to trust, instead of the system's."),
        ("PIP_TRUSTED_HOST, UV_INSECURE_HOST", "Hosts that need no certificate."),
        ("HTTPS_PROXY, NO_PROXY, NETRC", "As usual."),
        ("NO_COLOR, FORCE_COLOR", "Never use colors, or always."),
    ]


_VARIABLES: Section = ("Environment", _variables)


@click.group(
    cls=Group,
    # Longer lines are hard to read.
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    sections=(
        (
            "Examples",
            """\
            crossbuild wheel numpy --host manylinux_2_28_aarch64
            crossbuild wheel lxml --host debian:bookworm:arm64 --auto-sysroot
            crossbuild wheel ./project --host /sysroot/usr/bin/python3.11 -w dist
            crossbuild sdist-to-wheel ./project --host musllinux_1_2_armv7l --python 3.12
            """,
        ),
        ("Exit codes", exit_codes),
    ),
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def app() -> None:
    """Build correctly tagged, verified Python wheels for a machine other than this one.

    The project's own build backend runs on this machine, in an environment that answers as the host's Python would;
    no container, no recipe. An emulator runs only what a build insists on running, and tests of wheels. Every binary in
    a wheel is checked before the wheel is delivered.
    """


@app.command(
    cls=Command,
    common=True,
    short_help="Build wheels of projects and their dependencies for HOST.",
    sections=(
        _HOSTS,
        (
            "Examples",
            """\
            For a platform tag, where there is no host Python:
              crossbuild wheel numpy --host manylinux_2_28_aarch64 --python 3.12

            For the Python of a distribution, with the libraries that the build turns out to need:
              crossbuild wheel lxml --host debian:bookworm:arm64 --auto-sysroot

            For the Python in a sysroot, with the compiler that it records:
              crossbuild wheel 'numpy==2.3.*' --host /sysroot/usr/bin/python3.11

            With a compiler of your own, several at once, into dist/:
              crossbuild wheel ./a ./b-1.0.tar.gz --host /opt/arm/python3 \\
                --toolchain /opt/x/bin/arm-linux-gnueabihf- -w dist

            An application with all that it requires, what has wheels as wheels:
              crossbuild wheel -r requirements.txt --host debian:bookworm:armhf \\
                -w wheelhouse --index index

            In a script:
              wheel=$(crossbuild wheel msgpack --no-deps --host linux_riscv64 -q)
            """,
        ),
        _VARIABLES,
    ),
)
@click.argument("specs", nargs=-1, metavar="[SPEC]...", shell_complete=files)
@set_options(DRY_RUN, WHEEL_DIR, STATIC_INDEX, OF_WHEELS, build_named=True)
def wheel(
    *,
    request: Request,
    options: BuildOptions,
    wheel_dir: Path,
    index_dir: Path | None,
    lock: Path | None,
    fail_fast: bool,
    dry_run: bool,
    output: Output,
) -> int:
    """Make the wheels of projects, and of all that they require on HOST.

    SPEC is a requirement (numpy, 'numpy==2.3.*', 'name @ https://...'), the path of an sdist, that of a directory (with
    a slash in it: ./numpy), or a repository (git+https://...). Without SPEC, -r and --group, it is the project in the
    current directory. Versions are chosen as pip on HOST would choose them.
    What SPEC names is built from source; for what that requires, and for what files list with -r, the wheels are taken
    that fit HOST, and only what has none is built. A directory is copied and the copy built, so that it stays as it is.

    Standard output gets the paths of the wheels, one a line. All else goes to standard error: the steps with their
    times, the backend's output if it fails (or with -v), and the size of each wheel (with -v, also its tags and
    SHA-256). What fails does not keep the others from being made, and the same command again does only what is missing.
    """

    def build(display: Display) -> Iterable[BuiltWheel]:
        from crossbuild.frontend import fill_wheelhouse
        from crossbuild.wheelhouse.make import Wheelhouse

        return fill_wheelhouse(
            request,
            Wheelhouse(wheel_dir=wheel_dir, index_dir=index_dir, lock=lock),
            options=options,
            fail_fast=fail_fast,
            reporter=display,
            progress=display,
            environ=os.environ,
        )

    def look(reporter: Reporter) -> Plan:
        from crossbuild.frontend import plan_wheels

        return plan_wheels(request, options=options, reporter=reporter, environ=os.environ)

    return show_plan(look, output) if dry_run else _deliver(build, output)


@app.command(
    "sdist-to-wheel",
    cls=Command,
    short_help="Build a wheel for HOST by way of an sdist.",
    sections=(
        _HOSTS,
        (
            "Examples",
            """\
            crossbuild sdist-to-wheel . --host musllinux_1_2_aarch64 -w dist
            crossbuild sdist-to-wheel ./b-1.0.tar.gz --host debian:bookworm:armhf
            """,
        ),
        _VARIABLES,
    ),
)
@click.argument("path", default=Path(), metavar="[PATH]", type=click.Path(exists=True, path_type=Path))
@build_options
def sdist_to_wheel(*, path: Path, options: BuildOptions, wheel_dir: Path, output: Output) -> int:
    """Build a wheel for HOST from an sdist, or from a directory by way of one.

    PATH is an sdist or a directory, by default the current one. A copy of a directory is made into an sdist first, by
    the build Python, and the wheel is built from that: so it shows whether the sdist has everything that the wheel
    needs.
    """

    def build(reporter: Reporter) -> list[BuiltWheel]:
        from crossbuild import frontend

        built = frontend.sdist_to_wheel(
            path, wheel_dir=wheel_dir, options=options, reporter=reporter, environ=os.environ
        )
        return [built]

    return _deliver(build, output)


app.add_command(cache)
app.add_command(check)
app.add_command(completion)
app.add_command(build_fetch)
app.add_command(build_pip)
app.add_command(cross_pip)
app.add_command(doctor)
app.add_command(env)
app.add_command(explain)
app.add_command(fetch_zig)
app.add_command(host)
app.add_command(install)
app.add_command(rebuild)
app.add_command(repair)
app.add_command(rollback)
app.add_command(run)
app.add_command(shell)
app.add_command(sysroot)
app.add_command(test)
app.add_command(uninstall)


def _deliver(build: Callable[[Display], Iterable[BuiltWheel]], output: Output) -> int:
    from crossbuild.cli.outcome import deliver

    return deliver(build, output)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. ``arguments`` default to those of the process."""
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except CrossbuildError as error:  # standard output failed while the result was printed
        _complain(f"error: {error}\n")
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output has gone. Keep the interpreter from failing on it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _call(words: list[str]) -> object:
    if VARIABLE in os.environ:
        from crossbuild.cli.shells import register_shells

        register_shells()
    try:
        return app.main(words, prog_name="crossbuild", standalone_mode=False)
    except BrokenPipeError:
        raise
    except OSError as error:  # of a path on the command line
        raise system_failure(error) from None


def _run(words: list[str]) -> int:
    try:
        code = _call(words)
    except click.ClickException as refusal:
        from crossbuild.cli.foreign_words import in_our_words

        error = in_our_words(refusal)
        shown = io.StringIO()
        error.show(shown)
        _complain(redacted_text(shown.getvalue()))
        # The words could not be parsed, so they are searched. A program that wanted JSON gets it even then.
        if "--json" in words:
            from crossbuild.cli.outcome import print_failure

            print_failure(error.format_message(), exit_code=error.exit_code)
        return error.exit_code
    except CrossbuildError as error:
        _complain(f"error: {error}\n")
        if "--json" in words:
            from crossbuild.cli.outcome import print_failure

            print_failure(error.what, exit_code=error.exit_code)
        return error.exit_code
    return code if isinstance(code, int) else 0


def _complain(text: str) -> None:
    click.echo(printable(text), err=True, nl=False)
