"""Where a build happens: two Pythons over one site-packages, and all that compiles for the host."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from crossbuild.advice.build_requirements import machine_lines
from crossbuild.advice.host_code_used import NOTICED
from crossbuild.building.build_venv import BuildVenv, refuse_logins
from crossbuild.building.cross_environment import make_cross_environment, write_meson_programs
from crossbuild.building.hooks import Hooks
from crossbuild.building.host_site import install_for_python
from crossbuild.building.overlay.provide import lay_host_copies
from crossbuild.index.index import Index
from crossbuild.index.index_access import Fetching
from crossbuild.index.pip import run_pip
from crossbuild.interpreter.identity import check_identity
from crossbuild.native.rooted import rooted, rooted_changes
from crossbuild.options.passed_variables import NAMES_VARIABLE, for_uv
from crossbuild.reproducible.again import as_somebody_else
from crossbuild.system.cache import Cache
from crossbuild.system.processes import Runner
from crossbuild.system.programs import Watched
from crossbuild.system.source_date import source_date_epoch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crossbuild.building.cross_environment import CrossEnvironment
    from crossbuild.building.hooks import Distribution as Kind
    from crossbuild.building.overlay.provide import HostWheels
    from crossbuild.host.model import Host
    from crossbuild.native.build_layout import BuildDirectory
    from crossbuild.options.configuration import PackageSettings
    from crossbuild.options.passed_variables import Passed
    from crossbuild.reporting import Reporter
    from crossbuild.session.session import Session
    from crossbuild.session.target import Target
    from crossbuild.wheels.distribution import Distribution


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The build venv and the cross environment over it, in one directory."""

    directory: BuildDirectory
    target: Target
    session: Session
    venv: BuildVenv
    environment: CrossEnvironment

    @classmethod
    def make(
        cls, directory: BuildDirectory, *, target: Target, session: Session, extra: Mapping[str, str], passed: Passed
    ) -> Self:
        """Make one in ``directory``, which exists. Everything that runs in it sees the variables ``extra``.

        It also sees those of the caller's that are ``passed``. In variables that the user names, directories of the
        host are made to lead into its root. Raises RequirementsError if there can be no venv, and ToolchainError.
        """
        venv = build_venv(directory, session, passed)
        venv.runner.tell(f"Not passed to builds ({NAMES_VARIABLE}): {', '.join(passed.withheld) or 'nothing'}")
        write_fetching(directory, session)
        venv.create(target.build_python.executable)
        root = target.host.sysroot
        environment = make_cross_environment(
            directory,
            target=target,
            venv=venv,
            jobs=session.jobs,
            passed=replace(passed, host={**passed.host, **rooted(passed.named, root)}),
            extra=rooted(extra, root),
            changes=rooted_changes(session.options.environment_changes, root),
            jobserver=session.job.jobserver,
            emulation=session.job.emulation,
        )
        return cls(directory=directory, target=target, session=session, venv=venv, environment=environment)

    def hooks(self, project: Path) -> Hooks:
        """Return the hooks of the project in that directory, run by the cross Python once it has said who it is."""
        environment, host, venv, job = self.environment, self.target.host, self.venv, self.session.job
        watched = Watched(record=self.directory.record / NOTICED, directory=self.directory.path)

        def check() -> None:
            # Before each hook: a .pth file of a build requirement runs when the interpreter starts, and may change it.
            check_identity(
                environment.python,
                host,
                environ=environment.environ,
                before=job.emulation.before,
                is_cross=job.emulation.python is None,
            )

        return Hooks(
            directory=project,
            environment=environment,
            runner=venv.runner,
            check=check,
            advise=venv.advise,
            before=(*job.emulation.before, *(as_somebody_else(job.clock) if job.is_again else ())),
            # What runs by itself is no failure.
            watched=None if job.emulation.before else watched,
        )

    @property
    def date(self) -> int:
        """``SOURCE_DATE_EPOCH`` of its hooks, in seconds since 1970."""
        return source_date_epoch(self.environment.environ) or 0

    def config(self, settings: PackageSettings) -> dict[str, str | list[str]]:
        """Return the config settings for hooks: those in ``settings``, overridden by the command line."""
        return {**settings.config_settings, **self.session.job.config_settings}

    def install_for(
        self, distribution: Kind, hooks: Hooks, settings: PackageSettings, wheels: HostWheels
    ) -> tuple[frozenset[str], list[Distribution]]:
        """Install what ``hooks`` require to build a ``distribution``.

        Where the host's Python runs the hooks, it gets what ``wheels`` has of it. Returns the host requirements, and
        what was taken of ``wheels``. Raises RequirementsError, and BackendError if the hook that says what is needed
        fails.
        """
        options = self.session.options
        # In two steps, as PEP 517 has it: the hook that tells what else is required needs the backend installed.
        host_requires = frozenset({*self.session.job.host_requires, *settings.host_requires})
        limits = (*options.build_constraints, *_write_constraints(self.directory, settings.constraints))
        first = {*hooks.build_system_requires(), *settings.build_requires, *host_requires}
        used = self._install(first, limits, wheels)
        asked_for = {*hooks.get_requires(distribution, self.config(settings)), *host_requires}
        return host_requires, used + self._install(asked_for, limits, wheels)

    def _install(self, requirements: Iterable[str], limits: Iterable[Path], wheels: HostWheels) -> list[Distribution]:
        self.venv.install(requirements, limits)
        if self.session.job.emulation.python is None:
            return []
        return install_for_python(self.venv, self.directory.host_site, host=self.target.host, wheels=wheels)


