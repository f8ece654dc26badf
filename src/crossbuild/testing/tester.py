"""Tests wheels on the host: those that exist, and those that were just made, before they are delivered."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import CrossbuildError, WheelTestError
from crossbuild.reporting import lines_of
from crossbuild.system.processes import CommandFailedError, Runner
from crossbuild.system.scratch import temporary_directory
from crossbuild.testing.choose import choose_runner
from crossbuild.testing.environment import fill_stage, import_command
from crossbuild.testing.failure import account, ending
from crossbuild.testing.modules import modules_of
from crossbuild.testing.stage import JUNIT, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from crossbuild.session.session import Session
    from crossbuild.testing.runners import HostRunner
    from crossbuild.wheels.distribution import Distribution


@dataclass(frozen=True, kw_only=True)
class WheelTestReport:
    """How the test of a wheel ended that passed."""

    wheel: Path
    command: str
    """What ran on the host, in a shell."""
    runner: str
    """How it ran there."""
    seconds: float
    junit: Path | None = None
    """The file that the test wrote for ``{junit}``."""


@dataclass(frozen=True, kw_only=True)
class WheelTester:
    """Tests wheels for the host of ``session``, as its options say."""

    session: Session
    runner: HostRunner

    @classmethod
    def prepare(cls, session: Session) -> WheelTester:
        """Choose how tests run. Raises what :func:`choose_runner` raises."""
        with session.reporter.step("Look for a way to run tests"):
            runner = choose_runner(session)
        session.reporter.note(f"Tests run {runner.shown}")
        return cls(session=session, runner=runner)

    def run_test(
        self, wheel: Path, *, results: Path, project: Callable[[], Path] = Path.cwd, others: Sequence[Path] = ()
    ) -> WheelTestReport:
        """Install ``wheel``, which fits the host, with what it requires, and run the test.

        ``results``: the directory for the file of ``{junit}``. ``project`` returns the directory of its source.
        ``others``: wheels of what it requires. Raises WheelTestError if the test fails, and what installing raises.
        """
        session, tests, started = self.session, self.session.options.tests, time.monotonic()
        with temporary_directory() as directory:
            stage = Stage(directory=directory, place=self.runner.place(directory))
            with session.reporter.step(f"Install {wheel.name} for its test"):
                source = project() if tests.needs_project else None
                fill_stage(stage, wheel, others=others, project=source, session=session)
            command = stage.filled_in(tests.test_command, wheel) or import_command(stage, modules_of(wheel))
            junit = results / f"{wheel.stem}.xml"
            try:
                with session.reporter.step(f"Test {wheel.name}"):
                    self._run(command, stage)
            except CommandFailedError as error:
                raise _failed(wheel, tests.test_command, error) from None
            finally:
                with suppress(FileNotFoundError):
                    shutil.copyfile(directory / JUNIT, junit)
            kept = junit if (directory / JUNIT).is_file() else None
        seconds = time.monotonic() - started
        return WheelTestReport(wheel=wheel, command=command, runner=self.runner.shown, seconds=seconds, junit=kept)

    def passing(
        self, found: Iterable[Distribution], *, results: Path, fail_fast: bool = False
    ) -> Iterator[Distribution]:
        """Yield those of ``found`` that were not requested, or pass their tests; in the end, raise what was wrong.

        All must be there first: one may require another.
        """
        had: list[Distribution] = []
        errors: list[CrossbuildError] = []
        try:
            had.extend(found)
        except CrossbuildError as error:
            errors.append(error)
        for one in had:
            try:
                if one.requested:
                    self._test_of(one, had, results)
            except WheelTestError as error:
                errors.append(error)
                if fail_fast:
                    break
                if not self.session.options.tests.keep_failed:
                    error.fix = "The wheel was not delivered. To deliver it anyway: --keep-failed"
                    continue
                self.session.reporter.warning(f"{one.wheel.name} is delivered although its test failed.")
            yield one
        raise_for(errors)

    def _test_of(self, one: Distribution, had: Sequence[Distribution], results: Path) -> None:
        needed = _required({one.name}, had)
        others = [other.wheel for other in had if other.name in needed and other.name != one.name]
        self.run_test(one.wheel, results=results, project=one.source, others=others)

    def _run(self, command: str, stage: Stage) -> None:
        session = self.session
        runner = Runner(
            log=stage.directory / "log.txt", reporter=lines_of(session.reporter), running=session.services.running
        )
        self.runner.run(command, stage, runner=runner, environ=session.services.environ)


def _required(names: set[str], had: Sequence[Distribution]) -> set[str]:
    """Return ``names``, and those of ``had`` that these require, directly or through others."""
    all_names = names | {one.name for one in had if names.intersection(one.required_by)}
    return names if all_names == names else _required(all_names, had)


def _failed(wheel: Path, command: str, error: CommandFailedError) -> WheelTestError:
    shown = f"`{command}`" if command else "importing its modules"
    return WheelTestError(f"The test of {wheel.name} failed: {shown} {ending(error)}.", why=account(error))


def raise_for(errors: Sequence[CrossbuildError]) -> None:
    """Raise one error for all of ``errors``, if there are any."""
    if errors:
        raise _together(errors)


def _together(errors: Sequence[CrossbuildError]) -> CrossbuildError:
    if len(errors) == 1:
        return errors[0]
    kinds = {type(error) for error in errors}
    kind = kinds.pop() if len(kinds) == 1 else CrossbuildError
    return kind(
        f"{len(errors)} errors: {' '.join(error.what for error in errors)}",
        why="\n".join(error.why for error in errors),
        fix="\n".join(dict.fromkeys(error.fix for error in errors if error.fix)),
    )
