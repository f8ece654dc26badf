"""Build one wheel: its environment, what must be installed, the project's hooks, and the audit."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from crossbuild.advice.host_code import each_once, made_files, uses_in
from crossbuild.advice.host_code_used import noticed_warnings, read_questions, read_uses
from crossbuild.advice.missing_parts import NOT_COPIED
from crossbuild.building.compile_progress import Duration, watched_build
from crossbuild.building.emulated import check_host_code
from crossbuild.building.recording import digest_of, inputs_of
from crossbuild.building.slow_notes import told_when_slow
from crossbuild.building.workspace import Workspace, lay_for_host
from crossbuild.emulation.host_venv import seconds_in_python
from crossbuild.errors import AuditError, BackendError, RequirementsError
from crossbuild.native.build_layout import BuildDirectory
from crossbuild.native.jobserver import own_ninja, write_ninja
from crossbuild.native.pkgconfig import read_pkg_config_misses
from crossbuild.repair.repair import repair
from crossbuild.reproducible.again import restrict_permissions
from crossbuild.reproducible.names import write_fixed_names
from crossbuild.reproducible.steady import steadied
from crossbuild.sources.project import Source
from crossbuild.sources.surroundings import HUGE
from crossbuild.system.filesystem import sha256_of
from crossbuild.system.kept_places import keep_build
from crossbuild.system.scratch import temporary_directory
from crossbuild.toolchain.compile_record import read_dropped, read_record
from crossbuild.toolchain.compilers import TREE_VARIABLE
from crossbuild.toolchain.runtime_libraries import runtime_library
from crossbuild.wheels.audit import Origin, audit
from crossbuild.wheels.check import checked_tags, tell_waived
from crossbuild.wheels.paths import STAND_IN, PathSearch
from crossbuild.wheels.requires_dist import localise_requirements
from crossbuild.wheels.retag import finish_wheel
from crossbuild.wheels.runpaths import host_names, localise_run_paths
from crossbuild.wheels.wheel_contents import read_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from crossbuild.building.hooks import Distribution as Kind
    from crossbuild.building.overlay.provide import HostWheels
    from crossbuild.options.configuration import PackageSettings
    from crossbuild.provenance.inputs import Inputs
    from crossbuild.session.session import Session
    from crossbuild.session.target import Target
    from crossbuild.toolchain.compile_record import Invocation
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.distribution import Distribution
    from crossbuild.wheels.selection import Selection


def build_project(
    source: Source,
    *,
    target: Target,
    session: Session,
    wheel_dir: Path,
    host_wheels: HostWheels,
) -> tuple[Path, WheelReport]:
    """Build the wheel of ``source`` for the host of ``target`` into ``wheel_dir``; return it with what is in it.

    ``host_wheels`` has those of build requirements that are compiled against. Raises BackendError,
    RequirementsError and AuditError with the build directory that was kept, and other errors without.
    """
    reporter, waive, wanted = session.reporter, session.waives(source.project_name), session.wanted(source.project_name)
    duration = Duration.of_build(source.project_name, target.host, session.services.cache)
    with _ready(source, target=target, session=session, host_wheels=host_wheels) as ready:
        place, source, config = ready.place, ready.source, ready.config
        hooks = place.hooks(source.directory)
        with reporter.step(f"Build {source.label}"):
            with told_when_slow(place.directory.record, reporter), watched_build(reporter, duration) as listen:
                built = hooks.heard_by(listen).build("wheel", place.directory.wheels, config)
            check_host_code(place.directory, session)
            _tell_time_in_python(place)
            # Only a directory is built as a copy. A requirement by file: URL then means a file beside the original.
            if source.sdist is None:
                localise_requirements(built, place.directory.sources)
            localise_run_paths(built, host_names(target.host, target.cross_python, place.directory))
        _repair(built, place)
        write_fixed_names(built, _fixed_names(place, source))
        # The audit comes after all corrections, since it has to see what is delivered.
        with reporter.step(f"Check the wheel of {source.label}"):
            report = _audit(built, place, backend=hooks.backend(), waive=waive, wanted=wanted)
        wheel = finish_wheel(built, report=report, destination=wheel_dir, date=place.date)
        # The platform tags come from the audit, so it could not check the wheel's final name.
        report = checked_tags(wheel, report, target.host, Origin.BUILT, waive=waive, wanted=wanted)
        if session.options.provenance:
            ready.inputs().keep(wheel_dir)
    return wheel, replace(report, sha256=sha256_of(wheel))


def project_metadata(source: Source, *, target: Target, session: Session, host_wheels: HostWheels) -> bytes | None:
    """Return the METADATA that the wheel of ``source`` would have; None if its backend can only build.

    Raises what :func:`build_project` raises.
    """
    with _ready(source, target=target, session=session, host_wheels=host_wheels) as ready:
        hooks = ready.place.hooks(ready.source.directory)
        with session.reporter.step(f"Ask the backend of {source.label} what it requires"):
            return hooks.metadata(ready.place.directory.metadata, ready.config)


@dataclass(frozen=True, kw_only=True)
class _Ready:
    """A project that can be built: where, from what, and with which config settings."""

    place: Workspace
    source: Source
    config: Mapping[str, str | list[str]]
    inputs: Callable[[], Inputs]
    """Returns what the build used."""


@contextmanager
def _ready(source: Source, *, target: Target, session: Session, host_wheels: HostWheels) -> Iterator[_Ready]:
    """Give a workspace in which everything is installed that ``source`` needs to be built."""
    settings = session.settings(source)
    with build_directory(session) as directory:
        given = source
        source = source.brought_below(directory.sources, session.services.environ)
        if session.job.is_again and source.sdist is None and source.top:
            restrict_permissions(source.top)
        digest = digest_of(source) if session.options.provenance else {}
        directory.project.symlink_to(source.directory)
        place = Workspace.make(
            directory,
            target=target,
            session=session,
            extra={TREE_VARIABLE: str(source.top), **settings.environment},
            passed=steadied(session.passed(settings), source, session.services.environ),
        )
        for why in source.left_out:
            place.venv.runner.tell(f"{NOT_COPIED}: {why}")
            if why.endswith(HUGE):
                session.reporter.note(f"{NOT_COPIED}: {why}")
        config = place.config(settings)
        # PEP 517 has a hook for the requirements of each. The wheel is built from what the sdist holds, as it would be
        # published: its pyproject.toml can differ from the directory's.
        used: list[Distribution] = []
        if source.through_sdist:
            used += _prepare(source, "sdist", place=place, settings=settings, host_wheels=host_wheels)
            source = _make_sdist(source, place, config)
        used += _prepare(source, "wheel", place=place, settings=settings, host_wheels=host_wheels)
        # Not before the requirements are installed: the ninja on the PATH may be one of them.
        if jobserver := session.job.jobserver:
            write_ninja(directory.bin, jobserver, place.environment.environ, newer=own_ninja())
        inputs = partial(inputs_of, given, place, settings, source_digest=digest, used=used)
        yield _Ready(place=place, source=source, config=config, inputs=inputs)


def _prepare(
    source: Source,
    distribution: Kind,
    *,
    place: Workspace,
    settings: PackageSettings,
    host_wheels: HostWheels,
) -> list[Distribution]:
    """Install everything that building a ``distribution`` from ``source`` needs; return the host's wheels among it."""
    session, hooks = place.session, place.hooks(source.directory)
    with session.reporter.step(f"Install the build requirements of {source.label}"):
        host_requires, used = place.install_for(distribution, hooks, settings, host_wheels)
    return used + lay_for_host(place.venv, host_requires, host=place.target.host, session=session, wheels=host_wheels)


