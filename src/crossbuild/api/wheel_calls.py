"""Wheels: built, collected, checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.api.arguments import (
    defaults,
    environ_from,
    options_from,
    path_from,
    request_from,
    selection_from,
    with_tests,
)
from crossbuild.api.host_calls import load_host
from crossbuild.reporting import SilentReporter, packages_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crossbuild.host.model import Host
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.requirements.request import Request
    from crossbuild.testing.tester import WheelTestReport
    from crossbuild.wheelhouse.dry_run import Plan
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.distribution import BuiltWheel


def build_wheel(
    spec: str | Path,
    *,
    host: str | Path,
    wheel_dir: str | Path = ".",
    python: str | None = None,
    toolchain: str | None = None,
    sysroot: str | Path | None = None,
    config_settings: Mapping[str, str | list[str]] | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> BuiltWheel:
    """Build the wheel of ``spec`` for ``host``, check it, and put it into ``wheel_dir``.

    ``spec`` is what the command line takes: a requirement (``"numpy"``, ``"numpy==2.3.*"``, ``"name @ https://…"``), a
    repository (``"git+https://…"``), or the path of an sdist, a directory or a wheel, with a slash in it where it is
    text. A wheel that is there is checked and copied.

    ``host``, ``python`` (``"3.12"``, ``"3.13t"``), ``toolchain``, ``sysroot`` and ``config_settings`` are what the
    command line takes under these names; ``options`` has everything else, and what is said here counts more.
    ``reporter`` hears what happens. ``environ`` is the environment, by default this process's; its variables stand in
    for options that you do not give. A configuration is read where the project has one; that of the working directory
    has to come with ``options``.

    Raises a subclass of :class:`CrossbuildError`; then there is no wheel.
    """
    from crossbuild import frontend

    return frontend.build_wheel(
        spec,
        wheel_dir=Path(wheel_dir),
        options=options_from(
            options, environ, host=host, python=python, toolchain=toolchain, sysroot=sysroot, settings=config_settings
        ),
        reporter=reporter or SilentReporter(),
        environ=environ_from(environ),
    )


def build_wheels(
    specs: str | Path | Iterable[str | Path] = (),
    *,
    host: str | Path,
    wheel_dir: str | Path = ".",
    index_dir: str | Path | None = None,
    lock: str | Path | None = None,
    requirements: str | Path | Iterable[str | Path] = (),
    constraints: str | Path | Iterable[str | Path] = (),
    dependencies: bool = True,
    request: Request | None = None,
    fail_fast: bool = False,
    python: str | None = None,
    toolchain: str | None = None,
    sysroot: str | Path | None = None,
    config_settings: Mapping[str, str | list[str]] | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[BuiltWheel]:
    """Make the wheels of ``specs``, and of all that they require on ``host``, in ``wheel_dir``.

    This is ``crossbuild wheel``. ``specs`` are what it takes: requirements, URLs, and paths of wheels, sdists and
    directories. They are built from source. What they require, and what ``requirements`` list (requirements files and
    lock files), is only built if no wheel fits the host; so are ``specs`` if ``request`` has ``build_named=False``.
    ``dependencies=False`` leaves out what is not named. ``request`` has everything else about what is taken.

    ``index_dir``: a directory for a static index of the wheels, which pip takes as ``--index-url``. ``lock``: the lock
    file (PEP 751) to write in the end. The rest is as for :func:`build_wheel`. Several packages are built at once: a
    reporter that tells them apart is a :class:`ProgressReporter`.

    Yields each wheel when it is delivered; the work is done while you iterate. One failure does not stop the others
    unless ``fail_fast``. Raises a subclass of :class:`CrossbuildError` at the end; delivered wheels stay.
    """
    from crossbuild import frontend
    from crossbuild.wheelhouse.make import Wheelhouse

    reporter = reporter or SilentReporter()
    return frontend.fill_wheelhouse(
        request_from(request, specs, requirements, constraints, dependencies=dependencies, build_named=True),
        Wheelhouse(wheel_dir=Path(wheel_dir), index_dir=path_from(index_dir), lock=path_from(lock)),
        options=options_from(
            options, environ, host=host, python=python, toolchain=toolchain, sysroot=sysroot, settings=config_settings
        ),
        fail_fast=fail_fast,
        reporter=reporter,
        progress=packages_of(reporter),
        environ=environ_from(environ),
    )


def plan_wheels(
    specs: str | Path | Iterable[str | Path] = (),
    *,
    host: str | Path,
    requirements: str | Path | Iterable[str | Path] = (),
    constraints: str | Path | Iterable[str | Path] = (),
    dependencies: bool = True,
    request: Request | None = None,
    python: str | None = None,
    toolchain: str | None = None,
    sysroot: str | Path | None = None,
    config_settings: Mapping[str, str | list[str]] | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> Plan:
    """Return what :func:`build_wheels` would download and build: ``crossbuild wheel --dry-run``.

    The arguments are those of :func:`build_wheels`. Nothing is built, and nothing is written outside of the cache;
    sdists are downloaded to read what they require. A project of which only a build can tell that is in the plan
    without its dependencies.

    Raises a subclass of :class:`CrossbuildError` if versions cannot be chosen. If the host cannot have some of the
    projects, the plan says so, and its ``raise_for_missing()`` raises the error.
    """
    from crossbuild import frontend

    return frontend.plan_wheels(
        request_from(request, specs, requirements, constraints, dependencies=dependencies, build_named=True),
        options=options_from(
            options, environ, host=host, python=python, toolchain=toolchain, sysroot=sysroot, settings=config_settings
        ),
        reporter=reporter or SilentReporter(),
        environ=environ_from(environ),
    )


def make_wheelhouse(
    specs: str | Path | Iterable[str | Path] = (),
    *,
    host: str | Path,
    wheel_dir: str | Path = ".",
    index_dir: str | Path | None = None,
    lock: str | Path | None = None,
    requirements: str | Path | Iterable[str | Path] = (),
    constraints: str | Path | Iterable[str | Path] = (),
    dependencies: bool = True,
    request: Request | None = None,
    fail_fast: bool = False,
    python: str | None = None,
    toolchain: str | None = None,
    sysroot: str | Path | None = None,
    config_settings: Mapping[str, str | list[str]] | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> list[BuiltWheel]:
    """Make the wheels of ``specs``, and of all that they require, as :func:`build_wheels`, and return all of them."""
    wheels = build_wheels(
        specs,
        host=host,
        wheel_dir=wheel_dir,
        index_dir=index_dir,
        lock=lock,
        requirements=requirements,
        constraints=constraints,
        dependencies=dependencies,
        request=request,
        fail_fast=fail_fast,
        python=python,
        toolchain=toolchain,
        sysroot=sysroot,
        config_settings=config_settings,
        options=options,
        reporter=reporter,
        environ=environ,
    )
    return list(wheels)


def sdist_to_wheel(
    path: str | Path,
    *,
    host: str | Path,
    wheel_dir: str | Path = ".",
    python: str | None = None,
    toolchain: str | None = None,
    sysroot: str | Path | None = None,
    config_settings: Mapping[str, str | list[str]] | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> BuiltWheel:
    """Build the wheel of an sdist, or of a directory by way of an sdist, as :func:`build_wheel` does.

    So it shows whether the sdist of the project in a directory has everything that its wheel needs.
    """
    from crossbuild import frontend

    return frontend.sdist_to_wheel(
        Path(path),
        wheel_dir=Path(wheel_dir),
        options=options_from(
            options, environ, host=host, python=python, toolchain=toolchain, sysroot=sysroot, settings=config_settings
        ),
        reporter=reporter or SilentReporter(),
        environ=environ_from(environ),
    )


def rebuild_wheel(
    wheel: str | Path,
    *,
    statement: str | Path | None = None,
    project: str | Path | None = None,
    wheel_dir: str | Path | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> BuiltWheel:
    """Build ``wheel`` again as the statement beside it says, and compare the two: ``crossbuild rebuild``.

    ``statement``: the file with the statement, if it is elsewhere. ``project``: the sdist or the directory that the
    wheel was built from, if the statement has no address of it. ``wheel_dir``: where to put the new wheel, which is
    else only compared. ``options`` have what is not in a statement: where things are on this machine.

    Returns the wheel in ``wheel_dir``, or else ``wheel``. Raises :class:`NotReproducibleError` if they differ,
    :class:`AuditError` if the statement is about another wheel, and other subclasses of :class:`CrossbuildError` if an
    input is gone or is another one.
    """
    from crossbuild import frontend

    # A host that the environment names is no wish about this wheel.
    host = options.host if options else ""
    return frontend.rebuild_wheel(
        Path(wheel),
        statement=path_from(statement),
        project=path_from(project),
        wheel_dir=path_from(wheel_dir),
        options=replace(defaults(options, environ), host=host),
        reporter=reporter or SilentReporter(),
        environ=environ_from(environ),
    )


def check_wheel(
    wheel: str | Path,
    *,
    host: Host | str | Path | None = None,
    python: str | None = None,
    select: Iterable[str] = (),
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> WheelReport:
    """Check every file in ``wheel``, whoever built it, against ``host``, and return what is in it.

    ``host`` may be what :func:`load_host` returned. If it is a platform tag, ``python`` is the wheel's own by default.
    Without one, and none in ``options`` or ``environ``, the wheel is checked for the oldest Python and C library that
    its tags promise; ``python`` has no effect then. ``select``: the IDs of the only findings that count; those that do
    not are in ``options`` (``ignore``).

    Raises AuditError with all problems at once, SourceError if there is no such wheel, UsageError for unknown IDs, and
    what :func:`load_host` raises.
    """
    from crossbuild.wheels.check import check_by_tags
    from crossbuild.wheels.check import check_wheel as check_for
    from crossbuild.wheels.their_python import by_python

    wanted = selection_from(Path(wheel), options, select)
    host = host or defaults(options, environ).host or None
    if isinstance(host, (str, Path)):
        ((options, _),) = by_python([Path(wheel)], options_from(options, environ, host=host, python=python))
        host = load_host(host, python=None, options=options, reporter=reporter, environ=environ)
    return check_for(Path(wheel), host, wanted=wanted) if host else check_by_tags(Path(wheel), wanted=wanted)


def repair_wheel(
    wheel: str | Path,
    *,
    host: str | Path,
    wheel_dir: str | Path = ".",
    python: str | None = None,
    sysroot: str | Path | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> BuiltWheel:
    """Put a copy of ``wheel`` with the libraries that it needs, and that ``host`` does not promise, into ``wheel_dir``.

    They are found in ``sysroot``, as the host's loader would find them. The copy is checked, and gets the tags of the
    host. What stays outside, and whether machine code is stripped, is in ``options`` (``repair``).

    Raises AuditError if it is refused, and a library that is needed cannot come along; SourceError if there is no such
    wheel; and what :func:`load_host` raises.
    """
    from crossbuild import frontend

    (repaired,) = frontend.repair_wheels(
        (Path(wheel),),
        wheel_dir=Path(wheel_dir),
        options=options_from(options, environ, host=host, python=python, sysroot=sysroot),
        reporter=reporter or SilentReporter(),
        environ=environ_from(environ),
    )
    return repaired


def test_wheel(
    wheel: str | Path,
    *,
    host: str | Path,
    command: str = "",
    requires: str | Iterable[str] = (),
    runner: str = "",
    python: str | None = None,
    toolchain: str | None = None,
    sysroot: str | Path | None = None,
    config_settings: Mapping[str, str | list[str]] | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> WheelTestReport:
    """Install ``wheel`` into a throw-away environment for ``host``, run a test there, and return how it ended.

    This is ``crossbuild test``. ``command``, ``requires`` and ``runner`` are its ``--test-command``,
    ``--test-requires`` and ``--runner``; ``options`` has the others (``options.tests``). Without a command, every
    module of the wheel is imported.

    Raises WheelTestError if the test fails, HostError if there is nothing to run it with, AuditError for a wheel that
    does not fit the host, and what installing its requirements raises.
    """
    from crossbuild import frontend

    options = options_from(
        options, environ, host=host, python=python, toolchain=toolchain, sysroot=sysroot, settings=config_settings
    )
    (report,) = frontend.test_wheels(
        [Path(wheel)],
        options=with_tests(options, command=command, requires=requires, runner=runner),
        reporter=reporter or SilentReporter(),
        environ=environ_from(environ),
    )
    return report
