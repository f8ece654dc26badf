"""From a requirement, an sdist or a directory to a verified wheel.

spec ──► source ─────────────────────────────┐
--host ─► Host ─► Toolchain ─► cross Python ─► environment ─► PEP 517 hooks ─► audit ─► wheel
                               build Python ─┘
"""

from __future__ import annotations

import itertools
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.environment import BuildVenv, PlainEnvironment, make_cross_environment
from crossbuild.errors import AuditError, BackendError, RequirementsError, UsageError
from crossbuild.hooks import Hooks
from crossbuild.interpreter.identity import check_identity
from crossbuild.native import meson
from crossbuild.native.pkgconfig import read_pkg_config_misses
from crossbuild.overlay import refuse_build_machine_libraries
from crossbuild.processes import Runner
from crossbuild.session import Session
from crossbuild.sources.project import Source, parse_spec
from crossbuild.toolchain.record import read_record
from crossbuild.wanted import advise, packages_to_add, tell_what_was_added, wanted_packages
from crossbuild.wheels.audit import audit_wheel
from crossbuild.wheels.retag import finish_wheel
from crossbuild.wheels.runpaths import localise_run_paths
from crossbuild.wheels.summary import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crossbuild.cross import Cross
    from crossbuild.environment import CrossEnvironment
    from crossbuild.options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.libraries import HostLibrary


_MOST_ATTEMPTS = 6
"""How often a build is begun again with more libraries, the first time included."""


@dataclass(frozen=True, kw_only=True)
class BuiltWheel:
    """A wheel that was delivered."""

    path: Path
    name: str
    """The project's normalised name."""
    version: str
    tags: tuple[str, ...]
    """``cp311-cp311-linux_aarch64``; more than one where the file name holds a compressed set."""
    size: int
    """Bytes."""
    sha256: str
    seconds: float
    elf_files: int
    """How many ELF files it holds, each of them checked."""
    host_libraries: tuple[HostLibrary, ...] = ()
    """What the host must have for the wheel to load, its C library aside."""


def build_wheels(
    specs: Sequence[str], *, wheel_dir: Path, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> Iterator[BuiltWheel]:
    """Build the wheels of ``specs`` (requirements, sdists, directories) for the host into ``wheel_dir``.

    Yields each wheel when it is delivered; nothing happens before the first is asked for. A directory is copied, and
    the copy built. Raises the errors of crossbuild.errors; wheels delivered before the one that failed stay.
    """
    return _build_wheels(specs, wheel_dir, options=options, reporter=reporter, environ=environ, through_sdist=False)


def sdist_to_wheel(
    path: Path, *, wheel_dir: Path, options: BuildOptions, reporter: Reporter, environ: Mapping[str, str]
) -> BuiltWheel:
    """Build a wheel from an sdist; a directory is made into an sdist first, in place, by the build Python."""
    specs = [str(path.absolute())]
    wheels = _build_wheels(specs, wheel_dir, options=options, reporter=reporter, environ=environ, through_sdist=True)
    (wheel,) = wheels
    return wheel


def check_host(options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str]) -> dict[str, str]:
    """Prepare everything that builds for the host need, and return what it is, by name.

    Raises the errors of crossbuild.errors for the first thing that is wrong.
    """
    _check_build_machine()
    session = Session.from_options(options, reporter=reporter, environ=environ, through_sdist=False)
    cross = session.cross()
    host, platform = cross.host, cross.host.platform
    check_identity(cross.cross_python.executable, host, environ=None)
    return {
        "host": host.name,
        "Python": "{}.{}.{}{}".format(*host.python_version, host.abi_flags),
        "machine": platform.architecture.name,
        "C library": platform.libc_text,
        "platform tag": platform.wheel_tag,
        "suffix": host.ext_suffix,
        "sysroot": str(host.sysroot or "none"),
        "compilers": f"{cross.toolchain.version} ({cross.compilers.cc})",
        "build Python": str(cross.build_python.executable),
    }


def _build_wheels(
    specs: Sequence[str],
    wheel_dir: Path,
    *,
    options: BuildOptions,
    reporter: Reporter,
    environ: Mapping[str, str],
    through_sdist: bool,
) -> Iterator[BuiltWheel]:
    _check_build_machine()
    parsed = [parse_spec(spec) for spec in specs]
    session = Session.from_options(options, reporter=reporter, environ=environ, through_sdist=through_sdist)
    _check_writable(wheel_dir)
    session.plan()
    with tempfile.TemporaryDirectory(prefix="crossbuild-sources-") as unpacked:
        # Before anything slow: what is wrong with a spec is said at once.
        places = (Path(unpacked, str(number)) for number in itertools.count())
        sources = [session.get_source(spec, into) for spec, into in zip(parsed, places, strict=False)]
        for source in sources:
            wanted = wanted_packages(source, session)
            yield _build_with_libraries(source, wanted, session=session, wheel_dir=wheel_dir)


def _build_with_libraries(
    source: Source,
    wanted: frozenset[str],
    *,
    session: Session,
    wheel_dir: Path,
    added: frozenset[str] = frozenset(),
    attempts: int = 1,
) -> BuiltWheel:
    """Build ``source`` with ``wanted`` and ``added`` in the sysroot; if it lacks more, again with that."""
    packages = wanted | added
    try:
        built = _build(source, cross=session.cross(packages), session=session, wheel_dir=wheel_dir)
    except (BackendError, AuditError) as error:
        advice = advise(error, session.plan(packages), session)
        may_add = session.options.auto_sysroot and attempts < _MOST_ATTEMPTS
        more = packages_to_add(advice, packages, session) if may_add else frozenset()
        if not more:
            error.fix = "\n".join(filter(None, (advice.text, error.fix)))
            raise
        session.reporter.note(f"{source.label} lacked {advice.lacking}: added {', '.join(sorted(more - packages))}")
        if error.kept:
            shutil.rmtree(error.kept, ignore_errors=True)
    else:
        tell_what_was_added(added, source, session)
        return built
    return _build_with_libraries(
        source.unpacked_again(),
        wanted,
        session=session,
        wheel_dir=wheel_dir,
        added=added | more,
        attempts=attempts + 1,
    )