def _make_sdist(source: Source, place: Workspace, config: Mapping[str, str | list[str]]) -> Source:
    """Make an sdist of the project and return it unpacked."""
    with place.session.reporter.step(f"Make an sdist of {source.label}"):
        sdist = place.hooks(source.directory).build("sdist", place.directory.sdists, config)
        return Source.from_sdist(sdist, into=place.directory.sources, origin=source.origin)


def _tell_time_in_python(place: Workspace) -> None:
    if place.session.job.emulation.python:
        seconds = seconds_in_python(place.directory.record)
        place.session.reporter.note(f"The host's Python took {seconds:.0f} s of processor time; all else ran natively")


def _repair(wheel: Path, place: Workspace) -> None:
    """Put into ``wheel`` what its tag does not promise, and take out what only debuggers read."""
    session, target, environ = place.session, place.target, place.environment.environ

    def runtime(soname: str) -> Path | None:
        return runtime_library(soname, target.toolchain, environ)

    repair(wheel, target.host, session.options.repair, runtime=runtime, environ=environ)


def _audit(wheel: Path, place: Workspace, *, backend: str, waive: bool, wanted: Selection) -> WheelReport:
    session, record, host = place.session, place.directory.record, place.target.host
    invocations = read_record(record)
    paths = [place.directory.path, session.services.cache.root, *([host.sysroot] if host.sysroot else [])]
    report = audit(
        read_wheel(wheel, PathSearch.from_paths(paths)),
        host,
        Origin.BUILT,
        invocations=invocations,
        build_paths=paths,
        allow_missing_extensions=session.options.allow_missing_extensions,
        backend=backend,
        waive=waive,
        wanted=wanted,
    )
    tell_waived(report, wheel.name, session.reporter)
    for warning in (*report.warnings, *read_dropped(record), *_noticed(place, invocations)):
        session.reporter.warning(warning)
    if missed := read_pkg_config_misses(record):
        session.reporter.note(f"pkg-config was asked for, and did not find: {', '.join(missed)}")
    if report.host_libraries:
        session.reporter.note(f"It needs on the host: {', '.join(map(str, report.host_libraries))}")
    return report


