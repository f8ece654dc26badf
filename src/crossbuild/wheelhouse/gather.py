"""Fetch and build what was chosen, several at once, all within one number of jobs."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import CrossbuildError
from crossbuild.native.jobserver import jobserver
from crossbuild.reporting import OutcomeReporter, SilentOutcomeReporter
from crossbuild.session.job import JobContext
from crossbuild.system.excerpt import headline

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from concurrent.futures import Future

    from crossbuild.native.jobserver import Jobserver
    from crossbuild.reporting import ProgressReporter
    from crossbuild.resolve.candidates import Candidate
    from crossbuild.resolve.resolver import Resolution
    from crossbuild.session.session import Session
    from crossbuild.sources.project import Source
    from crossbuild.wheels.distribution import Distribution

_DOWNLOADS = 6
"""How many files are fetched at once."""
_AGAIN = "Run the same command again to retry only what failed."
_LINES = 8
"""How many lines of each cause an error has that tells of several."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A package that could not be fetched or built."""

    choice: Candidate
    error: CrossbuildError
    needed_by: tuple[str, ...]
    """The names of the requested packages that require it, directly or through others."""


def gather(
    resolution: Resolution, *, session: Session, progress: ProgressReporter, fail_fast: bool = False
) -> Generator[Distribution]:
    """Yield each of the choices that the host does not have as a wheel, as soon as it is fetched or built.

    One that fails does not stop the others, unless ``fail_fast``. Raises the error of the one that failed, or for
    several CrossbuildError, when all others are there.
    """
    wanted = [choice for choice in resolution.choices if not choice.is_there]
    outcomes = progress if isinstance(progress, OutcomeReporter) else SilentOutcomeReporter()
    outcomes.stays([choice.label for choice in resolution.choices if choice.is_there])
    progress.expect([choice.label for choice in wanted])
    failures: list[Failure] = []
    with _at_work(wanted, session, progress) as futures:
        pending = set(futures)
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            # By name, so that the order is the same each time if several finish at once.
            for future in sorted(done, key=lambda future: futures[future].name):
                choice = futures[future]
                try:
                    found = future.result()
                except CrossbuildError as error:
                    outcomes.failed(choice.label, _reason(error))
                    failures.append(Failure(choice=choice, error=error, needed_by=_needed_by(choice.name, resolution)))
                    if fail_fast:
                        raise _failed(failures, resolution) from None
                    continue
                outcomes.obtained(choice.label, found.how)
                yield replace(
                    found,
                    name=choice.name,
                    version=choice.version,
                    requested=choice.name in resolution.requested,
                    required_by=resolution.required_by[choice.name],
                    unpack=_directory_of(choice.unpack) if choice.unpack else None,
                )
    if failures:
        raise _failed(failures, resolution)


@contextmanager
def _at_work(
    choices: Sequence[Candidate], session: Session, progress: ProgressReporter
) -> Iterator[dict[Future[Distribution], Candidate]]:
    """Give the work on each choice, begun; if it is given up, what runs is ended."""
    # Downloads wait for the network and builds for processors, so neither should wait for the other.
    built = [choice for choice in choices if choice.is_built]
    fetched = [choice for choice in choices if not choice.is_built]
    at_once = min(session.jobs, len(built)) or 1
    with (
        _sharing(session.jobs, at_once) as server,
        ThreadPoolExecutor(_DOWNLOADS) as downloads,
        # More than can be built at once: one that waits for another's wheel leaves its turn to a third.
        ThreadPoolExecutor(len(built) if server else 1) as builds,
    ):
        futures = {downloads.submit(_fetch, choice, progress): choice for choice in fetched}
        futures |= {builds.submit(_build, choice, progress, server): choice for choice in built}
        try:
            yield futures
        except BaseException:  # also GeneratorExit, when the caller wants no more
            session.services.running.end()
            for future in futures:
                future.cancel()
            if server:
                server.stop()
            raise


@contextmanager
def _sharing(jobs: int, at_once: int) -> Iterator[Jobserver | None]:
    """Give a jobserver if several packages are built at once."""
    if at_once == 1:
        yield None
        return
    with (
        tempfile.TemporaryDirectory(prefix="crossbuild-jobs-") as directory,
        jobserver(jobs, Path(directory), at_once=at_once) as server,
    ):
        yield server


def _fetch(choice: Candidate, progress: ProgressReporter) -> Distribution:
    with progress.within(choice.label) as reporter:
        return _obtain(choice, JobContext(reporter=reporter), progress)


def _build(choice: Candidate, progress: ProgressReporter, server: Jobserver | None) -> Distribution:
    with server.slot() if server else nullcontext(), progress.within(choice.label) as reporter:
        return _obtain(choice, JobContext(reporter=reporter, jobserver=server), progress)


def _obtain(choice: Candidate, job: JobContext, progress: ProgressReporter) -> Distribution:
    started = time.monotonic()
    found = choice.obtain(job)
    if found.is_kept:
        progress.kept(choice.label)
    # One that had to be built to know what it requires has taken its time already.
    return replace(found, seconds=found.seconds + time.monotonic() - started)


def _directory_of(unpack: Callable[[], Source]) -> Callable[[], Path]:
    return lambda: unpack().directory


def _needed_by(name: str, resolution: Resolution) -> tuple[str, ...]:
    """Return the requested packages that require ``name``, directly or through others."""
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        for parent in resolution.required_by.get(ahead.pop(), ()):
            if parent not in seen:
                seen.add(parent)
                ahead.append(parent)
    return tuple(sorted(seen & resolution.requested - {name}))


def _failed(failures: Sequence[Failure], resolution: Resolution) -> CrossbuildError:
    if len(failures) == 1:
        (failure,) = failures
        if failure.needed_by:
            needs = "needs" if len(failure.needed_by) == 1 else "need"
            failure.error.what += f" {', '.join(failure.needed_by)} {needs} {failure.choice.name}."
        if len(resolution.choices) > 1:
            failure.error.fix = "\n".join(filter(None, (failure.error.fix, _AGAIN)))
        return failure.error
    failures = sorted(failures, key=lambda failure: failure.choice.name)
    kinds = {type(failure.error) for failure in failures}
    kind = kinds.pop() if len(kinds) == 1 else CrossbuildError
    return kind(
        f"{len(failures)} of {len(resolution.choices)} packages failed: "
        f"{', '.join(failure.choice.label for failure in failures)}.",
        why="\n".join(map(_line, failures)),
        fix=_AGAIN,
    )


def _reason(error: CrossbuildError) -> str:
    return " ".join(filter(None, (error.what, headline(error.why))))


def _line(failure: Failure) -> str:
    error = failure.error
    users = f", for {', '.join(failure.needed_by)}" if failure.needed_by else ""
    hint = error.fix.replace("\n", "\n        ")
    lines = [
        f"{failure.choice.label}{users}: {error.what}",
        *(f"  {line}" for line in error.why.splitlines()[:_LINES]),
        *([f"  log: {error.log}"] if error.log else []),
        *([f"  hint: {hint}"] if hint else []),
    ]
    return "\n".join(lines)
