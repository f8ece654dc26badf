"""A project's PEP 517 hooks, called in an environment of ours; their failures as errors of ours."""

from __future__ import annotations

import tomllib
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from build import BuildBackendException, BuildException, BuildSystemTableValidationError, ProjectBuilder

from crossbuild.errors import BackendError, CrossbuildError, SourceError
from crossbuild.processes import CommandFailedError, tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from build.env import IsolatedEnv

    from crossbuild.processes import Runner

Distribution = Literal["sdist", "wheel"]


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """The hooks of the project in ``directory``, run by ``environment``'s Python with its variables and no others."""

    directory: Path
    environment: IsolatedEnv
    runner: Runner
    check: Callable[[], None]
    """Called before each hook; raises if the Python is not who it should be."""

    def backend(self) -> str:
        """Return the import path of the build backend, as ``pyproject.toml`` has it; setuptools' where it has none."""
        file = self.directory / "pyproject.toml"
        table = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        return str(table.get("build-system", {}).get("build-backend", "setuptools.build_meta:__legacy__"))

    def build_system_requires(self) -> set[str]:
        """Return ``build-system.requires``, or setuptools where there is none. Raises SourceError."""
        with _as_source_error(self.directory):
            return self._builder().build_system_requires

    def get_requires(self, distribution: Distribution, settings: Mapping[str, str | list[str]]) -> set[str]:
        """Return what else the backend wants installed before it builds. Raises BackendError."""
        with self._as_backend_error(f"get_requires_for_build_{distribution}"):
            return self._builder().get_requires_for_build(distribution, settings)

    def build(self, distribution: Distribution, into: Path, settings: Mapping[str, str | list[str]]) -> Path:
        """Build an sdist or a wheel and return the file. Raises BackendError."""
        with self._as_backend_error(f"build_{distribution}"):
            return Path(self._builder().build(distribution, into, settings))

    def _builder(self) -> ProjectBuilder:
        with _as_source_error(self.directory):
            return ProjectBuilder.from_isolated_env(self.environment, self.directory, self._run)

    def _run(self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        self.check()
        self.runner.run(cmd, environ=dict(extra_environ or {}), cwd=Path(cwd) if cwd else None)

    @contextmanager
    def _as_backend_error(self, hook: str) -> Iterator[None]:
        try:
            with self._as_output():
                yield
        except BuildBackendException as error:
            cause = error.exception
            if isinstance(cause, CrossbuildError) and not isinstance(cause, CommandFailedError):
                raise cause from None
            output = cause.output if isinstance(cause, CommandFailedError) else str(error)
            raise BackendError(
                f"The build backend's hook {hook} failed for {self.directory.name}.",
                why=tail(output),
                fix="The whole output is in the log; the build directory is kept, to look into.",
            ) from None

    @contextmanager
    def _as_output(self) -> Iterator[None]:
        """Take the backend's warnings, which pyproject-hooks raises again in this process, for output of the hook."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
        for warning in caught:
            for line in f"{warning.category.__name__}: {warning.message}".splitlines():
                self.runner.reporter.output(line)


@contextmanager
def _as_source_error(directory: Path) -> Iterator[None]:
    try:
        yield
    except (BuildException, BuildSystemTableValidationError) as error:
        raise SourceError(
            f"{directory.name} has no usable build-system table.",
            why=str(error),
            fix="Mend its pyproject.toml (PEP 518 says what belongs there).",
        ) from None