def _build(source: Source, *, cross: Cross, session: Session, wheel_dir: Path) -> BuiltWheel:
    started = time.monotonic()
    step, options = session.reporter.step, session.options
    with _build_directory(keep=options.keep, reporter=session.reporter) as directory:
        venv = BuildVenv(
            directory=directory / "build-venv",
            installer=options.installer,
            runner=Runner(log=directory / "log.txt", reporter=session.reporter),
            environ=session.installer_environ,
        )
        venv.create(cross.build_python.executable)
        if source.sdist is None and session.through_sdist:
            with step(f"Make an sdist of {source.origin}"):
                source = _make_sdist(source, directory=directory, venv=venv, session=session)
        else:
            source = source.brought_below(directory / "source")
        environment = make_cross_environment(
            directory, cross=cross, venv=venv, jobs=session.jobs, environ=session.environ
        )
        hooks = _hooks(source, environment, runner=venv.runner, cross=cross)
        settings = _settings(hooks, environment, session)
        with step(f"Install the build requirements of {source.label}"):
            venv.install(hooks.build_system_requires(), options.build_constraints)
            venv.install(hooks.get_requires("wheel", settings), options.build_constraints)
            refuse_build_machine_libraries(venv.site_packages)
        with step(f"Build {source.label}"):
            built = hooks.build("wheel", directory / "dist", settings)
            if cross.host.sysroot:
                localise_run_paths(built, cross.host.sysroot)
        with step(f"Check {built.name}"):
            report = _audit(built, hooks, cross=cross, environment=environment, directory=directory, session=session)
        wheel = finish_wheel(built, report=report, destination=wheel_dir)
    return _delivered(wheel, report, time.monotonic() - started)


def _make_sdist(source: Source, *, directory: Path, venv: BuildVenv, session: Session) -> Source:
    environment = PlainEnvironment.from_venv(venv, session.environ)
    hooks = Hooks(directory=source.directory, environment=environment, runner=venv.runner, check=lambda: None)
    settings, constraints = session.options.config_settings, session.options.build_constraints
    venv.install(hooks.build_system_requires(), constraints)
    venv.install(hooks.get_requires("sdist", settings), constraints)
    sdist = hooks.build("sdist", directory / "sdist", settings)
    return Source.from_sdist(sdist, into=directory / "source", origin=source.origin)


def _hooks(source: Source, environment: CrossEnvironment, *, runner: Runner, cross: Cross) -> Hooks:
    def check() -> None:
        check_identity(environment.python, cross.host, environ=environment.environ)

    return Hooks(directory=source.directory, environment=environment, runner=runner, check=check)


def _settings(hooks: Hooks, environment: CrossEnvironment, session: Session) -> Mapping[str, str | list[str]]:
    settings = session.options.config_settings
    if meson.is_meson_python(hooks.build_system_requires()):
        return meson.with_cross_file(settings, environment.meson_cross_file, session.jobs)
    return settings


def _audit(
    wheel: Path, hooks: Hooks, *, cross: Cross, environment: CrossEnvironment, directory: Path, session: Session
) -> WheelReport:
    report = audit_wheel(
        wheel,
        cross.host,
        invocations=read_record(environment.record),
        build_paths=[directory, session.cache.root],
        allow_missing_extensions=session.options.allow_missing_extensions,
        backend=hooks.backend(),
    )
    for warning in report.warnings:
        session.reporter.warning(warning)
    if missed := read_pkg_config_misses(environment.record):
        session.reporter.note(f"pkg-config was asked for, and did not find: {', '.join(missed)}")
    if report.host_libraries:
        session.reporter.note(f"It needs on the host: {', '.join(map(str, report.host_libraries))}")
    return report


def _delivered(wheel: Path, report: WheelReport, seconds: float) -> BuiltWheel:
    summary = describe(wheel)
    return BuiltWheel(
        path=wheel,
        name=summary.name,
        version=summary.version,
        tags=summary.tags,
        size=summary.size,
        sha256=summary.sha256,
        seconds=seconds,
        elf_files=len(report.elf_files),
        host_libraries=report.host_libraries,
    )


@contextmanager
def _build_directory(*, keep: bool, reporter: Reporter) -> Iterator[Path]:
    """Give a directory for one build: removed afterwards, unless it is to be kept or tells why the build failed."""
    directory = Path(tempfile.mkdtemp(prefix="crossbuild-")).resolve()
    try:
        yield directory
    except (BackendError, AuditError, RequirementsError) as error:
        error.kept, error.log = directory, directory / "log.txt"
        raise
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    if keep:
        reporter.note(f"The build directory is kept: {directory}")
    else:
        shutil.rmtree(directory, ignore_errors=True)


def _check_build_machine() -> None:
    if sys.platform != "linux":
        raise UsageError(
            f"crossbuild builds on Linux machines; this one is {sys.platform}.",
            fix="Run it on a Linux machine, in a virtual machine or in a container.",
        )


def _check_writable(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The wheel directory {directory} cannot be made.",
            why=str(error),
            fix="Choose another with --wheel-dir.",
        ) from None
