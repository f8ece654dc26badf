"""A wheel built again, of exactly what its statement says, to see whether the bytes are the same."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from crossbuild import __version__
from crossbuild.errors import AuditError, NetworkError, NotReproducibleError, SourceError, UsageError
from crossbuild.provenance.statement import Statement, statement_file
from crossbuild.reproducible.compare import compare_wheels
from crossbuild.system.filesystem import replaced, sha256_of, write_text
from crossbuild.system.kept_places import keep_build
from crossbuild.wheelhouse.as_recorded import recorded_environ, recorded_options, recorded_pins, recorded_request
from crossbuild.wheelhouse.make import Wheelhouse, fill_wheelhouse
from crossbuild.wheelhouse.same_inputs import check_tools, differing_inputs, with_recorded_sysroot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import ProgressReporter
    from crossbuild.session.session import Session
    from crossbuild.wheels.distribution import BuiltWheel

_SHOWN = 20
"""How many lines an error has."""
_OWN = "If you have what the wheel was built from, give it with --project PATH."


@dataclass(frozen=True, kw_only=True)
class Rebuild:
    """A wheel, and the statement about it."""

    wheel: Path
    file: Path
    """The one with the statement."""
    statement: Statement
    project: Path | None = None
    """The sdist or the directory that it was built from, where the user has it."""

    @classmethod
    def from_wheel(cls, wheel: Path, *, file: Path | None = None, project: Path | None = None) -> Self:
        """Read the statement beside ``wheel``, or that in ``file``.

        Raises SourceError if there is none, AuditError if it is about another wheel, and UsageError if it is of another
        crossbuild.
        """
        file = file or statement_file(wheel)
        if not file.exists():
            raise SourceError(
                f"{wheel.name} has no statement of what it was built from: {file} does not exist.",
                fix="Build wheels with --provenance, or name the file with --statement.",
            )
        made = cls(wheel=wheel, file=file, statement=Statement.from_file(file), project=project)
        made.check()
        return made

    def check(self) -> None:
        """Raise an error unless the statement is about this wheel, and this crossbuild made it."""
        own, said = sha256_of(self.wheel), self.statement.sha256
        if own != said:
            raise AuditError(
                f"{self.wheel.name} is not the wheel that {self.file.name} is about.",
                why=f"Its SHA-256 is {own}, and that of the statement is {said}.",
                fix="One of the two was changed, or is of another build. Get both again.",
            )
        if self.statement.crossbuild != __version__:
            raise UsageError(
                f"{self.wheel.name} was built by crossbuild {self.statement.crossbuild}; this is {__version__}.",
                why="Another version may build in another way.",
                fix=f"Install that version: pip install crossbuild=={self.statement.crossbuild}",
            )

    def options(self, given: BuildOptions) -> BuildOptions:
        """Return the options to build with: those of the statement, and what is ``given`` of this machine.

        Raises UsageError for what the statement does not say, and is not given.
        """
        return recorded_options(self.statement, given)

    def environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return ``environ`` with those variables for builds that the statement has. Raises UsageError."""
        return recorded_environ(self.statement, environ)

    def follow(
        self, session: Session, *, directory: Path, wheel_dir: Path | None, progress: ProgressReporter
    ) -> BuiltWheel:
        """Build the wheel in ``directory``, compare it, and put it with its statement into ``wheel_dir``, if any.

        Raises NotReproducibleError if it is another one, and what building raises.
        """
        request = recorded_request(self.statement, self.project)
        pins = directory / "build-requirements.txt"
        write_text(pins, recorded_pins(self.statement))
        session = replace(session, job=replace(session.job, pins=pins))
        session = with_recorded_sysroot(self.statement, session, directory / "sysroot")
        check_tools(self.statement, session)
        house = Wheelhouse(wheel_dir=directory / "wheels")
        house.wheel_dir.mkdir()
        try:
            (built,) = fill_wheelhouse(request, house, session=session, progress=progress)
        except NetworkError as error:
            if not self.project:
                error.fix = f"{error.fix}\n{_OWN}"
            raise
        if built.sha256 != self.statement.sha256:
            raise self._different(built, directory, session)
        session.reporter.note(f"{self.wheel.name} was built again, and is the same, byte for byte.")
        return self._delivered(built, wheel_dir)

    def _delivered(self, built: BuiltWheel, wheel_dir: Path | None) -> BuiltWheel:
        if wheel_dir is None:
            return replace(built, path=self.wheel, statement=self.file)
        final = wheel_dir / self.wheel.name
        with replaced(final) as beside:
            shutil.copyfile(built.path, beside)
        # The same bytes were built of the same: there is nothing else to say of them.
        write_text(statement_file(final), self.file.read_text(encoding="utf-8"))
        return replace(built, path=final, statement=statement_file(final))

    def _different(self, built: BuiltWheel, directory: Path, session: Session) -> NotReproducibleError:
        keep_build(directory, session.services.cache)
        again = Statement.from_file(statement_file(built.path))
        differences = compare_wheels(self.wheel, built.path)
        lines = [*differing_inputs(self.statement, again), *dict.fromkeys(map(str, differences))]
        more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
        error = NotReproducibleError(
            f"{self.wheel.name} was built again, and came out otherwise.",
            why="\n".join([*lines[:_SHOWN], *more]),
            fix=f"To see all differences: diffoscope {self.wheel} {built.path}",
        )
        error.kept = directory
        return error
