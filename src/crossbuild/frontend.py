"""From requirements, sdists and directories to verified wheels, all by one way.

request ─► resolve ─► fetch or build (cached) ─► audit ─► deliver

--host ─► Host ─► Toolchain ─► cross Python ─► environment ─► PEP 517 hooks ─► wheel      (a build)
                               build Python ─┘
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from crossbuild.diagnosis.finding import Finding
from crossbuild.environments.kept_options import kept_options, lasting
from crossbuild.environments.standing import StandingEnvironment, outside
from crossbuild.errors import CrossbuildError, UsageError
from crossbuild.options.configuration import Configuration
from crossbuild.reporting import PlainProgressReporter
from crossbuild.session.session import Session
from crossbuild.system.cache import Cache
from crossbuild.system.filesystem import check_fillable, check_writable
from crossbuild.system.kept_places import register
from crossbuild.system.scratch import temporary_directory
from crossbuild.wheels.distribution import BuiltWheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from packaging.requirements import Requirement

    from crossbuild.environments.environment_request import EnvironmentRequest
    from crossbuild.host.model import Host
    from crossbuild.image.fill import ImageTarget, InstallOptions, InstallReport
    from crossbuild.image.installed import Installed
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import ProgressReporter, Reporter
    from crossbuild.requirements.direct_spec import DirectSpec
    from crossbuild.requirements.request import Request
    from crossbuild.testing.tester import WheelTestReport
    from crossbuild.wheelhouse.dry_run import Plan
    from crossbuild.wheelhouse.make import Passing, Wheelhouse

__all__ = [
    "BuiltWheel",
    "Finding",
    "StandingEnvironment",
    "build_wheel",
    "check_host",
    "check_machine",
    "empty_image",
    "export_host",
    "fill_image",
    "fill_wheelhouse",
    "load_host",
    "make_environment",
    "plan_image",
    "plan_wheels",
    "rebuild_wheel",
    "repair_wheels",
    "roll_back_image",
    "sdist_to_wheel",
    "temporary_environment",
    "test_wheels",
]


def build_wheel(
    spec: str | Path, *, wheel_dir: Path, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> BuiltWheel:
    """Put the wheel of ``spec``, without those that it requires, into ``wheel_dir``.

    ``spec`` is one of the command line, or a path. A directory is copied, and the copy built. Raises the errors of
    crossbuild.errors.
    """
    from crossbuild.requirements.request import Request

    request = Request(specs=(spec,), dependencies=False, build_named=True)
    delivered = list(_fill(request, wheel_dir, options=options, reporter=reporter, environ=environ))
    if not delivered:
        raise UsageError(
            f"There is no wheel to build: no marker of {spec} holds on the host.", fix="Leave the marker out."
        )
    # One spec without its dependencies comes to one wheel at most; a marker can leave nothing.
    (wheel,) = delivered
    return wheel


def fill_wheelhouse(
    request: Request,
    wheelhouse: Wheelhouse,
    *,
    options: BuildOptions,
    fail_fast: bool,
    reporter: Reporter,
    progress: ProgressReporter,
    environ: Mapping[str, str],
) -> Iterator[BuiltWheel]:
    """Put the wheels of all that ``request`` comes to on the host into ``wheelhouse``; yield each when it is there.

    ``progress`` hears of packages that are fetched and built at once, ``reporter`` of all else. Raises the errors of
    crossbuild.errors, when all that can be had is there unless ``fail_fast``; what was delivered stays.
    """
    from crossbuild.wheelhouse import make

    session = _session_for(request.words, options, reporter, environ)
    _check_writable(wheelhouse.wheel_dir, index_dir=wheelhouse.index_dir, files=[wheelhouse.lock])
    with _limited(session):
        # Before anything is fetched: a host or a build Python that cannot be found is an error at once.
        session.plan()
        yield from make.fill_wheelhouse(
            request,
            wheelhouse,
            session=session,
            progress=progress,
            fail_fast=fail_fast,
            passing=_passing(session, wheelhouse.wheel_dir, fail_fast=fail_fast),
        )


def plan_wheels(request: Request, *, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]) -> Plan:
    """Return what :func:`fill_wheelhouse` would do, as far as that is known without building.

    Nothing is written outside of the cache. Raises the errors of crossbuild.errors; of what is missing, the plan tells.
    """
    from crossbuild.wheelhouse.dry_run import plan_request

    session = _session_for(request.words, options, reporter, environ)
    with _limited(session):
        session.plan()
        return plan_request(request, session=session)


def plan_image(
    request: Request,
    place: ImageTarget,
    wishes: InstallOptions,
    *,
    options: BuildOptions,
    reporter: Reporter,
    environ: Mapping[str, str],
) -> Plan:
    """Return what :func:`fill_image` would do; otherwise as :func:`plan_wheels`."""
    from crossbuild.image import fill

    session = _session_for(request.words, options, reporter, environ)
    with _limited(session):
        return fill.plan_image(request, place, wishes, session=session)


def fill_image(
    request: Request,
    place: ImageTarget,
    wishes: InstallOptions,
    *,
    options: BuildOptions,
    fail_fast: bool,
    reporter: Reporter,
    progress: ProgressReporter,
    environ: Mapping[str, str],
) -> InstallReport:
    """Install all that ``request`` comes to on the host into the image at ``place``, as a whole or not at all.

    Raises the errors of crossbuild.errors.
    """
    from crossbuild.image import fill

    session = _session_for(request.words, options, reporter, environ)
    # Written after everything is built, when a typing error in a path would cost all the time until then.
    _check_writable(files=[wishes.manifest, wishes.sbom, wishes.lock])
    with _limited(session):
        return fill.fill_image(request, place, wishes, session=session, progress=progress, fail_fast=fail_fast)


def empty_image(
    names: Sequence[str], place: ImageTarget, *, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> list[Installed]:
    """Remove the projects ``names`` from the image at ``place``, and return what they were; all of them, or none.

    Raises InstallError, and what reading the host raises.
    """
    from crossbuild.image import fill

    return fill.empty_image(names, place, session=_session(options, reporter, environ))


def roll_back_image(root: Path, *, cache_dir: Path) -> bool:
    """Undo the unfinished installation or removal in ``root``; return whether there was one.

    Raises InstallError.
    """
    from crossbuild.image import fill

    return fill.roll_back_image(root, cache=Cache(root=cache_dir.absolute()))


def sdist_to_wheel(
    path: Path, *, wheel_dir: Path, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> BuiltWheel:
    """Build a wheel from an sdist; a copy of a directory is made into an sdist first."""
    from crossbuild.requirements.request import Request

    request = Request(specs=(path,), dependencies=False, through_sdist=True)
    (wheel,) = _fill(request, wheel_dir, options=options, reporter=reporter, environ=environ)
    return wheel


def rebuild_wheel(
    wheel: Path,
    *,
    statement: Path | None,
    project: Path | None,
    wheel_dir: Path | None,
    options: BuildOptions,
    reporter: Reporter,
    environ: Mapping[str, str],
) -> BuiltWheel:
    """Build ``wheel`` again as the ``statement`` about it says, and compare the two, byte for byte.

    ``statement``: the file, if it is not beside the wheel. ``project``: the sdist or the directory that it was built
    from, if the statement has no address of it. ``options`` are about this machine, and have what the statement cannot
    say. The new wheel is put into ``wheel_dir``, if there is one. Raises NotReproducibleError if the two differ,
    AuditError if the statement is about another wheel, and what building raises.
    """
    from crossbuild.wheelhouse.rebuild import Rebuild

    _check_build_machine()
    _check_writable(wheel_dir)
    rebuild = Rebuild.from_wheel(wheel, file=statement, project=project)
    session = _session(rebuild.options(options), reporter, rebuild.environ(environ))
    with temporary_directory() as directory, _limited(session):
        progress = PlainProgressReporter(reporter=reporter)
        return rebuild.follow(session, directory=directory, wheel_dir=wheel_dir, progress=progress)


def repair_wheels(
    wheels: Iterable[Path],
    *,
    wheel_dir: Path,
    options: BuildOptions,
    reporter: Reporter,
    environ: Mapping[str, str],
) -> Iterator[BuiltWheel]:
    """Put copies of ``wheels`` with the libraries that they need on the host into ``wheel_dir``; yield each.

    If the host is a platform tag, and ``options`` name no Python, it is that of each wheel. Raises what
    :func:`load_host` raises, and AuditError for the first that is refused.
    """
    from crossbuild.repair.given import repair_given
    from crossbuild.wheels.their_python import by_python

    _check_writable(wheel_dir)
    for options_of_group, group in by_python(wheels, options):
        session = _session(options_of_group, reporter, environ)
        with _limited(session):
            host = session.host()
            for wheel in group:
                yield repair_given(
                    wheel, host, wheel_dir=wheel_dir, options=session.options, environ=environ, reporter=reporter
                )


def test_wheels(
    wheels: Sequence[Path], *, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> Iterator[WheelTestReport]:
    """Test each of ``wheels`` on the host in ``options``, and yield how it ended if it passed.

    If the host is a platform tag, and ``options`` name no Python, it is that of each wheel. Each is checked first.
    Raises WheelTestError in the end if one failed, and other errors of crossbuild.errors.
    """
    from crossbuild.testing.tester import WheelTester, raise_for
    from crossbuild.wheels.their_python import by_python

    errors = list[CrossbuildError]()
    for options_of_group, group in by_python(wheels, options):
        session = _session_for((), options_of_group, reporter, environ)
        with _limited(session):
            tester = WheelTester.prepare(session)
            for wheel in group:
                try:
                    yield tester.run_test(wheel, results=wheel.absolute().parent)
                except CrossbuildError as error:
                    errors.append(error)
    raise_for(errors)


def load_host(options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str]) -> Host:
    """Return the host in ``options``, all of it: read, lent by the build Python, or measured with its compilers.

    Raises HostError, SysrootError, BuildPythonError or ToolchainError.
    """
    session = _session(options, reporter, environ)
    with _limited(session, lasting=True):
        return session.host()


def check_host(options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str]) -> list[Finding]:
    """Look at everything that builds for the host in ``options`` need, and prepare it.

    What is wrong is among the findings; it raises nothing on purpose.
    """
    from crossbuild.diagnosis import host

    return list(host.check_host(options, reporter=reporter, environ=environ))


def check_machine(options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str]) -> list[Finding]:
    """Look at what this machine has to build with, and if ``options`` have a host, at what builds for it need.

    Raises HostError or UsageError for options that cannot be meant.
    """
    from crossbuild.diagnosis import machine

    return machine.check_machine(options, reporter=reporter, environ=environ)


def export_host(options: BuildOptions, form: str, *, reporter: Reporter, environ: Mapping[str, str]) -> str:
    """Return the host in ``options`` as the text of a file that another tool reads, in one of export's formats.

    It names files in the cache. Raises the errors of crossbuild.errors.
    """
    from crossbuild.export.formats import export_text

    session = _session(options, reporter, environ)
    with _limited(session, lasting=True):
        return export_text(session.target(), form, session.services.cache)


def make_environment(
    directory: Path,
    wishes: EnvironmentRequest,
    *,
    options: BuildOptions,
    reporter: Reporter,
    environ: Mapping[str, str],
) -> StandingEnvironment:
    """Make a cross environment in ``directory``, which is empty or not there, and return it.

    One that was made of the same wishes and options is taken as it is. It names files in the cache. Raises the errors
    of crossbuild.errors, and leaves the directory as it was.
    """
    session = _session_to_enter(wishes, options, reporter, environ)
    if (directory / ".").is_dir() and any(directory.iterdir()):
        standing = StandingEnvironment.from_directory(directory)
        # What is kept has no logins and only absolute paths. Compared with the options as they were typed, it would
        # never be the same.
        if (kept_options(directory), standing.wishes) == (lasting(session.options), wishes.bare):
            return standing
    with _limited(session, lasting=True):
        made = StandingEnvironment.make(directory, wishes, session=session)
        register(session.services.cache, "environments", directory)
    return made


@contextmanager
def environment_session(directory: Path, *, reporter: Reporter, environ: Mapping[str, str]) -> Iterator[Session]:
    """Give the session for more to be installed in the cross environment that is in ``directory``.

    Raises UsageError if there is none.
    """
    session = _session(kept_options(directory), reporter, environ)
    with _limited(session):
        yield session


@contextmanager
def temporary_environment(
    wishes: EnvironmentRequest, *, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> Iterator[StandingEnvironment]:
    """Make a cross environment that is gone afterwards; otherwise as :func:`make_environment`."""
    session = _session_to_enter(wishes, options, reporter, environ)
    # The programs of the environment may outlive this process; as long as they run, no other crossbuild cleans it up.
    with temporary_directory(inherited=True) as directory, _limited(session):
        yield StandingEnvironment.make(directory, wishes, session=session)


def _passing(session: Session, results: Path, *, fail_fast: bool) -> Passing:
    """Return what yields the wheels that pass the tests in the options of ``session``; all, if there are none."""
    if not session.options.tests.wanted:
        return iter
    from crossbuild.testing.tester import WheelTester

    # Before anything is built: if there is nothing to run tests with, that is an error at once.
    return partial(WheelTester.prepare(session).passing, results=results, fail_fast=fail_fast)


def _fill(
    request: Request, wheel_dir: Path, *, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> Iterator[BuiltWheel]:
    from crossbuild.wheelhouse.make import Wheelhouse

    return fill_wheelhouse(
        request,
        Wheelhouse(wheel_dir=wheel_dir),
        options=options,
        fail_fast=False,
        reporter=reporter,
        progress=PlainProgressReporter(reporter=reporter),
        environ=environ,
    )


def _session(options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]) -> Session:
    # A cross environment is left first: what it sets is for what runs inside.
    return Session.from_options(options, reporter=reporter, environ=outside(environ))


def _session_to_enter(
    wishes: EnvironmentRequest, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> Session:
    """Return the session in which a cross environment for ``wishes`` is made."""
    from crossbuild.requirements.direct_spec import read_project

    # A project's own [hosts] can name HOST. So its directory is looked at before the host is.
    return _session_for([read_project(text) for text in wishes.projects], options, reporter, environ)


def _session_for(
    words: Iterable[Requirement | DirectSpec], options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> Session:
    """Return the session in which ``words`` are built."""
    _check_build_machine()
    return _session(_with_hosts_of(words, options), reporter, environ)


@contextmanager
def _limited(session: Session, *, lasting: bool = False) -> Iterator[None]:
    """Keep the cache to its limit afterwards, also if a build fails.

    ``lasting``: whether what is used of it is still needed then.
    """
    try:
        yield
    except CrossbuildError:
        _keep_to_limit(session, lasting=lasting)
        raise
    _keep_to_limit(session, lasting=lasting)


def _keep_to_limit(session: Session, *, lasting: bool) -> None:
    limit = session.options.cache_limit
    if limit and session.services.cache.made:
        from crossbuild.upkeep.limit import keep_to_limit, let_go

        if not lasting:
            let_go(session.services.cache)
        keep_to_limit(session.services.cache, limit, session.reporter)


def _with_hosts_of(words: Iterable[Requirement | DirectSpec], options: BuildOptions) -> BuildOptions:
    """Return ``options`` with the hosts that the directories among ``words`` give names to."""
    from crossbuild.requirements.direct_spec import directories_in

    configuration = options.configuration
    for directory in directories_in(words):
        hosts = Configuration.from_project(directory).hosts
        configuration = configuration.over(Configuration(hosts=hosts))
    return replace(options, configuration=configuration)


def _check_build_machine() -> None:
    if sys.platform != "linux":
        raise UsageError(
            f"crossbuild builds on Linux machines; this one is {sys.platform}.",
            fix="Run it on a Linux machine, in a virtual machine or in a container.",
        )


def _check_writable(
    wheel_dir: Path | None = None, *, index_dir: Path | None = None, files: Iterable[Path | None] = ()
) -> None:
    """Make ``wheel_dir``. Raises UsageError if that, or what is written after all builds, cannot be written."""
    with _usable("The wheel directory", wheel_dir, "Choose another with --wheel-dir."):
        if wheel_dir:
            wheel_dir.mkdir(parents=True, exist_ok=True)
            check_fillable(wheel_dir)
    with _usable("The index", index_dir, "Choose another directory with --index."):
        if index_dir:
            check_fillable(index_dir)
    for file in filter(None, files):
        with _usable("The file", file, "Choose another."):
            check_writable(file)


@contextmanager
def _usable(kind: str, place: Path | None, fix: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{kind} {place} cannot be written to.", why=f"{error.strerror}.", fix=fix) from None
