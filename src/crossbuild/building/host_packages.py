"""Wheels for the host: of what was asked for, with the libraries that it lacks, and of what is compiled against."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from packaging.utils import canonicalize_name

from crossbuild import __version__
from crossbuild.building.sysroot_packages import advise, packages_to_add, tell_what_was_added, wanted_packages
from crossbuild.building.wheel import build_project, project_metadata
from crossbuild.errors import AuditError, BackendError, RequirementsError
from crossbuild.system.cache import digest
from crossbuild.system.filesystem import sha256_of
from crossbuild.system.scratch import remove_tree
from crossbuild.toolchain.compilers import SITE_VARIABLE
from crossbuild.wheels.distribution import MadeWheel
from crossbuild.wheels.summary import metadata_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from packaging.requirements import Requirement

    from crossbuild.building.wheel import BuiltWheel
    from crossbuild.session.session import Session
    from crossbuild.sources.project import Source

_T = TypeVar("_T")
_METADATA = "wheel-metadata"
"""The kind of cache entry that holds the METADATA of a wheel, as its backend prepared it."""
_PACKAGES = "packages.txt"
"""The file beside a cached wheel or its metadata that lists the packages its sysroot had."""
_MOST_ATTEMPTS = 6
"""How often a build is begun again with more libraries, the first time included."""


def with_libraries(
    attempt: Callable[[Sequence[Source], frozenset[str]], _T],
    sources: Sequence[Source],
    wanted: frozenset[str],
    *,
    session: Session,
    added: frozenset[str] = frozenset(),
    attempts: int = 1,
) -> tuple[_T, frozenset[str]]:
    """Call ``attempt`` with ``sources`` and the packages ``wanted`` and ``added``; return its result, and the packages.

    If libraries are missing, it is called again with their packages in the sysroot, or the error names them. Every hook
    runs inside such an attempt.
    """
    packages = wanted | added
    try:
        return attempt(sources, packages), packages
    except (BackendError, AuditError) as error:
        toolchain = session.target(packages).toolchain
        advice = advise(error, session.plan(packages), session, toolchain=toolchain)
        may_add = session.options.auto_sysroot and attempts < _MOST_ATTEMPTS
        more = packages_to_add(advice, packages, session) if may_add else frozenset()
        if not more:
            error.fix = "\n".join(filter(None, (advice.text, error.fix)))
            raise
        lacked, new = f"lacked {advice.lacking}", ", ".join(sorted(more - packages))
        session.reporter.note(f"{', '.join(source.label for source in sources)} {lacked}: added {new}")
        if error.kept:
            remove_tree(error.kept)
    again = [source.unpacked_again() for source in sources]
    return with_libraries(attempt, again, wanted, session=session, added=added | more, attempts=attempts + 1)


def build_with_libraries(source: Source, wanted: frozenset[str], *, session: Session, wheel_dir: Path) -> BuiltWheel:
    """Build ``source`` with ``wanted`` in the sysroot; tell which missing packages were added."""
    built = _build(source, wanted, session=session, wheel_dir=wheel_dir)
    tell_what_was_added(built.packages - wanted, [source], session)
    return built


def _build(
    source: Source,
    wanted: frozenset[str],
    *,
    session: Session,
    wheel_dir: Path,
    added: frozenset[str] = frozenset(),
) -> BuiltWheel:
    def build(sources: Sequence[Source], packages: frozenset[str]) -> BuiltWheel:
        (one,), target, for_host = sources, session.target(packages), partial(host_wheel, session)
        return build_project(one, target=target, session=session, wheel_dir=wheel_dir, build_for_host=for_host)

    built, packages = with_libraries(build, [source], wanted, session=session, added=added)
    return replace(built, packages=packages)


def cached_wheel(source: Source, session: Session) -> MadeWheel:
    """Return the host's wheel of ``source``: from the cache, if an sdist was built before with all the same, or built.

    Raises what building raises.
    """
    wanted = wanted_packages(source, session)
    made = _kept_wheel(source, wanted, session)
    if made.is_kept:
        session.reporter.note(f"{source.label} is unchanged; using its wheel from the cache")
    tell_what_was_added(made.packages - wanted, [source], session)
    return made


def _kept_wheel(
    source: Source, wanted: frozenset[str], session: Session, added: frozenset[str] = frozenset()
) -> MadeWheel:
    """Return the cached wheel of ``source``, or build it, starting with ``added`` and what its metadata needed."""
    key = _key(source, wanted, session)

    def make(scratch: Path) -> None:
        lacked = added | _kept_packages(session.cache.path(_METADATA, key))
        built = _build(source, wanted, session=session, wheel_dir=scratch, added=lacked)
        _keep_packages(scratch, built.packages)

    was_built = session.cache.path("host-wheels", key).is_dir()
    resting = session.jobserver.resting if session.jobserver else nullcontext
    entry = session.cache.entry("host-wheels", key, make, while_waiting=resting)
    (wheel,) = entry.glob("*.whl")
    return MadeWheel(path=wheel, packages=_kept_packages(entry), is_kept=was_built)


def source_metadata(source: Source, session: Session) -> bytes:
    """Return the METADATA that the host's wheel of the sdist ``source`` has, by a hook of its backend or by building.

    It is cached, with the packages that its sysroot had. Raises what building raises.
    """
    wanted = wanted_packages(source, session)

    def ask(sources: Sequence[Source], packages: frozenset[str]) -> bytes | None:
        (one,), target, for_host = sources, session.target(packages), partial(host_wheel, session)
        return project_metadata(one, target=target, session=session, build_for_host=for_host)

    def make(scratch: Path) -> None:
        told, packages = with_libraries(ask, [source], wanted, session=session)
        if told is None:
            told = metadata_of(_kept_wheel(source.unpacked_again(), wanted, session, packages).path)
        (scratch / "METADATA").write_bytes(told)
        _keep_packages(scratch, packages)

    entry = session.cache.entry(_METADATA, _key(source, wanted, session), make)
    return (entry / "METADATA").read_bytes()


def _keep_packages(directory: Path, packages: frozenset[str]) -> None:
    (directory / _PACKAGES).write_text("\n".join(sorted(packages)), encoding="utf-8")


def _kept_packages(directory: Path) -> frozenset[str]:
    """Return the packages that :func:`_keep_packages` wrote into ``directory``; none if it did not."""
    file = directory / _PACKAGES
    return frozenset(file.read_text(encoding="utf-8").split()) if file.is_file() else frozenset()


def host_wheel(session: Session, requirement: Requirement) -> Path:
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
        try:
            return cached_wheel(source, inner).path
        except (BackendError, AuditError) as error:
            raise _without_host_requirement(requirement, error) from None


def _without_host_requirement(requirement: Requirement, error: BackendError | AuditError) -> RequirementsError:
    refusal = RequirementsError(
        f"{requirement} could not be built for the host: {error.what}",
        why=error.why,
        fix=error.fix,
    )
    refusal.kept, refusal.log = error.kept, error.log
    return refusal


def _key(source: Source, wanted: Collection[str], session: Session) -> str:
    """Return the digest of all that decides what comes out of building the sdist ``source``."""
    options, settings = session.options, session.settings(source)
    site = session.environ.get(SITE_VARIABLE)
    found = sorted(Path(site).parent.glob("wheels/*.whl")) if site else []
    files = [file for file in (source.sdist, *options.build_constraints, *found) if file]
    contents = [sha256_of(file) for file in files]
    environ, said = session.passed(settings).decisive, vars(replace(settings, pass_env=()))
    prefix = session.target(frozenset(wanted)).cross_python.prefix
    changes = list(map(str, options.environment_changes))
    chosen = [options.config_settings, sorted(options.host_requires)]
    may = [options.auto_sysroot, options.allow_missing_extensions, session.waives(source.project_name)]
    return digest(__version__, str(source.subdirectory), contents, str(prefix), said, environ, changes, chosen, may)
