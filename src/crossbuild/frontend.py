"""From a requirement, an sdist or a directory to a verified wheel.

spec ──► source ─────────────────────────────┐
--host ─► Host ─► Toolchain ─► cross Python ─► environment ─► PEP 517 hooks ─► audit ─► wheel
                               build Python ─┘
"""

from __future__ import annotations

import hashlib
import itertools
import shutil
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from crossbuild.building import BuiltWheel, build_project
from crossbuild.cache import digest
from crossbuild.configuration import Configuration
from crossbuild.diagnosis import host, machine
from crossbuild.diagnosis.finding import Finding
from crossbuild.errors import AuditError, BackendError, RequirementsError, UsageError
from crossbuild.export.formats import export_text
from crossbuild.session import Session
from crossbuild.sources.project import parse_spec
from crossbuild.wanted import advise, packages_to_add, tell_what_was_added, wanted_packages

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from packaging.requirements import Requirement

    from crossbuild.host.model import Host
    from crossbuild.options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.sources.project import Source

__all__ = [
    "BuiltWheel",
    "Finding",
    "build_wheels",
    "check_host",
    "check_machine",
    "export_host",
    "load_host",
    "sdist_to_wheel",
]

_MOST_ATTEMPTS = 6
"""How often a build is begun again with more libraries, the first time included."""


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


def load_host(options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str]) -> Host:
    """Return the host in ``options``, all of it: read, lent by the build Python, or measured with its compilers.

    Raises HostError, SysrootError, BuildPythonError or ToolchainError.
    """
    return Session.from_options(options, reporter=reporter, environ=environ, through_sdist=False).host()


def check_host(options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str]) -> list[Finding]:
    """Look at everything that builds for the host in ``options`` need, and prepare it.

    What is wrong is among the findings; it raises nothing on purpose.
    """
    return list(host.check_host(options, reporter=reporter, environ=environ))


def check_machine(options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str]) -> list[Finding]:
    """Look at what this machine has to build with, and if ``options`` have a host, at what builds for it need.

    Raises HostError or UsageError for options that cannot be meant.
    """
    return machine.check_machine(options, reporter=reporter, environ=environ)


def export_host(options: BuildOptions, form: str, *, reporter: Reporter, environ: Mapping[str, str]) -> str:
    """Return the host in ``options`` as the text of a file that another tool reads, in one of export's formats.

    It names files in the cache. Raises the errors of crossbuild.errors.
    """
    session = Session.from_options(options, reporter=reporter, environ=environ, through_sdist=False)
    return export_text(session.cross(), form, session.cache)


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
    options = _with_hosts_of(parsed, options)
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


def _with_hosts_of(specs: Sequence[Requirement | Path], options: BuildOptions) -> BuildOptions:
    """Return ``options`` with the hosts that the directories among ``specs`` give names to."""
    configuration = options.configuration
    for directory in (spec for spec in specs if isinstance(spec, Path) and spec.is_dir()):
        hosts = Configuration.from_project(directory.absolute()).hosts
        configuration = configuration.over(Configuration(hosts=hosts))
    return replace(options, configuration=configuration)


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
    cross = session.cross(packages)
    try:
        built = build_project(
            source, cross=cross, session=session, wheel_dir=wheel_dir, build_for_host=partial(_host_wheel, session)
        )
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


def _host_wheel(session: Session, requirement: Requirement) -> Path:
    """Return the host's wheel of a build requirement, built unless the cache has one of the same making."""
    name = canonicalize_name(requirement.name)
    if name in session.building:
        raise RequirementsError(
            f"To build {requirement.name} for the host, {requirement.name} is needed for the host.",
            why=f"Each is a build requirement of the one before: {', '.join((*session.building, name))}.",
            fix="Give a wheel of one of them for the host, with --find-links.",
        )
    inner = session.for_host_requirement(name)
    with tempfile.TemporaryDirectory(prefix="crossbuild-sources-") as unpacked:
        source = inner.get_source(requirement, Path(unpacked))
        wanted = wanted_packages(source, inner)

        def make(scratch: Path) -> None:
            try:
                _build_with_libraries(source, wanted, session=inner, wheel_dir=scratch)
            except (BackendError, AuditError) as error:
                raise _without_host_requirement(requirement, error) from None

        entry = session.cache.entry("host-wheels", _key_of_host_wheel(requirement, source, wanted, inner), make)
    (wheel,) = entry.glob("*.whl")
    return wheel


def _without_host_requirement(requirement: Requirement, error: BackendError | AuditError) -> RequirementsError:
    refusal = RequirementsError(
        f"{requirement}, which is compiled against, could not be built for the host: {error.what}",
        why=error.why,
        fix=error.fix,
    )
    refusal.kept, refusal.log = error.kept, error.log
    return refusal


def _key_of_host_wheel(requirement: Requirement, source: Source, wanted: Collection[str], session: Session) -> str:
    """Return the digest of all that decides what comes out of building ``source``."""
    options, settings = session.options, vars(session.settings(source))
    files = [file for file in (source.sdist, *options.build_constraints) if file]
    contents = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    flags = [session.environ.get(name) for name in ("CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "RUSTFLAGS")]
    prefix = session.cross(frozenset(wanted)).cross_python.prefix
    changes = list(map(str, options.environment_changes))
    return digest(
        requirement, contents, prefix, settings, flags, changes, options.auto_sysroot, options.allow_missing_extensions
    )


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
