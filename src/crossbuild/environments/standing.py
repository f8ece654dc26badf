"""A cross environment in a directory: made whole or not at all, entered by setting variables."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from crossbuild.backend_shim.patches import PIP_VARIABLE
from crossbuild.building.added_libraries import with_libraries
from crossbuild.building.cross_environment import DEFAULTS
from crossbuild.building.sysroot_packages import tell_what_was_added, wanted_packages
from crossbuild.building.workspace import Workspace, lay_for_host
from crossbuild.environments.activation import write_activation
from crossbuild.environments.commands import write_programs, write_versioned
from crossbuild.environments.entering import Variables, write_outside
from crossbuild.environments.environment_request import EnvironmentRequest
from crossbuild.environments.host_site import HostSite
from crossbuild.environments.kept_document import MARK, read_document, versioned, write_document
from crossbuild.environments.kept_options import keep_options
from crossbuild.environments.pip_programs import write_pips
from crossbuild.errors import BackendError, RequirementsError, UsageError
from crossbuild.native.build_layout import BuildDirectory
from crossbuild.options.environment_changes import changed
from crossbuild.options.passed_variables import NOT_FOR_BUILDS, Passed
from crossbuild.requirements.request import Request
from crossbuild.system.kept_places import keep_build
from crossbuild.system.scratch import temporary_directory
from crossbuild.toolchain.compilers import BUILD_VARIABLE, SITE_VARIABLE
from crossbuild.wheelhouse.projects import find_projects
from crossbuild.wheelhouse.workshop import host_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crossbuild.errors import CrossbuildError
    from crossbuild.session.session import Session
    from crossbuild.sources.project import Source
    from crossbuild.system.cache import Cache

_FACTS = "environment.json"


@dataclass(frozen=True, kw_only=True)
class StandingEnvironment:
    """A cross environment that is there until its directory is removed."""

    directory: Path
    host: str
    """The platform tag and version of the host's Python: ``linux_aarch64 3.11``."""
    wishes: EnvironmentRequest
    """What it was made with."""
    python: Path
    """The cross Python."""
    build_python: Path
    variables: Variables

    @classmethod
    def make(cls, directory: Path, wishes: EnvironmentRequest, *, session: Session) -> Self:
        """Make one in ``directory``, which is empty or not there; what goes wrong leaves it so.

        Raises UsageError if it is not, and the errors of a build's preparation.
        """
        there = directory.is_dir()
        _refuse_occupied(directory)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            # First, since --clear empties only what has the mark, and this may be killed.
            (directory / MARK).touch()
            return cls._make(directory.resolve(), wishes, session)
        except BaseException:
            _empty(directory)
            if not there:
                directory.rmdir()
            raise

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """Return what was made in ``directory``.

        Raises UsageError if nothing was, or not to the end, or not by this version of crossbuild.
        """
        return read_document(directory / _FACTS, partial(cls._from_facts, directory.resolve()))

    @classmethod
    def _from_facts(cls, directory: Path, facts: Mapping[str, Any]) -> Self:
        return cls(
            directory=directory,
            host=facts["host"],
            wishes=EnvironmentRequest(**{name: tuple(values) for name, values in facts["wishes"].items()}),
            python=Path(facts["python"]),
            build_python=Path(facts["build_python"]),
            variables=Variables.from_json(facts["variables"]),
        )

    def to_json(self) -> dict[str, object]:
        """Return what :meth:`from_directory` reads."""
        facts = {
            "directory": str(self.directory),
            "host": self.host,
            "wishes": asdict(self.wishes),
            "python": str(self.python),
            "build_python": str(self.build_python),
            "variables": asdict(self.variables),
        }
        return versioned(facts)

    @classmethod
    def _make(cls, directory: Path, wishes: EnvironmentRequest, session: Session) -> Self:
        with tempfile.TemporaryDirectory(prefix="crossbuild-sources-") as unpacked:
            projects = find_projects(wishes.projects, session=session, directory=Path(unpacked))
            wanted = frozenset[str]().union(*(wanted_packages(project, session) for project in projects))
            prepare = partial(_prepared, directory, wishes, session)
            place, packages = with_libraries(prepare, projects, wanted, session=session)
            tell_what_was_added(packages - wanted, projects, session)
        site = HostSite(environment=directory)
        site.make()
        environment = cls(
            directory=directory,
            host=f"{place.target.host.platform.wheel_tag} {place.target.host.version}",
            wishes=wishes.bare,
            python=place.environment.python,
            build_python=place.venv.python,
            variables=_variables(place, pip=write_pips(place.directory, version=place.target.host.version), site=site),
        )
        write_outside(directory, environment.variables)
        write_activation(directory, environment.variables, host=environment.host)
        write_programs(place.venv, cross_python=environment.python)
        write_versioned(place.directory, version=place.target.host.version)
        keep_options(directory, session.options)
        if wishes.host_requires:
            site.install(Request(specs=wishes.host_requires), session=site.session(session))
        # Last: without this file, nobody takes the environment for a whole one.
        write_document(directory / _FACTS, environment.to_json())
        return environment


