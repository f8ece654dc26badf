"""How a command went: exit codes, the paths or the JSON document on standard output, errors in words."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from contextlib import contextmanager
from signal import Signals
from typing import TYPE_CHECKING, Any, Self

import click

from crossbuild.cli.display import Display
from crossbuild.cli.job_summary import write_job_summary
from crossbuild.cli.manual import BUG, INTERRUPTED
from crossbuild.cli.signals import SIGNALLED, ending_well
from crossbuild.errors import CrossbuildError, system_failure
from crossbuild.redaction import redacted_text
from crossbuild.system.filesystem import write_text
from crossbuild.system.scratch import own_temporary_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from crossbuild.cli.option_values import Output
    from crossbuild.frontend import BuiltWheel
    from crossbuild.wheels.bundled import BundledLibrary
    from crossbuild.wheels.host_libraries import HostLibrary


def deliver(build: Callable[[Display], Iterable[BuiltWheel]], output: Output) -> int:
    """Call ``build`` with a reporter for this terminal, tell how it went, and return the exit code."""
    wheels: list[BuiltWheel] = []

    def work(display: Display) -> None:
        display.lists_packages = False  # each has the line of its wheel
        try:
            # Paths are printed as the wheels arrive, so that a pipe can work on the first while the others are built.
            for wheel in build(display):
                wheels.append(wheel)
                display.wheel(wheel)
                if not output.json:
                    click.echo(str(wheel.path))
            if not wheels:
                display.note("Nothing to build: no requirement applies to this host.")
        finally:
            display.wheels_together()

    return documented(work, output, lambda error: _print_document(wheels, error))


def documented(
    work: Callable[[Display], None], output: Output, document: Callable[[dict[str, Any] | None], None]
) -> int:
    """Call ``work`` as :func:`guarded` does; with ``output.json``, ``document`` prints what it did, and any error."""
    code = guarded(work, output, failed=document)
    if output.json and code == 0:
        document(None)
    return code


def guarded(
    work: Callable[[Display], None], output: Output, *, failed: Callable[[dict[str, Any]], None] | None = None
) -> int:
    """Call ``work`` with the display of this terminal; show the error that leaves it, and return the exit code.

    With ``output.json``, ``failed`` gets the error as it is to be printed.
    """
    display = Display.from_stream(
        sys.stderr,
        verbosity=output.verbosity,
        live=None if output.progress else False,
        color=output.color,
        environ=os.environ,
    )
    with (
        # From the outside in: the handlers are there before anything can be interrupted, the verdict takes whatever
        # leaves the rest, temporary files go while signals only wait, and the display is the last to open. Only `work`
        # itself is interrupted.
        ending_well() as signals,
        _Verdict() as verdict,
        own_temporary_files(),
        _logging(display, output),
        display,
        signals.interrupting(),
    ):
        work(display)
    if not verdict.error:
        write_job_summary(display, None, os.environ)
        return 0
    # After a signal, what failed is its consequence: programs that were told to end look like failed builds.
    meant, code = _ended_by(signals.first) if signals.first else _meant(verdict.error)
    write_job_summary(display, meant, os.environ)
    if output.verbosity > 1:
        display.block("".join(traceback.format_exception(verdict.error)))
    return _fail(meant, code, display, output, failed or print_error)


def write(text: str, file: Path | None) -> None:
    """Write ``text`` to ``file``, never half of it, or else to standard output. Raises OSError for ``file``."""
    if file is None:
        click.echo(text, nl=False)
        return
    write_text(file, text)


def print_error(error: dict[str, Any]) -> None:
    """Print the JSON document of a command that makes no wheels, and failed."""
    click.echo(json.dumps({"error": error}, indent=2))


def print_failure(what: str, *, exit_code: int) -> None:
    """Print the JSON document of a command line that could not be understood."""
    error = {"exit_code": exit_code, "what": redacted_text(what), "why": "", "fix": "", "log": None, "kept": None}
    _print_document([], error)


class _Verdict:
    """Takes whatever exception leaves its block; a reader of our output who has gone is not one."""

    error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        # A reader who has gone hears of no error, and an exit that somebody asked for is none.
        if isinstance(error, (BrokenPipeError, SystemExit)):
            return False
        self.error = error
        return True


def _fail(
    error: CrossbuildError, code: int, display: Display, output: Output, failed: Callable[[dict[str, Any]], None]
) -> int:
    display.error(error)
    if output.json:
        words = {"exit_code": code, "what": error.what, "why": error.why, "fix": error.fix}
        places = {name: str(place) if place else None for name, place in (("log", error.log), ("kept", error.kept))}
        failed(words | places)
    return code


def _ended_by(number: Signals) -> tuple[CrossbuildError, int]:
    what = "Interrupted." if number == Signals.SIGINT else f"Ended by {number.name}."
    return CrossbuildError(what), SIGNALLED + number


def _meant(error: BaseException) -> tuple[CrossbuildError, int]:
    """Return ``error`` in our words, with its exit code."""
    if isinstance(error, CrossbuildError):
        return error, error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return CrossbuildError("Interrupted."), INTERRUPTED
    # The system refused something, such as a full disk. Without a number it is some library's own error: a bug of ours.
    if isinstance(error, OSError) and error.errno is not None:
        ours = system_failure(error)
        return ours, ours.exit_code
    bug = CrossbuildError(
        "This is a bug in crossbuild, not in what you asked for.",
        why=f"{type(error).__name__}: {error}",
        fix="Please report it, with what the same command prints with -vv.",
    )
    return bug, BUG


def _print_document(wheels: Sequence[BuiltWheel], error: dict[str, Any] | None) -> None:
    facts = [
        {
            "path": str(wheel.path),
            "name": wheel.name,
            "version": wheel.version,
            "tags": list(wheel.tags),
            "size": wheel.size,
            "sha256": wheel.sha256,
            "seconds": round(wheel.seconds, 3),
            "elf_files": wheel.elf_files,
            "waived": list(wheel.waived),
            "host_libraries": library_facts(wheel.host_libraries),
            "bundled_libraries": _bundled_facts(wheel.bundled_libraries),
            "emulation": dict(wheel.emulation) or None,
            "origin": wheel.origin.facts if wheel.origin else None,
            "statement": str(wheel.statement) if wheel.statement else None,
        }
        # They arrive in whatever order builds end. A document should be the same each time.
        for wheel in sorted(wheels, key=lambda wheel: wheel.name)
    ]
    click.echo(json.dumps({"wheels": facts, "error": error}, indent=2))


def library_facts(libraries: Iterable[HostLibrary]) -> list[dict[str, str | None]]:
    """Return what a document says of the libraries that a wheel needs on the host."""
    return [{"soname": library.soname, "package": library.package or None} for library in libraries]


def _bundled_facts(libraries: Iterable[BundledLibrary]) -> list[dict[str, Any]]:
    return [
        {
            "soname": library.soname,
            "path": library.path,
            "sha256": library.sha256,
            "package": library.package or None,
            "version": library.version or None,
            "licenses": list(library.licenses),
        }
        for library in libraries
    ]


class _ToDisplay(logging.Handler):
    """Passes the logs of the libraries on."""

    def __init__(self, display: Display) -> None:
        super().__init__()
        self.display = display

    def emit(self, record: logging.LogRecord) -> None:
        self.display.output(f"{record.name}: {record.getMessage()}")


@contextmanager
def _logging(display: Display, output: Output) -> Iterator[None]:
    """Show what libraries log with ``-vv``; else keep it off the terminal."""
    root = logging.getLogger()
    # Without any handler, logging writes warnings to standard error by itself, through the live display.
    handler = _ToDisplay(display) if output.verbosity > 1 else logging.NullHandler()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