def _write_constraints(directory: BuildDirectory, constraints: Sequence[str]) -> tuple[Path, ...]:
    if not constraints:
        return ()
    refuse_logins(constraints)
    directory.constraints.write_text("\n".join(constraints) + "\n", encoding="utf-8")
    return (directory.constraints,)


def build_venv(directory: BuildDirectory, session: Session, passed: Passed) -> BuildVenv:
    """Return the build venv of the workspace in ``directory``, made or not, for builds with ``passed`` variables."""
    for_hooks = session.fetching.for_hooks(session.services.environ)

    def advise(output: str, project: Path | None) -> str:
        lines = (*(machine_lines(output) if project is None else ()), passed.hint(output, project))
        return "\n".join(filter(None, (*lines, for_hooks.hint(output))))

    return BuildVenv(
        build=directory,
        runner=Runner(log=directory.log, reporter=session.reporter, running=session.services.running),
        environ={**passed.native, **for_uv(session.services.environ)},
        uv_configuration=session.fetching.uv_configuration(),
        fetching={"UV_CONFIG_FILE": str(directory.uv_configuration), **for_hooks.pip_variables()},
        downloads={**for_uv(session.services.environ), **for_hooks.download_variables()},
        advise=advise,
        locks=session.options.provenance,
        pins=session.job.pins,
    )


def write_fetching(directory: BuildDirectory, session: Session) -> None:
    """Write into ``directory``, of a workspace, where its hooks may look for distributions; no password."""
    for_hooks = session.fetching.for_hooks(session.services.environ)
    # A file, since a hook starts the program that reads it as another process.
    facts = {**for_hooks.to_json(), "cache": str(session.services.cache.root)}
    directory.fetching.write_text(json.dumps(facts, indent=2), encoding="utf-8")
    directory.uv_configuration.write_text(for_hooks.uv_configuration(), encoding="utf-8")


def fetch_with_pip(
    directory: BuildDirectory, words: Sequence[str], *, reporter: Reporter, environ: Mapping[str, str]
) -> int:
    """Run pip with ``words`` for a hook that fetches by itself in the workspace in ``directory``; return its status.

    What it installs is for this machine. Raises RequirementsError if there can be no pip.
    """
    facts = json.loads(directory.fetching.read_text(encoding="utf-8"))
    fetching = Fetching.from_json(facts)
    venv = BuildVenv(
        build=directory,
        runner=Runner(log=directory.log, reporter=reporter),
        environ=environ,
        uv_configuration=fetching.uv_configuration(),
        advise=lambda output, _: fetching.hint(output),
    )
    # uv makes venvs without pip, and few hooks need one.
    venv.provide_pip()
    index = Index(settings=fetching.settings, cache=Cache(root=Path(facts["cache"])))
    status = run_pip(venv.python, words, index=index, environ=environ, tell=reporter.warning)
    if status and fetching.refused:
        reporter.warning(fetching.refusal)
    return status


def lay_for_host(
    venv: BuildVenv,
    host_requires: Iterable[str],
    *,
    host: Host,
    session: Session,
    wheels: HostWheels,
) -> list[Distribution]:
    """Let builds compile against what is in the venv of a workspace as they would on ``host``.

    ``host_requires`` get the host's copy in any case; ``wheels`` has the host's wheels. Returns those that were used.
    Raises RequirementsError.
    """
    used = lay_host_copies(
        venv,
        host=host,
        session=session,
        demanded={canonicalize_name(Requirement(one).name) for one in host_requires},
        wheels=wheels,
    )
    write_meson_programs(venv)
    return used