def _fixed_names(place: Workspace, source: Source) -> dict[Path, str]:
    """Return what the wheel calls the directories of this machine; compilers are told the same names."""
    # Not the directory's name, which is another in everybody's clone.
    tree = {source.top: f"{STAND_IN}/source"} if source.top else {}
    sysroot = {root: f"{STAND_IN}/sysroot"} if (root := place.target.host.sysroot) else {}
    return {
        place.session.services.cache.root: f"{STAND_IN}/cache",
        **sysroot,
        place.target.cross_python.prefix: f"{STAND_IN}/python",
        place.directory.path: STAND_IN,
        **tree,
    }


def _noticed(place: Workspace, invocations: Sequence[Invocation]) -> Iterator[str]:
    """Yield warnings of what the build did here with what is for the host, or asked this machine."""
    record = place.directory.record
    output = place.directory.log.read_text(encoding="utf-8", errors="replace")
    # Where programs cannot be watched, only the shell's complaint tells of them.
    said = uses_in(output, made_files(invocations)) if "Exec format error" in output else ()
    # Where the kernel starts the host's programs, that they ran is no fault.
    starts = bool(place.session.job.emulation.before)
    uses = [use for use in each_once((*read_uses(record, invocations), *said)) if use.verb != "ran" or not starts]
    yield from noticed_warnings(
        uses,
        read_questions(record),
        has_root=place.target.host.sysroot is not None,
        emulated=place.session.job.emulation.level != "none",
    )


def _place(directory: Path, session: Session) -> Path:
    """Return where in ``directory`` to build; nothing may depend on how long the path is."""
    if not session.job.is_again:
        return directory
    place = directory / "in-another-place"
    place.mkdir()
    return place


@contextmanager
def build_directory(session: Session) -> Iterator[BuildDirectory]:
    """Give a directory for one build: removed afterwards, unless it is to be kept or tells why the build failed."""
    with temporary_directory() as directory:
        build = BuildDirectory(path=_place(directory, session))
        try:
            yield build
        except (BackendError, AuditError, RequirementsError) as error:
            if not error.kept:  # otherwise the failure is in the directory of a host requirement
                keep_build(directory, session.services.cache)
                build.explain(error)
            raise
        if session.options.keep:
            keep_build(directory, session.services.cache)
            session.reporter.note(f"The build directory is kept: {directory}")
