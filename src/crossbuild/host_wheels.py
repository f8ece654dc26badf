"""Wheels for the host: of what was asked for, with the libraries that it lacks, and of what is compiled against."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from crossbuild import __version__
from crossbuild.building import build_project, project_metadata
from crossbuild.cache import digest
from crossbuild.distributions import MadeWheel
from crossbuild.errors import AuditError, BackendError, RequirementsError
from crossbuild.toolchain.compilers import SITE_VARIABLE
from crossbuild.wanted import advise, packages_to_add, tell_what_was_added, wanted_packages
from crossbuild.wheels.summary import metadata_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from packaging.requirements import Requirement

    from crossbuild.building import BuiltWheel
    from crossbuild.session import Session
    from crossbuild.sources.project import Source

_PACKAGES = "packages.txt"
"""The file beside a kept wheel with what the sysroot had besides."""
_MOST_ATTEMPTS = 6
"""How often a build is begun again with more libraries, the first time included."""


def build_with_libraries(
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
            source, cross=cross, session=session, wheel_dir=wheel_dir, build_for_host=partial(host_wheel, session)
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
        return replace(built, packages=packages)
    return build_with_libraries(
        source.unpacked_again(),
        wanted,
        session=session,
        wheel_dir=wheel_dir,
        added=added | more,
        attempts=attempts + 1,
    )


def cached_wheel(source: Source, session: Session) -> MadeWheel:
    """Return the host's wheel of ``source``: from the cache, if an sdist was built before with all the same, or built.

    Raises what building raises.
    """
    wanted = wanted_packages(source, session)

    def make(scratch: Path) -> None:
        built = build_with_libraries(source, wanted, session=session, wheel_dir=scratch)
        (scratch / _PACKAGES).write_text("\n".join(sorted(built.packages)), encoding="utf-8")

    key = _key(source, wanted, session)
    was_built = session.cache.path("host-wheels", key).is_dir()
    resting = session.jobserver.resting if session.jobserver else nullcontext
    entry = session.cache.entry("host-wheels", key, make, while_waiting=resting)
    (wheel,) = entry.glob("*.whl")
    packages = frozenset((entry / _PACKAGES).read_text(encoding="utf-8").split())
    if was_built:
        session.reporter.note(f"{source.label} was built before, with all the same; it comes from the cache")
        tell_what_was_added(packages - wanted, source, session)
    return MadeWheel(path=wheel, packages=packages, is_kept=was_built)


def source_metadata(source: Source, session: Session) -> bytes:
    """Return the METADATA that the host's wheel of the sdist ``source`` has, by a hook of its backend or by building.

    It is kept. Raises what building raises.
    """
    wanted = wanted_packages(source, session)
    cross = session.cross(wanted)

    def make(scratch: Path) -> None:
        told = project_metadata(source, cross=cross, session=session, build_for_host=partial(host_wheel, session))
        if told is None:
            told = metadata_of(cached_wheel(source.unpacked_again(), session).path)
        (scratch / "METADATA").write_bytes(told)

    entry = session.cache.entry("wheel-metadata", _key(source, wanted, session), make)
    return (entry / "METADATA").read_bytes()


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
    contents = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    environ, said = session.passed(settings).decisive, vars(replace(settings, pass_env=()))
    prefix = session.cross(frozenset(wanted)).cross_python.prefix
    changes = list(map(str, options.environment_changes))
    chosen = [options.config_settings, sorted(options.host_requires)]
    may = [options.auto_sysroot, options.allow_missing_extensions]
    return digest(__version__, str(source.subdirectory), contents, str(prefix), said, environ, changes, chosen, may)