def _prepared(
    directory: Path, wishes: EnvironmentRequest, session: Session, projects: Sequence[Source], packages: frozenset[str]
) -> Workspace:
    """Make the workspace in ``directory`` and install into it; if that fails, leave ``directory`` empty."""
    extra: dict[str, str] = {}
    patterns = list(session.options.configuration.pass_env)
    for project in projects:
        settings = session.settings(project)
        extra |= settings.environment
        patterns += settings.pass_env
    passed = Passed.from_environ(session.services.environ, patterns)
    try:
        target = session.target(packages)
        build = BuildDirectory(path=directory)
        place = Workspace.make(build, target=target, session=session, extra=extra, passed=passed)
        with session.reporter.step("Install packages for this machine"):
            _install(place, wishes, projects)
    except (BackendError, RequirementsError) as error:
        _move_aside(directory, error, session.services.cache)
        raise
    return place


def _install(place: Workspace, wishes: EnvironmentRequest, projects: Sequence[Source]) -> None:
    """Install what ``wishes`` and ``projects`` want for the build machine, fit to compile against."""
    session, host_requires = place.session, set(place.session.job.host_requires)
    wheels = partial(host_wheel, session)
    place.venv.install({*wishes.requires, *host_requires}, session.options.build_constraints)
    with temporary_directory() as copies:
        for number, project in enumerate(projects):
            copy = project.brought_below(copies / str(number), session.services.environ)
            settings = session.settings(project)
            required, _ = place.install_for("wheel", place.hooks(copy.directory), settings, wheels)
            host_requires |= required
    lay_for_host(place.venv, host_requires, host=place.target.host, session=session, wheels=wheels)


def _move_aside(directory: Path, error: CrossbuildError, cache: Cache) -> None:
    """Move the contents of ``directory`` to a new one, the build directory that ``error`` names."""
    if error.kept:  # the directory of a host requirement, which has the reason
        return
    with temporary_directory() as kept:
        for entry in directory.iterdir():
            if entry.name != MARK:
                shutil.move(entry, kept)
        keep_build(kept, cache)
    BuildDirectory(path=kept).explain(error)


def _variables(place: Workspace, *, pip: Path, site: HostSite) -> Variables:
    session, own, changes = place.session, place.environment.own, place.session.options.environment_changes
    environ = changed({**DEFAULTS, **session.services.environ, **own}, changes)
    only_of_hooks = {"TMPDIR", "PATH", *place.venv.fetching}
    names = {*own, *(one.name for one in changes), *(DEFAULTS.keys() - session.services.environ.keys())} - only_of_hooks
    own = {name: environ[name] for name in names}
    own |= {PIP_VARIABLE: str(pip), SITE_VARIABLE: str(site.prefix)}
    return Variables(
        own=dict(sorted(own.items())),
        removed=tuple(sorted(NOT_FOR_BUILDS - names)),
        path=tuple(map(str, place.environment.path)),
    )


def _refuse_occupied(directory: Path) -> None:
    try:
        occupied = directory.is_symlink() or (directory.exists() and any(directory.iterdir()))
    except OSError as error:
        raise UsageError(f"{directory} cannot hold a cross environment.", why=str(error)) from None
    if occupied:
        raise UsageError(
            f"{directory} is not empty.", fix="Name another directory, or have it emptied first with --clear."
        )


def clear(directory: Path) -> None:
    """Remove what :meth:`StandingEnvironment.make` made in ``directory``, whole or not. Raises UsageError."""
    if not directory.exists():
        return
    if not (directory / MARK).is_file() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(
            f"{directory} holds no cross environment, so it is not cleared.", fix="Name another, or empty it yourself."
        )
    _empty(directory)


def outside(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what ``environ`` is outside of the cross environment that it is in, if it is in one."""
    directory = environ.get(BUILD_VARIABLE)
    if not directory or not Path(directory, _FACTS).is_file():
        return dict(environ)
    return StandingEnvironment.from_directory(Path(directory)).variables.left(environ)


def _empty(directory: Path) -> None:
    for entry in directory.iterdir() if directory.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
