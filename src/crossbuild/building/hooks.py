"""A project's PEP 517 hooks, called in an environment of ours; their failures as errors of ours."""

from __future__ import annotations

import threading
import warnings
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pyproject_hooks import BackendUnavailable, BuildBackendHookCaller, HookMissing, UnsupportedOperation

from crossbuild.building import hook_answers
from crossbuild.building.build_system import BuildSystem
from crossbuild.building.hook_answers import WrongAnswerError
from crossbuild.errors import BackendError
from crossbuild.system.documents import read_bytes
from crossbuild.system.excerpt import excerpt
from crossbuild.system.killed import killed_lines, oom_kills, signal_of, signal_text
from crossbuild.system.processes import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from build.env import IsolatedEnv

    from crossbuild.system.processes import Runner
    from crossbuild.system.programs import Watched

Distribution = Literal["sdist", "wheel"]
_ENDINGS = {"sdist": (".tar.gz", ".zip"), "wheel": (".whl",)}
_AIMS = {
    "get_requires_for_build_sdist": "get the build requirements of",
    "get_requires_for_build_wheel": "get the build requirements of",
    "prepare_metadata_for_build_wheel": "get the metadata of",
    "build_sdist": "make an sdist of",
    "build_wheel": "build",
}
"""What hooks are called for."""
_WARNINGS = threading.Lock()
"""Held while warnings are caught."""


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """The hooks of the project in ``directory``, run by ``environment``'s Python with its variables and no others."""

    directory: Path
    environment: IsolatedEnv
    runner: Runner
    check: Callable[[], None]
    """Called before each hook; raises if the Python is not who it should be."""
    advise: Callable[[str, Path | None], str] = lambda *_: ""
    """Returns a hint for a failure of a project with that output."""
    before: tuple[str, ...] = ()
    """The beginning of the command that runs each of them."""
    watched: Watched | None = None
    """Where to write down what the hooks execute that is for the host."""

    def heard_by(self, listen: Callable[[str], None]) -> Hooks:
        """Return the same hooks, whose output ``listen`` takes, line by line."""
        return replace(self, runner=replace(self.runner, listen=listen))

    def backend(self) -> str:
        """Return the import path of the build backend; the wrapped one where there are two. Raises SourceError."""
        return BuildSystem.from_directory(self.directory).backend

    def build_system_requires(self) -> frozenset[str]:
        """Return ``build-system.requires``, or setuptools where there is none. Raises SourceError."""
        return BuildSystem.from_directory(self.directory).requires

    def get_requires(self, distribution: Distribution, settings: Mapping[str, str | list[str]]) -> set[str]:
        """Return what else the backend wants installed before it builds. Raises BackendError."""
        hook = f"get_requires_for_build_{distribution}"
        with self._as_backend_error(hook) as caller:
            return hook_answers.requirements(getattr(caller, hook)(settings))

    def metadata(self, into: Path, settings: Mapping[str, str | list[str]]) -> bytes | None:
        """Return the METADATA of the wheel that would be built; None if the backend has no hook for it.

        Raises BackendError.
        """
        into.mkdir(exist_ok=True)
        with self._as_backend_error("prepare_metadata_for_build_wheel") as caller:
            try:
                # The fallback of pyproject-hooks builds a wheel and drops it. The caller builds one to keep.
                name = caller.prepare_metadata_for_build_wheel(str(into), settings, _allow_fallback=False)
            except HookMissing:
                return None
            directory = hook_answers.made_directory(name, into, endings=(".dist-info",))
            return read_bytes(directory / "METADATA")

    def build(self, distribution: Distribution, into: Path, settings: Mapping[str, str | list[str]]) -> Path:
        """Build an sdist or a wheel and return the file. Raises BackendError."""
        hook = f"build_{distribution}"
        into.mkdir(exist_ok=True)
        with self._as_backend_error(hook) as caller:
            answer = getattr(caller, hook)(str(into), settings)
            return hook_answers.made_file(answer, into, endings=_ENDINGS[distribution])

    def _caller(self, afterwards: ExitStack) -> BuildBackendHookCaller:
        system = BuildSystem.from_directory(self.directory)
        return BuildBackendHookCaller(
            str(self.directory),
            system.backend,
            system.backend_path,
            runner=partial(self._run, afterwards),
            python_executable=self.environment.python_executable,
        )

    def _run(
        self,
        afterwards: ExitStack,
        cmd: Sequence[str],
        cwd: str | None = None,
        extra_environ: Mapping[str, str] | None = None,
    ) -> None:
        # The parameters are those of pyproject-hooks' SubprocessRunner.
        self.check()
        environ = {**(self.environment.make_extra_environ() or {}), **(extra_environ or {})}
        kills, directory = oom_kills(), Path(cwd) if cwd else None
        try:
            self.runner.run([*self.before, *cmd], environ=environ, cwd=directory, watched=self.watched)
        except CommandFailedError as error:
            error.out_of_memory = oom_kills() > kills
            raise
        afterwards.enter_context(self._as_output())

    @contextmanager
    def _as_backend_error(self, hook: str) -> Iterator[BuildBackendHookCaller]:
        try:
            with ExitStack() as afterwards:
                yield self._caller(afterwards)
        except CommandFailedError as error:
            raise self._failed(hook, error.output, error.status, out_of_memory=error.out_of_memory) from None
        except (BackendUnavailable, UnsupportedOperation) as error:
            raise self._failed(hook, error.traceback or str(error)) from None
        except WrongAnswerError as error:
            raise self._failed(hook, str(error)) from None
        # pyproject-hooks reads the answer from a JSON file. A hook that ends the process leaves none, and one that
        # writes to it leaves anything.
        except (HookMissing, OSError, TypeError, ValueError, LookupError, AttributeError, RecursionError) as error:
            raise self._failed(hook, f"{type(error).__name__}: {error}") from None

    def _failed(self, hook: str, why: str, status: int = 0, *, out_of_memory: bool = False) -> BackendError:
        signal = signal_of(status) if status < 0 else None
        end = f"was killed by {signal_text(signal)}" if signal else "failed"
        lines = killed_lines(why, status=status, out_of_memory=out_of_memory)
        # The project is a copy: its directory means nothing to anybody.
        said = excerpt(why, rest="more lines in the log").replace(f"{self.directory}/", "")
        return BackendError(
            f"Could not {_AIMS[hook]} {self.directory.name}: its backend's hook {hook} {end}.",
            why=said or "It printed nothing.",
            fix="\n".join(filter(None, (*lines, self.advise(why, self.directory)))),
        )

    @contextmanager
    def _as_output(self) -> Iterator[None]:
        """Take the backend's warnings, which pyproject-hooks raises again in this process, for output of the hook.

        The filters of warnings are the process's, and hooks run in several threads.
        """
        with _WARNINGS, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
        for warning in caught:
            for line in f"{warning.category.__name__}: {warning.message}".splitlines():
                self.runner.reporter.output(line)
