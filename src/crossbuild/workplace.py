"""Where a build happens: two Pythons over one site-packages, and all that compiles for the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from crossbuild.build_venv import BuildVenv
from crossbuild.environment import make_cross_environment, write_meson_programs
from crossbuild.hooks import Hooks
from crossbuild.interpreter.identity import check_identity
from crossbuild.overlay.provide import lay_host_copies
from crossbuild.processes import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from crossbuild.configuration import PackageSettings
    from crossbuild.cross import Cross
    from crossbuild.environment import CrossEnvironment
    from crossbuild.hooks import Distribution
    from crossbuild.host.model import Host
    from crossbuild.session import Session


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """The build venv and the cross environment over it, in one directory."""

    directory: Path
    cross: Cross
    session: Session
    venv: BuildVenv
    environment: CrossEnvironment

    @classmethod
    def make(cls, directory: Path, *, cross: Cross, session: Session, extra: Mapping[str, str]) -> Self:
        """Make one in ``directory``, which is there and empty; ``extra`` are variables that whatever runs in it sees.

        Raises RequirementsError if there can be no venv, and ToolchainError.
        """
        venv = build_venv(directory, session)
        venv.create(cross.build_python.executable)
        environment = make_cross_environment(
            directory,
            cross=cross,
            venv=venv,
            jobs=session.jobs,
            environ=session.environ,
            extra=extra,
            changes=session.options.environment_changes,
            jobserver=session.jobserver,
        )
        return cls(directory=directory, cross=cross, session=session, venv=venv, environment=environment)

    def hooks(self, project: Path) -> Hooks:
        """Return the hooks of the project in that directory, run by the cross Python once it has said who it is."""
        environment, host = self.environment, self.cross.host

        def check() -> None:
            check_identity(environment.python, host, environ=environment.environ)

        return Hooks(directory=project, environment=environment, runner=self.venv.runner, check=check)

    def config(self, settings: PackageSettings) -> dict[str, str | list[str]]:
        """Return the config settings for hooks: those of ``settings``, overridden by those of the command line."""
        return {**settings.config_settings, **self.session.options.config_settings}

    def install_for(self, distribution: Distribution, hooks: Hooks, settings: PackageSettings) -> frozenset[str]:
        """Install what ``hooks`` require to build a ``distribution``; return the host requirements among it.

        Raises RequirementsError, and BackendError if the hook that says what is needed fails.
        """
        options = self.session.options
        host_requires = frozenset({*options.host_requires, *settings.host_requires})
        limits = (*options.build_constraints, *_write_constraints(self.directory, settings.constraints))
        self.venv.install({*hooks.build_system_requires(), *settings.build_requires, *host_requires}, limits)
        self.venv.install({*hooks.get_requires(distribution, self.config(settings)), *host_requires}, limits)
        return host_requires


def _write_constraints(directory: Path, constraints: Sequence[str]) -> tuple[Path, ...]:
    if not constraints:
        return ()
    file = directory / "constraints.txt"
    file.write_text("\n".join(constraints) + "\n", encoding="utf-8")
    return (file,)


def build_venv(directory: Path, session: Session) -> BuildVenv:
    """Return the build venv of the workplace in ``directory``, made or not."""
    return BuildVenv(
        directory=directory / "build-venv",
        installer=session.options.installer,
        runner=Runner(log=directory / "log.txt", reporter=session.reporter, running=session.running),
        environ=session.installer_environ,
    )


def lay_for_host(
    venv: BuildVenv,
    host_requires: Iterable[str],
    *,
    host: Host,
    session: Session,
    build: Callable[[Requirement], Path],
) -> None:
    """Let what is in the venv of a workplace be compiled against as on ``host``: ``host_requires`` whatever they hold.

    ``build`` returns the host's wheel of what no index has. Raises RequirementsError.
    """
    lay_host_copies(
        venv.site_packages,
        host=host,
        session=session,
        demanded={canonicalize_name(Requirement(one).name) for one in host_requires},
        build=build,
    )
    write_meson_programs(venv)
