"""What a build tells whoever watches it. The library only speaks through a Reporter; the default one is silent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

Unit = Literal["bytes", "steps"]
"""What progress is counted in."""
Advance = Callable[[int, int | None], None]
"""Takes how much is done, and of how much; None if nobody knows."""


class Reporter(Protocol):
    """Receives what happens, as it happens."""

    def step(self, title: str) -> AbstractContextManager[None]:
        """Return a context manager for a step named ``title``; it ends well, or with the exception that passes."""

    def note(self, text: str) -> None:
        """Take a fact worth one line: the toolchain that was chosen, the version that was resolved."""

    def warning(self, text: str) -> None:
        """Take something that the user may have to act upon."""

    def command(self, text: str) -> None:
        """Take a command line that is about to run, quoted as a shell would want it."""

    def output(self, line: str) -> None:
        """Take a line of output, without its end, of the command that runs."""


@runtime_checkable
class ProgressReporter(Protocol):
    """Receives what happens to several packages at once, in several threads."""

    def expect(self, labels: Sequence[str]) -> None:
        """Take the packages that wait to be fetched or built."""

    def within(self, label: str, /) -> AbstractContextManager[Reporter]:
        """Return a context manager that gives the reporter for one of them, while it is fetched or built.

        It ends well, or with the exception that passes.
        """

    def kept(self, label: str, /) -> None:
        """Take that one of them had been fetched or built at an earlier time."""


@runtime_checkable
class OutcomeReporter(Protocol):
    """Receives how each of several packages came to be here; a :class:`ProgressReporter` may be one, too."""

    def stays(self, labels: Sequence[str], /) -> None:
        """Take the packages that the host has already, and keeps."""

    def obtained(self, label: str, how: str, /) -> None:
        """Take that a package is here: ``built``, ``downloaded``, ``from cache`` or ``local``."""

    def failed(self, label: str, what: str, /) -> None:
        """Take why a package could not be fetched or built, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class PlainProgressReporter:
    """Progress for a reporter that does not tell packages apart."""

    reporter: Reporter

    def expect(self, labels: Sequence[str]) -> None:
        pass

    @contextmanager
    def within(self, _label: str, /) -> Iterator[Reporter]:
        yield self.reporter

    def kept(self, _label: str, /) -> None:
        pass


def packages_of(reporter: Reporter) -> ProgressReporter:
    """Return ``reporter`` as one that tells packages apart, if it does."""
    return reporter if isinstance(reporter, ProgressReporter) else PlainProgressReporter(reporter=reporter)


class SilentReporter:
    """Hears everything and says nothing."""

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        yield

    def note(self, text: str) -> None:
        pass

    def warning(self, text: str) -> None:
        pass

    def command(self, text: str) -> None:
        pass

    def output(self, line: str) -> None:
        pass


@runtime_checkable
class LineReporter(Protocol):
    """Receives the output of a program that the user asked for, such as a test, line by line."""

    def line(self, text: str, /) -> None:
        """Take a line, without its end, that is to be seen."""


@dataclass(frozen=True, kw_only=True)
class _Seen(SilentReporter):
    reporter: LineReporter

    def output(self, line: str) -> None:
        self.reporter.line(line)


def lines_of(reporter: Reporter) -> Reporter:
    """Return what shows all output of a program by ``reporter``, if that can, and not only what runs now."""
    return _Seen(reporter=reporter) if isinstance(reporter, LineReporter) else reporter


class SilentOutcomeReporter:
    """Hears what became of packages, and says nothing."""

    def stays(self, labels: Sequence[str], /) -> None:
        pass

    def obtained(self, label: str, how: str, /) -> None:
        pass

    def failed(self, label: str, what: str, /) -> None:
        pass


@runtime_checkable
class StepProgressReporter(Protocol):
    """Receives how far a step is: how much of a file is downloaded, how much of a project is compiled."""

    def progress(self, title: str, /, *, unit: Unit, expected: float | None = None) -> AbstractContextManager[Advance]:
        """Return a context manager for a part of the step that runs; several may run at once, in several threads.

        It gives a function that takes how much is done, and of how much: None if nobody knows. ``expected`` is how
        many seconds it took before.
        """


def progress_of(
    reporter: Reporter, title: str, *, unit: Unit, expected: float | None = None
) -> AbstractContextManager[Advance]:
    """Return what ``reporter`` gives for a part of its step, or a function that does nothing if it takes none."""
    if isinstance(reporter, StepProgressReporter):
        return reporter.progress(title, unit=unit, expected=expected)
    return nullcontext(_ignore)


def _ignore(_done: int, _total: int | None) -> None:
    pass
